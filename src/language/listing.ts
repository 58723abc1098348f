import type { ProbeArgument, ProbeKind, ProbePlace } from './event.js';

/** What a listed line says of an event besides its arguments. */
export interface ListedEvent {
  readonly kind: ProbeKind;
  readonly isReturn: boolean;
  readonly group: string;
  readonly name: string;
  readonly place: ProbePlace;
  /** 0 = none to show. */
  readonly maxactive: number;
  readonly args: readonly ProbeArgument[];
}

/** The line of `dynamic_events` (spec 01 section 7). */
export function listingLine(event: ListedEvent): string {
  const count = event.isReturn && event.maxactive !== 0 ? String(event.maxactive) : '';
  const args = event.args.map(({ name, body }) => ` ${name}=${body}`).join('');
  return `${listedLetter(event)}${count}:${event.group}/${event.name} ${listedPlace(event)}${args}`;
}

/** `%return` on a `p` lists as `r`. */
function listedLetter({ kind, isReturn }: ListedEvent): string {
  if (kind === 'p' || kind === 'r') return isReturn ? 'r' : 'p';
  return kind;
}

/** The place as listings show it. */
export function listedPlace({ place, isReturn }: Pick<ListedEvent, 'place' | 'isReturn'>): string {
  switch (place.kind) {
    case 'function':
      return isReturn ? `${place.symbol}%return` : place.symbol;
    case 'tracepoint':
      return isReturn ? `${place.tracepoint}%return` : place.tracepoint;
    case 'kprobe':
      return qualifiedSymbol(place) + (place.offset > 0 ? `+${place.offset}` : '');
    case 'address':
      return `0x${(place.site ?? place.address).toString(16).padStart(16, '0')}`;
    case 'uprobe':
      return userPlaceText(place);
    case 'event':
      return `${place.group}.${place.name}`;
  }
}

/** `PATH:OFFSET[(COUNTER)]`. */
export function userPlaceText({ path, offset, refCounter }: ProbePlace & { kind: 'uprobe' }): string {
  const counter = refCounter === 0n ? '' : `(0x${refCounter.toString(16)})`;
  return `${path}:0x${offset.toString(16).padStart(16, '0')}${counter}`;
}

/** `[MODULE:]SYMBOL`. */
export function qualifiedSymbol({
  module,
  symbol,
}: {
  readonly module: string | undefined;
  readonly symbol: string;
}): string {
  return module === undefined ? symbol : `${module}:${symbol}`;
}
