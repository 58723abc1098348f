import type { EventField } from '../../kernel/index.js';
import { fromByteString, parseDefinition } from '../../language/index.js';
import {
  EventShape,
  isInFile,
  type PageRecord,
  type SymbolNames,
  type TracedEvent,
} from '../../records/index.js';

/** How sure it is that an entry has a return. */
export type Pairing = 'paired' | 'unknown' | 'never';

/** What a record is to the calls of its thread. */
export interface CallSite {
  readonly kind: 'entry' | 'return';
  /** The same for an entry and its return. */
  readonly key: string;
  /** What calls are named: the function, or the system call. */
  readonly name: string;
  readonly pairing: Pairing;
}

/** What an event is to calls. */
type Role =
  | {
      readonly kind: 'entry' | 'return';
      /** Where the function's address is. */
      readonly address: EventField;
      readonly target: Target | undefined;
      readonly name: string;
      readonly pairing: Pairing;
    }
  | { readonly kind: 'fixed'; readonly site: CallSite };

/** The place that a definition names. */
interface Target {
  readonly text: string;
  /** May be several functions. */
  readonly isPattern: boolean;
  /** Is it behind the function's start? */
  readonly isInside: boolean;
}

/**
 * An entry probe sits at most this many bytes behind the start of its function: behind the landing pad for indirect calls
 * and the call of the tracer.
 */
const ENTRY_ROOM = 16n;
const MOST_PLACES = 1 << 16;

interface Place {
  /** Address of the function. */
  readonly start: bigint;
  readonly offset: bigint;
  readonly name: string | undefined;
}

/**
 * Finds which records enter a function and which return from it: probe events by the addresses in them, and the events of
 * system calls by their names.
 */
export class CallSites {
  readonly #roles = new Map<TracedEvent, Role | undefined>();
  readonly #symbols: SymbolNames;
  readonly #littleEndian: boolean;
  readonly #places = new Map<bigint, Place>();

  constructor(events: Iterable<TracedEvent>, symbols: SymbolNames, littleEndian: boolean) {
    this.#symbols = symbols;
    this.#littleEndian = littleEndian;
    const known = [...events].map(event => ({ event, shape: new EventShape(event, littleEndian) }));
    const returns = known.filter(({ shape }) => shape.func !== undefined).map(({ event }) => event);
    const names = new Set(known.map(({ event: { group, name } }) => `${group}/${name}`));
    for (const { event, shape } of known) this.#roles.set(event, roleOf(event, shape, returns, names));
  }

  /** What the record is to calls; `undefined`: it stands alone. */
  of(record: PageRecord): CallSite | undefined {
    const role = this.#roles.get(record.event);
    if (role === undefined) return undefined;
    if (role.kind === 'fixed') return role.site;
    const { kind, address: field, target, pairing } = role;
    const at = record.start + field.offset;
    if (at + field.size > record.end) return undefined;
    const address =
      field.size === 8
        ? record.view.getBigUint64(at, this.#littleEndian)
        : BigInt(record.view.getUint32(at, this.#littleEndian));
    if (isInFile(record.event.definition)) {
      return { kind, key: `${record.event.group} ${address}`, name: role.name, pairing };
    }
    const place = this.#placeOf(address);
    if (kind === 'entry' && target === undefined && place.offset > ENTRY_ROOM) return undefined;
    const isNamed = place.name === undefined && target !== undefined && !target.isPattern;
    const key = isNamed ? target.text : `${place.start}`;
    return { kind, key, name: place.name ?? target?.text ?? role.name, pairing };
  }

  #placeOf(address: bigint): Place {
    let place = this.#places.get(address);
    if (place === undefined) {
      const symbol = this.#symbols.resolve(address);
      const offset = BigInt(symbol?.offset ?? 0);
      place = { start: address - offset, offset, name: symbol && fromByteString(symbol.name) };
      if (this.#places.size >= MOST_PLACES) this.#places.clear();
      this.#places.set(address, place);
    }
    return place;
  }
}

function roleOf(
  event: TracedEvent,
  { ip, func }: EventShape,
  returns: readonly TracedEvent[],
  names: ReadonlySet<string>,
): Role | undefined {
  const name = fromByteString(event.name);
  const target = targetOf(event.definition);
  if (func !== undefined) return { kind: 'return', address: func, target, name, pairing: 'paired' };
  if (ip !== undefined) {
    if (target?.isInside === true || (event.definition !== undefined && target === undefined))
      return undefined;
    const pairing = pairingOf(target, returns);
    return pairing === 'never' ? undefined : { kind: 'entry', address: ip, target, name, pairing };
  }
  return event.definition === undefined ? systemCallRole(event, names) : undefined;
}

function systemCallRole({ group, name }: TracedEvent, names: ReadonlySet<string>): Role | undefined {
  const [, side, call] = /^sys_(enter|exit)_(\w+)$/.exec(name) ?? [];
  if (group !== 'syscalls' || call === undefined) return undefined;
  const other = side === 'enter' ? 'exit' : 'enter';
  if (!names.has(`${group}/sys_${other}_${call}`)) return undefined;
  // A recording may know of both and have records of one.
  const kind = side === 'enter' ? 'entry' : 'return';
  return { kind: 'fixed', site: { kind, key: `syscall ${call}`, name: call, pairing: 'unknown' } };
}

/** Where definitions are known, whether there is a return event of the same place. */
function pairingOf(target: Target | undefined, returns: readonly TracedEvent[]): Pairing {
  if (returns.length === 0) return 'never';
  if (target === undefined || target.isPattern) return 'unknown';
  let pairing: Pairing = 'never';
  for (const { definition } of returns) {
    const other = targetOf(definition);
    if (other?.text === target.text) return 'paired';
    if (definition === undefined || other?.isPattern === true) pairing = 'unknown';
  }
  return pairing;
}

/** `undefined` where no definition is known, and for those that are not of functions. */
function targetOf(definition: string | undefined): Target | undefined {
  if (definition === undefined) return undefined;
  const { kind, place } = parseDefinition(definition);
  if (place === undefined || (kind !== 'f' && kind !== 'p' && kind !== 'r')) return undefined;
  const isFile = isInFile(definition);
  const text = place.text.replace(/%return$/, '').replace(isFile ? '' : /\+0(?:x0+)?$/, '');
  return {
    text: fromByteString(text),
    isPattern: !isFile && /[*?[]/.test(text),
    isInside: !isFile && text.includes('+'),
  };
}
