import type { EventField, Kernel } from '../kernel/index.js';
import type { Word } from './command.js';
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
import type { ProbeArgument, ProbePlace } from './event.js';
import { judgeFilter } from './event-filter.js';
import { parseEventName } from './event-name.js';
import type { Judgement } from './judgement.js';
import { recordHeadSize } from './layout.js';
import { kernelLimits } from './limits.js';
import { LineJudge } from './line-judge.js';
import { PrototypeQuery } from './prototype.js';
import { Refusal, refuse, refuseSilently } from './refusal.js';
import { resolveSymbols } from './registration.js';
import type { ProbeSyntax } from './syntax.js';

/** Fields of an event that an eprobe may attach to; `undefined`: there is none of that name. */
export type FindAttachable = (group: string, name: string) => readonly EventField[] | undefined;

/** Judges an `e` line of at least two words, in the kernel's order (spec 05 section 5). */
export function judgeEventProbe(
  syntax: ProbeSyntax,
  kernel: Kernel,
  findAttachable: FindAttachable,
  register: RegisterEvent,
): Judgement {
  const [, placeWord, ...rest] = syntax.command.words;
  const judge = new LineJudge(syntax, 'event_probe', kernel);
  const name = judge.attempt(() => judgeName(syntax, kernel));
  const place = judge.attempt(() => judgeEventPlace(placeWord!, kernel));
  const { argWords, filter } = splitFilter(rest, kernel);
  const fields = judge.attempt(() => {
    withinLimit(argWords, kernel);
    const found = place && findAttachable(place.group, place.name);
    if (found === undefined && place !== undefined)
      refuse('BAD_ATTACH_EVENT', 1, 0, 'ENODEV', placeWord?.span);
    return found;
  });
  if (filter !== undefined && fields !== undefined) {
    judge.attempt(() => judgeFilter(filter, argWords.length + 3, fields, kernel));
  }

  const context: ArgumentContext = {
    kernel,
    family: 'eprobe',
    site: 'body',
    prototype: new PrototypeQuery(kernel, undefined, 0),
    entryArguments: new EntryArguments(),
    eventFields: fields ?? [],
    limits: kernelLimits,
  };
  const resolve = (argument: ProbeArgument): void => {
    const errno = resolveSymbols([argument], kernel);
    if (errno !== undefined) refuseSilently(errno);
  };
  const args = compileArguments(
    judge,
    fields === undefined ? [] : withinLimit(argWords, kernel),
    context,
    recordHeadSize('e', false),
    resolve,
  );
  if (judge.failed || place === undefined) return judge.refused();
  const event = createEvent('e', { place, isReturn: false }, name ?? unnamed, 0, args, context);
  judge.attempt(() => register(event));
  return judge.failed ? judge.refused() : { accepted: true, event };
}

function judgeEventPlace(word: Word, kernel: Kernel): ProbePlace & { kind: 'event' } {
  const info = { code: 'NO_EVENT_INFO', column: { index: 1, offset: 0 } } as const;
  try {
    const { group, event } = parseEventName(word, 1, 0, kernel);
    if (group !== undefined && event !== undefined) return { kind: 'event', group, name: event };
  } catch (error) {
    // What is wrong with the name is logged first, that it is no event second.
    if (error instanceof Refusal) throw new Refusal('EINVAL', [...error.entries, info], word.span);
    throw error;
  }
  throw new Refusal('EINVAL', [info], word.span);
}

/** Words behind the first `if` are a filter on the attached event. */
function splitFilter(
  words: readonly Word[],
  { dialect }: Kernel,
): { argWords: readonly Word[]; filter: readonly Word[] | undefined } {
  const at = dialect.eprobeFilter ? words.findIndex(word => word.text === 'if') : -1;
  return at < 0
    ? { argWords: words, filter: undefined }
    : { argWords: words.slice(0, at), filter: words.slice(at + 1) };
}
