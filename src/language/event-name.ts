import type { Kernel } from '../kernel/index.js';
import { isDigit, isGoodGroupName, isGoodName } from './bytes.js';
import type { Span } from './diagnostic.js';
import type { ProbePlace } from './event.js';
import { refuse } from './refusal.js';
import type { TextNode } from './syntax.js';

/** Bytes of a group or event name, without a NUL. */
export const longestEventName = 63;

/** Group and event as written; `undefined` where left to be chosen. */
export interface WrittenName {
  readonly group: string | undefined;
  readonly event: string | undefined;
}

/**
 * Judges `[GROUP/][EVENT]` (spec 01 section 4). `column` is where the text begins in word `index`.
 */
export function parseEventName(
  name: TextNode,
  index: number,
  column: number,
  { dialect }: Kernel,
): WrittenName {
  const { text } = name;
  const slash = text.indexOf('/');
  const separator = slash < 0 ? text.indexOf('.') : slash;
  const part = (start: number, end = text.length): Span => ({
    start: name.span.start + start,
    end: name.span.start + end,
  });
  let group: string | undefined;
  if (separator >= 0) {
    group = text.slice(0, separator);
    if (group === '') refuse('NO_GROUP_NAME', index, column, 'EINVAL', name.span);
    if (group.length > longestEventName)
      refuse('GROUP_TOO_LONG', index, column, 'EINVAL', part(0, separator));
    if (!isGoodGroupName(group)) refuse('BAD_GROUP_NAME', index, column, 'EINVAL', part(0, separator));
  }
  const event = text.slice(separator + 1);
  const eventColumn = column + separator + 1;
  if (event === '') {
    if (group === undefined || !dialect.manners.groupOnlyNames)
      refuse('NO_EVENT_NAME', index, eventColumn, 'EINVAL', name.span);
    return { group, event: undefined };
  }
  if (event.length > longestEventName)
    refuse('EVENT_TOO_LONG', index, eventColumn, 'EINVAL', part(separator + 1));
  if (!isGoodName(event)) refuse('BAD_EVENT_NAME', index, eventColumn, 'EINVAL', part(separator + 1));
  return { group, event };
}

/** The name an event gets when none is written (spec 01 section 4.1). */
export function automaticEventName(isReturn: boolean, place: ProbePlace): string {
  const letter = isReturn ? 'r' : 'p';
  switch (place.kind) {
    case 'function':
      return sanitize(`${place.symbol}__${isReturn ? 'exit' : 'entry'}`);
    case 'tracepoint':
      return sanitize((isDigit(place.tracepoint.charCodeAt(0)) ? '_' : '') + place.tracepoint);
    case 'kprobe': {
      const module = place.module === undefined ? '' : `${place.module}:`;
      return sanitize(`${letter}_${module}${place.symbol}_${place.offset}`);
    }
    case 'address':
      // The kernel prints a hashed pointer here; with no_hash_pointers, the address itself.
      return sanitize(`${letter}_0x${place.address.toString(16).padStart(16, '0')}`);
    case 'uprobe': {
      const tail = place.path.slice(place.path.lastIndexOf('/') + 1);
      return `p_${tail.split(/[.\-_]/, 1)[0]}_0x${place.offset.toString(16)}`.slice(0, longestEventName);
    }
    case 'event':
      return place.name;
  }
}

/** An automatic name as one that may be written: patterns leave `?` and `[` in it, which nobody may write. */
export function writableEventName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}

/** Cuts to the longest name, then replaces what the kernel replaces: `:` `.` `*`, but not in front. */
function sanitize(name: string): string {
  const cut = name.slice(0, longestEventName);
  return cut.slice(0, 1) + cut.slice(1).replace(/[:.*]/g, '_');
}
