import type { Kernel } from '../kernel/index.js';
import { compileArgument } from './argument-compiler.js';
import type { ArgumentContext } from './context.js';
import { EntryArguments } from './entry-arguments.js';
import type { ProbeArgument, ProbeEvent, ProbeKind, ProbePlace } from './event.js';
import { automaticEventName, parseEventName, type WrittenName } from './event-name.js';
import { expandArgumentWords, expandDentryWords } from './expansion.js';
import type { Judgement } from './judgement.js';
import { recordHeadSize, recordLayout } from './layout.js';
import { LineJudge } from './line-judge.js';
import { listingLine } from './listing.js';
import { parseUnsigned32 } from './numbers.js';
import { type JudgedPlace, judgeFunctionPlace, judgeKprobePlace, judgeTracepointPlace } from './place.js';
import { PrototypeQuery } from './prototype.js';
import { refuse, refuseSilently } from './refusal.js';
import { digitAt, type ProbeSyntax, parseArgument, type TextNode } from './syntax.js';

const longestMaxactive = 63;
const largestMaxactive = 4096;
const mostArguments = 128;

const defaultGroups: Readonly<Record<ProbePlace['kind'], string>> = {
  function: 'fprobes',
  tracepoint: 'tracepoints',
  kprobe: 'kprobes',
  address: 'kprobes',
  uprobe: 'uprobes',
  event: 'eprobes',
};

/** Puts a judged event in place, refusing (by `Refusal`) as the kernel does on clashes and failed registrations. */
export type RegisterEvent = (event: ProbeEvent) => void;

/**
 * Judges an `f`, `t` or kernel `p`/`r` line of at least two words, in the kernel's order (spec 05 section 5).
 * `undefined`: not a kernel probe but a uprobe.
 */
export function judgeKernelProbe(
  syntax: ProbeSyntax,
  kernel: Kernel,
  register: RegisterEvent,
): Judgement | undefined {
  const letter = syntax.kind as 'f' | 't' | 'p' | 'r';
  const judge = new LineJudge(syntax, letter === 'f' || letter === 't' ? 'trace_fprobe' : 'trace_kprobe');
  const words = syntax.command.words;
  const [first, placeWord, ...argWords] = words;
  if (first === undefined || placeWord === undefined) return undefined;

  const maxactive = judge.attempt(() => judgeMaxactive(syntax, letter)) ?? 0;
  if (!judge.failed && (letter === 'p' || letter === 'r') && isUprobePlace(placeWord)) return undefined;
  const place = judge.attempt((): JudgedPlace | undefined => {
    if (letter === 'f') return judgeFunctionPlace(placeWord, argWords);
    if (letter === 't') return judgeTracepointPlace(placeWord, argWords, kernel);
    return judgeKprobePlace(placeWord, letter, kernel);
  });
  if (place !== undefined && maxactive > 0 && !place.isReturn) {
    judge.attempt(() => refuse('BAD_MAXACT_TYPE', 0, 1, 'EINVAL', first.span));
  }
  const name = judge.attempt(() => judgeName(syntax));
  if (place === undefined) return judge.refused();

  const prototype = new PrototypeQuery(kernel, place.functionName, letter === 't' ? 1 : 0);
  const context: ArgumentContext = {
    kernel,
    family: letter === 'f' ? 'fprobe' : letter === 't' ? 'tracepoint' : 'kprobe',
    site: place.site,
    prototype,
    entryArguments: new EntryArguments(),
    eventFields: [],
  };
  const args = compileArguments(judge, argWords, context, recordHeadSize(letter, place.isReturn));
  if (judge.failed || args === undefined) {
    prototype.release();
    return judge.refused();
  }
  const event = createEvent(letter, place, name, maxactive, args, context);
  judge.attempt(() => register(event));
  if (!judge.failed) return { accepted: true, event };
  event[Symbol.dispose]();
  return judge.refused();
}

function judgeMaxactive({ count, command }: ProbeSyntax, letter: string): number {
  if (count === undefined || !digitAt(count.text, 0)) return 0;
  const span = command.words[0]!.span;
  if (letter === 'p') refuse('BAD_MAXACT_TYPE', 0, 1, 'EINVAL', span);
  const value = count.text.length > longestMaxactive ? 'EINVAL' : parseUnsigned32(count.text);
  if (typeof value === 'string' || value === 0) refuse('BAD_MAXACT', 0, 1, 'EINVAL', span);
  if (value > largestMaxactive) refuse('MAXACT_TOO_BIG', 0, 1, 'EINVAL', span);
  return value;
}

function isUprobePlace({ text }: TextNode): boolean {
  return text.includes('/') && text.includes(':');
}

function judgeName({ name, command }: ProbeSyntax): WrittenName {
  if (name === undefined) return { group: undefined, event: undefined };
  return parseEventName(name, 0, name.span.start - command.words[0]!.span.start);
}

/** Expands and compiles all arguments; after the first refusal it goes on, to find what else is wrong. */
export function compileArguments(
  judge: LineJudge,
  written: readonly TextNode[],
  context: ArgumentContext,
  headSize: number,
): ProbeArgument[] | undefined {
  const words = judge.attempt(() => {
    const expanded = expandArgumentWords(written, context);
    const all = expanded ?? written;
    if (all.length > mostArguments) refuseSilently('E2BIG');
    if (!context.kernel.dialect.dentryPath) return all;
    const rewritten = expandDentryWords(all, context.kernel.types);
    // The log shows the written words, unless only `%pd` changed them.
    if (expanded === undefined) judge.shown = [...judge.shown.slice(0, 2), ...rewritten];
    return rewritten;
  });
  const args: ProbeArgument[] = [];
  const names = new Set<string>();
  let size = 0;
  (words ?? written.filter(word => !word.text.startsWith('$arg'))).forEach((word, position) => {
    const soFar = { names, size, headSize };
    const argument = judge.attempt(() => compileArgument(parseArgument(word), position, context, soFar));
    if (argument === undefined) return;
    names.add(argument.name);
    size += argument.size;
    args.push(argument);
  });
  return words === undefined ? undefined : args;
}

function createEvent(
  kind: ProbeKind,
  { place, isReturn }: JudgedPlace,
  name: WrittenName | undefined,
  maxactive: number,
  args: readonly ProbeArgument[],
  { kernel, prototype, entryArguments }: ArgumentContext,
): ProbeEvent {
  const group = name?.group ?? defaultGroups[place.kind];
  const eventName = name?.event ?? automaticEventName(isReturn, place);
  // A kretprobe that is in place shows the number of instances it was given by default.
  const waits = place.kind === 'kprobe' && place.pending;
  const instances =
    maxactive || (place.kind === 'kprobe' && !waits ? Math.max(10, 2 * kernel.possibleCpus) : 0);
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
