import { type Kernel, newestDialect, type RecordLayout, withDialect } from '../../kernel/index.js';
import type { ProbeEvent } from '../event.js';
import { writableEventName } from '../event-name.js';
import type { Accepted, Judgement, Refused } from '../judgement.js';
import { looseLimits } from '../limits.js';
import { ProbeEvents } from '../probe-events.js';
import { lowerArgument } from './lower-argument.js';
import { type LoweredPlace, lowerPlace } from './lower-place.js';
import type {
  EventLowering,
  LoweredArgument,
  LoweredEvent,
  Lowering,
  LoweringRefusal,
  NotLowered,
} from './lowered.js';
import { headWord, judgedName, type LoweredForm, loweredSite, plainDialect } from './site.js';

/** How to lower. */
export interface LoweringOptions {
  /** `plain`: kprobes and byte offsets, as if the kernel knew nothing newer. Default `newest`. */
  readonly form?: LoweredForm;
}

/**
 * Says a definition to `target` in the newest words that this kernel takes (spec 06 section 5, docs/lowering.md). It
 * means what the newest kernels make of it, and may use what every kernel refuses for its limits: arguments of more than
 * 63 characters, members behind more than 16 anonymous ones. Bytes, one per character.
 */
export function lowerDefinition(
  target: Kernel,
  definition: string,
  { form = 'newest' }: LoweringOptions = {},
): Lowering {
  const meant = compileForLowering(target, definition);
  const asWritten = form === 'newest' ? new ProbeEvents(target).define(definition) : undefined;
  const event = meant.accepted ? meant.event : undefined;
  const native = asWritten?.accepted ? asWritten.event : undefined;
  if (native !== undefined && (event === undefined || sameRecords(native.layout, event.layout))) {
    event?.[Symbol.dispose]();
    return { ok: true, event: native, lowered: unchanged(native, definition) };
  }
  native?.[Symbol.dispose]();
  if (event === undefined) return noEvent(meant);
  const lowering = lowerEvent(event, target, { form });
  if (lowering.ok) return { ...lowering, event };
  event[Symbol.dispose]();
  return lowering;
}

/** A definition as the newest kernel with these facts takes it, its limits aside. The caller disposes an accepted event. */
export function compileForLowering(target: Kernel, definition: string): Judgement {
  return new ProbeEvents(withDialect(target, newestDialect), looseLimits).define(definition);
}

/** Says a compiled event to `target`, the kernel whose offsets it was compiled with. */
export function lowerEvent(
  event: ProbeEvent,
  target: Kernel,
  { form = 'newest' }: LoweringOptions = {},
): EventLowering {
  const forms = form === 'plain' ? plainDialect(target.dialect) : target.dialect;
  const place = lowerPlace(event, target, forms);
  if ('code' in place) return notLowered([place]);
  const site = loweredSite(target, forms, place);
  const args: LoweredArgument[] = [];
  const refusals: LoweringRefusal[] = [];
  for (const argument of event.args) {
    const answer = lowerArgument(event, argument, site);
    if ('code' in answer) refusals.push(answer);
    else args.push(answer);
  }
  if (refusals.length > 0) return notLowered(refusals);
  const refused = judgeLines(event, place, args, target);
  if (refused !== undefined) return notLowered([refused]);
  const lowered: LoweredEvent = {
    lines: linesOf(place, `${event.group}/${writableEventName(event.name)}`, args),
    changed: true,
    args,
    tracepoint: place.tracepoint,
    layout: event.layout,
  };
  return { ok: true, lowered };
}

function linesOf(place: LoweredPlace, name: string, args: readonly LoweredArgument[]): string[] {
  const head = headWord(place.kind, place.maxactive, name);
  const words = args.map(argument => ` ${argument.name}=${argument.lowered}`).join('');
  return place.words.map(word => `${head} ${word}${words}`);
}

/** The lines together, in a group where nothing else is. */
function judgeLines(
  event: ProbeEvent,
  place: LoweredPlace,
  args: readonly LoweredArgument[],
  target: Kernel,
): LoweringRefusal | undefined {
  using events = new ProbeEvents(target);
  for (const [index, line] of linesOf(place, judgedName, args).entries()) {
    const judgement = events.define(line);
    const diagnostic = judgement.accepted ? undefined : judgement.diagnostics[0];
    const refused = (why: string): LoweringRefusal => ({
      code: 'refused',
      message: `${place.kind} ${place.words[index]}: ${why}`,
      argument: undefined,
      diagnostic,
    });
    if (!judgement.accepted) return refused(diagnostic?.message ?? `refused with ${judgement.errno}`);
    if (places(judgement.event?.layout) !== places(event.layout))
      return refused('its records have another layout');
  }
  return undefined;
}

/** Where the fields of a record lie. */
function places(layout: RecordLayout | undefined): string | undefined {
  return layout?.fields.map(({ name, offset, size }) => `${name} ${offset} ${size}`).join();
}

/** Do records of both read the same? */
function sameRecords(left: RecordLayout, right: RecordLayout): boolean {
  return places(left) === places(right) && left.printFmt === right.printFmt;
}

function unchanged({ args, layout }: ProbeEvent, definition: string): LoweredEvent {
  return {
    lines: [definition],
    changed: false,
    args: args.map(({ name, body }) => ({ name, original: body, lowered: body })),
    tracepoint: undefined,
    layout,
  };
}

function notLowered(refusals: readonly LoweringRefusal[]): NotLowered {
  return { ok: false, refusals, judgement: undefined };
}

function noEvent(judgement: Accepted | Refused): NotLowered {
  if (judgement.accepted) {
    const message = 'the line defines no event';
    return notLowered([{ code: 'no-form', message, argument: undefined, diagnostic: undefined }]);
  }
  const [diagnostic] = judgement.diagnostics;
  const message = diagnostic?.message ?? `refused with ${judgement.errno}`;
  return {
    ok: false,
    refusals: [{ code: 'definition', message, argument: undefined, diagnostic }],
    judgement,
  };
}
