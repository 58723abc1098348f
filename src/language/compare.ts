import type { ProbeEvent, ProbePlace } from './event.js';
import { qualifiedSymbol } from './listing.js';

// When an event may get another probe (spec 01 section 5).

/** Position (from 1) of the first argument in which two events differ; 0 = none. */
export function compareArguments(a: ProbeEvent, b: ProbeEvent): number {
  if (a.args.length !== b.args.length) return Math.min(a.args.length, b.args.length) + 1;
  return (
    a.args.findIndex(({ name, type, count }, i) => {
      const other = b.args[i];
      return other === undefined || name !== other.name || type !== other.type || count !== other.count;
    }) + 1
  );
}

/** The same place and the same argument texts. */
export function samePlaceAndBodies(a: ProbeEvent, b: ProbeEvent): boolean {
  return (
    placeIdentity(a.place) === placeIdentity(b.place) &&
    a.args.every(({ body }, i) => body === b.args[i]?.body)
  );
}

function placeIdentity(place: ProbePlace): string {
  switch (place.kind) {
    case 'function':
      return place.symbol;
    case 'tracepoint':
      return place.tracepoint;
    case 'kprobe':
      return `${qualifiedSymbol(place)}+${place.offset}`;
    case 'address':
      // The kernel compares symbols, and an address has none.
      return 'address';
    case 'uprobe':
      return `${place.identity}:${place.offset}`;
    case 'event':
      return `${place.group}.${place.name}`;
  }
}
