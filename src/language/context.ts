import type { EventField, Kernel } from '../kernel/index.js';
import type { EntryArguments } from './entry-arguments.js';
import type { ArgumentLimits } from './limits.js';
import type { PrototypeQuery } from './prototype.js';

/** Where a probe stands, as far as arguments care (spec 02). */
export type ProbeSite = 'entry' | 'return' | 'body';

/** What the arguments of one event may use. */
export interface ArgumentContext {
  readonly kernel: Kernel;
  readonly family: 'kprobe' | 'fprobe' | 'tracepoint' | 'uprobe' | 'eprobe';
  readonly site: ProbeSite;
  readonly prototype: PrototypeQuery;
  readonly entryArguments: EntryArguments;
  /** Fields of the attached event, eprobes only. */
  readonly eventFields: readonly EventField[];
  readonly limits: ArgumentLimits;
}

/** Does the probe run in the kernel (and not in a program)? */
export function inKernel(context: ArgumentContext): boolean {
  return context.family !== 'uprobe';
}
