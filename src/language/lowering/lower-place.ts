import { type Dialect, isFilterPattern, type Kernel } from '../../kernel/index.js';
import type { ProbeEvent } from '../event.js';
import { listedPlace } from '../listing.js';
import type { BusyTracepoint, LoweringRefusal } from './lowered.js';

/** Where the lowered lines go. */
export interface LoweredPlace {
  readonly kind: 'f' | 't' | 'p' | 'r';
  readonly isReturn: boolean;
  /** Return instances; 0 = not written. */
  readonly maxactive: number;
  /** The second word of each line. */
  readonly words: readonly [string, ...string[]];
  readonly tracepoint: BusyTracepoint | undefined;
}

/** Says an event's place in the kind of probe that `forms` have, or why there is none. */
export function lowerPlace(
  event: ProbeEvent,
  target: Kernel,
  forms: Dialect,
): LoweredPlace | LoweringRefusal {
  const { place, isReturn } = event;
  switch (place.kind) {
    case 'function':
      return lowerFunction(event, place.symbol, target, forms);
    case 'tracepoint':
      return lowerTracepoint(event, place.tracepoint, target, forms);
    case 'kprobe':
    case 'address':
      return {
        kind: isReturn ? 'r' : 'p',
        isReturn,
        maxactive: writtenMaxactive(event, target),
        words: [listedPlace(event)],
        tracepoint: undefined,
      };
    case 'uprobe':
    case 'event':
      return noForm('only probes on kernel functions and tracepoints (f, t, p, r) are lowered');
    default:
      return place satisfies never;
  }
}

function lowerFunction(
  event: ProbeEvent,
  symbol: string,
  target: Kernel,
  forms: Dialect,
): LoweredPlace | LoweringRefusal {
  const { isReturn, maxactive } = event;
  const shared = { isReturn, maxactive, tracepoint: undefined };
  if (forms.fprobe) return { ...shared, kind: 'f', words: [listedPlace(event)] };
  const kind = isReturn ? 'r' : 'p';
  if (!isFilterPattern(symbol)) return { ...shared, kind, words: [symbol] };
  if (!target.functions.namesKnown)
    return noForm(`which functions ${symbol} stands for is not known of this kernel`);
  const [first, ...rest] = target.functions.match(symbol);
  if (first === undefined) return noForm(`no function matches ${symbol}`);
  return { ...shared, kind, words: [first, ...rest] };
}

function lowerTracepoint(
  event: ProbeEvent,
  tracepoint: string,
  target: Kernel,
  forms: Dialect,
): LoweredPlace | LoweringRefusal {
  const shared = { isReturn: false, maxactive: 0 };
  if (forms.tprobe) return { ...shared, kind: 't', words: [listedPlace(event)], tracepoint: undefined };
  const iterator = `__traceiter_${tracepoint}`;
  if (!target.symbols.find(iterator).length)
    return noForm(`the kernel has no iterator of the tracepoint ${tracepoint}`);
  const busy = traceEventOf(tracepoint, target);
  if (busy === undefined)
    return noForm(`no trace event listens to the tracepoint ${tracepoint}: only eBPF can attach to it there`);
  return { ...shared, kind: 'p', words: [iterator], tracepoint: { tracepoint, event: busy } };
}

/** The kernel's own event of that name: somebody's probe or eprobe may have the same, made later. */
function traceEventOf(
  tracepoint: string,
  { events }: Kernel,
): { readonly group: string; readonly name: string } | undefined {
  const found = events
    .names()
    .filter(name => name.endsWith(`/${tracepoint}`))
    .map(name => {
      const group = name.slice(0, -tracepoint.length - 1);
      return { group, layout: events.find(group, tracepoint) };
    })
    .filter(({ layout }) => !layout?.fields.some(({ name }) => name.startsWith('__probe_')))
    .sort((left, right) => (left.layout?.id ?? 0) - (right.layout?.id ?? 0));
  return found[0] && { group: found[0].group, name: tracepoint };
}

/** A kretprobe in place lists the number that it got without asking. */
function writtenMaxactive({ isReturn, maxactive }: ProbeEvent, { possibleCpus }: Kernel): number {
  return !isReturn || maxactive === Math.max(10, 2 * possibleCpus) ? 0 : maxactive;
}

function noForm(message: string): LoweringRefusal {
  return { code: 'no-form', message, argument: undefined, diagnostic: undefined };
}
