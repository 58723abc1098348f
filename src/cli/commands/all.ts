import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';

/** Describes commands to commander; `done` is called when one of them has run. */
export type AddCommands = (program: Command, done: (code: ExitCode) => void) => void;

/** The commands in the order of the help. */
const descriptions: readonly { readonly names: readonly string[]; load(): Promise<AddCommands> }[] = [
  { names: ['check'], load: async () => (await import('./check.js')).addCheck },
  { names: ['explain'], load: async () => (await import('./explain.js')).addExplain },
  { names: ['lower'], load: async () => (await import('./lower.js')).addLower },
  { names: ['trace'], load: async () => (await import('./trace.js')).addTrace },
  { names: ['report'], load: async () => (await import('./report.js')).addReport },
  { names: ['record'], load: async () => (await import('./record.js')).addRecord },
  { names: ['plan'], load: async () => (await import('./plan.js')).addPlan },
  { names: ['doctor'], load: async () => (await import('./doctor.js')).addDoctor },
  { names: ['list', 'clean'], load: async () => (await import('./leftovers.js')).addLeftovers },
  { names: ['ask'], load: async () => (await import('./ask.js')).addAsk },
  { names: ['bundle'], load: async () => (await import('./bundle.js')).addBundle },
  { names: ['demo'], load: async () => (await import('./demo.js')).addDemo },
];

/**
 * The description of the command that a command line begins with, or of all where it begins with none: one start does not pay
 * for the others. What a command does is loaded when it runs.
 */
export async function commandsFor(word: string | undefined): Promise<readonly AddCommands[]> {
  const named = descriptions.filter(({ names }) => word !== undefined && names.includes(word));
  return await Promise.all((named.length > 0 ? named : descriptions).map(({ load }) => load()));
}
