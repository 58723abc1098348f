import { splitCommand } from './command.js';
import type { ProbeEvent } from './event.js';
import { qualifiedSymbol, userPlaceText } from './listing.js';

/** What a deletion names (spec 01 section 9). */
export interface Deletion {
  /** `undefined`: any group. */
  readonly group: string | undefined;
  /** Empty: every event of the group. */
  readonly event: string;
  /** Exact text of the place; `undefined`: any. */
  readonly place: string | undefined;
  /** `NAME=BODY` as listed; a prefix of the event's arguments. */
  readonly args: readonly string[];
}

/** Parses `-:[GRP/][EV] [PLACE [ARG...]]` or the same behind `!...`; an errno where the line is malformed. */
export function parseDeletion(line: string): Deletion | 'EINVAL' {
  const [first, place, ...args] = splitCommand(line).words.map(word => word.text);
  if (first === undefined) return 'EINVAL';
  const colon = first.startsWith('-') ? (first[1] === ':' ? 1 : -1) : first.indexOf(':');
  if (colon < 0) return 'EINVAL';
  const name = first.slice(colon + 1);
  const slash = name.indexOf('/');
  if (slash < 0 && name === '') return 'EINVAL';
  return { group: slash < 0 ? undefined : name.slice(0, slash), event: name.slice(slash + 1), place, args };
}

/** Does a deletion name this event? */
export function matchesDeletion(event: ProbeEvent, { group, event: name, place, args }: Deletion): boolean {
  if (group !== undefined && group !== event.group) return false;
  if (name !== '' && name !== event.name) return false;
  if (place !== undefined && !placeTexts(event).includes(place)) return false;
  return args.every((text, i) => {
    const argument = event.args[i];
    return argument !== undefined && text === `${argument.name}=${argument.body}`;
  });
}

function placeTexts({ place }: ProbeEvent): string[] {
  switch (place.kind) {
    case 'function':
      return [place.symbol];
    case 'tracepoint':
      return [place.tracepoint];
    case 'kprobe':
      return [qualifiedSymbol(place) + (place.offset > 0 ? `+${place.offset}` : '')];
    case 'address':
      return [`0x${place.address.toString(16)}`];
    case 'uprobe':
      return [userPlaceText(place)];
    case 'event':
      return [`${place.group}.${place.name}`, `${place.group}/${place.name}`];
  }
}
