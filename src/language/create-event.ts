import type { Kernel } from '../kernel/index.js';
import { compileArgument } from './argument-compiler.js';
import type { ArgumentContext } from './context.js';
import type { ProbeArgument, ProbeEvent, ProbeKind, ProbePlace } from './event.js';
import { automaticEventName, parseEventName, type WrittenName } from './event-name.js';
import { recordLayout } from './layout.js';
import type { LineJudge } from './line-judge.js';
import { listingLine } from './listing.js';
import type { JudgedPlace } from './place.js';
import { refuseSilently } from './refusal.js';
import { type ProbeSyntax, parseArgument, type TextNode } from './syntax.js';

// What every kind of probe has in common: its name, its arguments, the event made of both.

/** Most arguments of an event, after expansion. */
const mostArguments = 128;

/** The words that become arguments: where there are too many, they are refused, or those beyond dropped. */
export function withinLimit(words: readonly TextNode[], { dialect }: Kernel): readonly TextNode[] {
  if (words.length <= mostArguments) return words;
  if (!dialect.manners.dropsExtraArguments) refuseSilently('E2BIG');
  return words.slice(0, mostArguments);
}

/** Puts a judged event in place, refusing (by `Refusal`) as the kernel does on clashes and failed registrations. */
export type RegisterEvent = (event: ProbeEvent) => void;

/** Nothing written: group and event are chosen by the kernel. */
export const unnamed: WrittenName = { group: undefined, event: undefined };

const defaultGroups: Readonly<Record<ProbePlace['kind'], string>> = {
  function: 'fprobes',
  tracepoint: 'tracepoints',
  kprobe: 'kprobes',
  address: 'kprobes',
  uprobe: 'uprobes',
  event: 'eprobes',
};

/** Judges the name written in word 0. */
export function judgeName({ name, command }: ProbeSyntax, kernel: Kernel): WrittenName {
  if (name === undefined) return unnamed;
  return parseEventName(name, 0, name.span.start - command.words[0]!.span.start, kernel);
}

/**
 * Compiles argument words left to right; after a refusal it goes on, to find what else is wrong. `check` sees each
 * argument as soon as it is compiled and may refuse it.
 */
export function compileArguments(
  judge: LineJudge,
  words: readonly TextNode[],
  context: ArgumentContext,
  headSize: number,
  check?: (argument: ProbeArgument) => void,
): ProbeArgument[] {
  const args: ProbeArgument[] = [];
  const names = new Set<string>();
  let size = 0;
  words.forEach((word, position) => {
    const soFar = { names, size, headSize };
    const argument = judge.attempt(() => {
      const compiled = compileArgument(parseArgument(word), position, context, soFar);
      check?.(compiled);
      return compiled;
    });
    if (argument === undefined) return;
    names.add(argument.name);
    size += argument.size;
    args.push(argument);
  });
  return args;
}

/** The event of a line in which nothing was refused. It takes over what the prototype look-up holds. */
export function createEvent(
  kind: ProbeKind,
  { place, isReturn }: Pick<JudgedPlace, 'place' | 'isReturn'>,
  name: WrittenName,
  maxactive: number,
  args: readonly ProbeArgument[],
  { kernel, prototype, entryArguments }: ArgumentContext,
): ProbeEvent {
  const group = name.group ?? defaultGroups[place.kind];
  const eventName = name.event ?? automaticEventName(isReturn, place);
  // A kretprobe that is in place shows the number of instances it was given by default.
  const inPlace =
    place.kind === 'kprobe' ? !place.pending : place.kind === 'address' && place.site !== undefined;
  const instances = maxactive <= 0 && inPlace ? Math.max(10, 2 * kernel.possibleCpus) : maxactive;
  const held = prototype.take();
  const listed = { kind, isReturn, group, name: eventName, place, maxactive: instances, args };
  return {
    ...listed,
    entryProgram: entryArguments.program(),
    layout: recordLayout(group, eventName, kind, isReturn, args),
    prototype: held,
    listing: listingLine(listed),
    [Symbol.dispose]: () => held?.[Symbol.dispose](),
  };
}
