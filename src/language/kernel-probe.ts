import type { Kernel } from '../kernel/index.js';
import type { ArgumentContext } from './context.js';
import {
  compileArguments,
  createEvent,
  judgeName,
  type RegisterEvent,
  unnamed,
  withinLimit,
} from './create-event.js';
import { EntryArguments } from './entry-arguments.js';
import type { ProbeArgument } from './event.js';
import { expandArgumentWords, expandDentryWords } from './expansion.js';
import type { Judgement } from './judgement.js';
import { recordHeadSize } from './layout.js';
import type { ArgumentLimits } from './limits.js';
import { LineJudge } from './line-judge.js';
import { parseUnsigned32 } from './numbers.js';
import {
  type JudgedPlace,
  judgeFunctionPlace,
  judgeKprobePlace,
  judgeTracepointPlace,
  refuseUnknownTracepoint,
} from './place.js';
import { PrototypeQuery } from './prototype.js';
import { refuse } from './refusal.js';
import { resolveSymbols } from './registration.js';
import { digitAt, type ProbeSyntax, type TextNode } from './syntax.js';

const longestMaxactive = 63;
const largestMaxactive = 4096;

/**
 * Judges an `f`, `t` or kernel `p`/`r` line of at least two words, in the kernel's order (spec 05 section 5).
 * `undefined`: not a kernel probe but a uprobe.
 */
export function judgeKernelProbe(
  syntax: ProbeSyntax,
  kernel: Kernel,
  register: RegisterEvent,
  limits: ArgumentLimits,
): Judgement | undefined {
  const letter = syntax.kind as 'f' | 't' | 'p' | 'r';
  const judge = new LineJudge(
    syntax,
    letter === 'f' || letter === 't' ? 'trace_fprobe' : 'trace_kprobe',
    kernel,
  );
  const words = syntax.command.words;
  const [first, placeWord, ...argWords] = words;
  if (first === undefined || placeWord === undefined) return undefined;

  const maxactive = judge.attempt(() => judgeMaxactive(syntax, letter, kernel)) ?? 0;
  if (!judge.failed && (letter === 'p' || letter === 'r') && isUprobePlace(placeWord)) return undefined;
  const place = judge.attempt((): JudgedPlace | undefined => {
    if (letter === 'f') return judgeFunctionPlace(placeWord, argWords);
    if (letter === 't') return judgeTracepointPlace(placeWord, argWords, kernel);
    return judgeKprobePlace(placeWord, letter, kernel);
  });
  if (place !== undefined && maxactive !== 0 && !place.isReturn) {
    judge.attempt(() => refuse('BAD_MAXACT_TYPE', 0, 1, 'EINVAL', first.span));
  }
  const name = judge.attempt(() => judgeName(syntax, kernel));
  if (place !== undefined) judge.attempt(() => refuseUnknownTracepoint(place, placeWord, kernel));
  if (place === undefined) return judge.refused();

  const prototype = new PrototypeQuery(kernel, place.functionName, letter === 't' ? 1 : 0);
  const context: ArgumentContext = {
    kernel,
    family: letter === 'f' ? 'fprobe' : letter === 't' ? 'tracepoint' : 'kprobe',
    site: place.site,
    prototype,
    entryArguments: new EntryArguments(),
    eventFields: [],
    limits,
  };
  const args = compileExpanded(judge, argWords, context, recordHeadSize(letter, place.isReturn));
  if (judge.failed) {
    prototype.release();
    return judge.refused();
  }
  const event = createEvent(letter, settle(place, args, kernel), name ?? unnamed, maxactive, args, context);
  judge.attempt(() => register(event));
  if (!judge.failed) return { accepted: true, event };
  event[Symbol.dispose]();
  return judge.refused();
}

/** A probe by address whose `@SYM` arguments are not there yet is not put in place. */
function settle(judged: JudgedPlace, args: readonly ProbeArgument[], kernel: Kernel): JudgedPlace {
  const { place } = judged;
  if (place.kind !== 'address' || resolveSymbols(args, kernel) !== 'ENOENT') return judged;
  return { ...judged, place: { ...place, site: undefined } };
}

function judgeMaxactive({ count, command }: ProbeSyntax, letter: string, { dialect }: Kernel): number {
  if (count === undefined || !digitAt(count.text, 0)) return 0;
  const span = command.words[0]!.span;
  if (letter === 'p') refuse(dialect.manners.maxactiveOnProbe, 0, 1, 'EINVAL', span);
  const value = count.text.length > longestMaxactive ? 'EINVAL' : parseUnsigned32(count.text);
  if (typeof value === 'string' || value === 0) refuse('BAD_MAXACT', 0, 1, 'EINVAL', span);
  // The kernel compares it as a signed number: the upper half of the range is small to it.
  const signed = value | 0;
  if (signed > largestMaxactive) refuse('MAXACT_TOO_BIG', 0, 1, 'EINVAL', span);
  return signed;
}

function isUprobePlace({ text }: TextNode): boolean {
  return text.includes('/') && text.includes(':');
}

/** Expands and compiles all arguments. */
function compileExpanded(
  judge: LineJudge,
  written: readonly TextNode[],
  context: ArgumentContext,
  headSize: number,
): ProbeArgument[] {
  const words = judge.attempt(() => {
    const expanded = expandArgumentWords(written, context);
    const all = withinLimit(expanded ?? written, context.kernel);
    if (!context.kernel.dialect.dentryPath) return all;
    const rewritten = expandDentryWords(all, context.kernel.types);
    // The log shows the written words, unless only `%pd` changed them.
    if (expanded === undefined) judge.shown = [...judge.shown.slice(0, 2), ...rewritten];
    return rewritten;
  });
  return compileArguments(
    judge,
    words ?? written.filter(word => !word.text.startsWith('$arg')),
    context,
    headSize,
  );
}
