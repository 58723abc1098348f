import { fromByteString } from '../language/index.js';
import {
  type AddressValue,
  decodeByteString,
  EventShape,
  type FieldValue,
  type FlagOffsets,
  flagCharacters,
  flagOffsets,
  meaningText,
  type ShapedField,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
  TypedValueReader,
} from '../records/index.js';

/** What a table needs beside the records. */
export interface TableOptions {
  readonly symbols: SymbolNames;
  /** The events whose records may come: their fields are the columns. */
  readonly events: Iterable<TracedEvent>;
  /** Byte order of the traced machine, default little endian. */
  readonly littleEndian?: boolean;
  /** Flag bit 0x02 means "lazy reschedule": kernels from 6.13 on (spec 12 section 2). Default false. */
  readonly lazyResched?: boolean;
  /** `rich`: a column `NAME.typed` says what each value means that has a type, and numbers are right. Default `plain`. */
  readonly values?: 'rich' | 'plain';
}

/** Columns of every record. */
export const COMMON_COLUMNS = [
  { name: 'time', type: 'u64' },
  { name: 'cpu', type: 'i32' },
  { name: 'pid', type: 'i32' },
  { name: 'comm', type: 'text' },
  { name: 'flags', type: 'text' },
  { name: 'event', type: 'text' },
  { name: 'ip', type: 'text' },
  { name: 'func', type: 'text' },
  { name: 'ret', type: 'text' },
] as const;
const commonNames = new Set<string>(COMMON_COLUMNS.map(({ name }) => name));

/** The column of a field: it may be called as a column of every record is. */
export function columnName(field: string): string {
  const name = fromByteString(field);
  return commonNames.has(name) ? `args.${name}` : name;
}

/** The key of the column that says what the values of a field mean. */
export function typedKey(field: string): string {
  return `${field}.typed`;
}

/** The fields of events in the order in which they were given; `isTyped`: what its values mean has a column. */
export function* tableFields({
  events,
  littleEndian,
  values,
}: TableOptions): Generator<{ readonly field: ShapedField; readonly isTyped: boolean }> {
  for (const event of events) {
    for (const field of new EventShape(event, littleEndian).fields) {
      yield { field, isTyped: values === 'rich' && event.types?.get(field.name)?.type !== undefined };
    }
  }
}

/** A record as cells. */
export interface TableRow {
  /** Of `COMMON_COLUMNS`. */
  readonly common: readonly (bigint | number | string | undefined)[];
  readonly fields: readonly {
    readonly name: string;
    readonly value: FieldValue;
    /** What the value means, in words. */
    readonly typed: string | undefined;
  }[];
}

/** Reads records as rows. */
export class TableReader {
  readonly #values: TypedValueReader;
  readonly #isRich: boolean;
  readonly #lazyResched: boolean;
  readonly #offsets = new Map<TracedEvent, FlagOffsets>();

  constructor(options: TableOptions) {
    this.#values = new TypedValueReader(options);
    this.#isRich = options.values === 'rich';
    this.#lazyResched = options.lazyResched ?? false;
  }

  read(record: TraceRecord): TableRow {
    const { event, bytes } = record;
    const { flags, preempt } = this.#offsetsOf(event);
    const values = this.#values.read(record);
    return {
      common: [
        record.time,
        record.cpu,
        record.pid,
        decodeByteString(record.comm).text,
        flagCharacters(bytes[flags] ?? 0, bytes[preempt] ?? 0, this.#lazyResched),
        fromByteString(`${event.group}:${event.name}`),
        ...[values.ip, values.func, values.returnIp].map(place => (place ? cellOf(place) : undefined)),
      ],
      fields: Object.entries(values.args).map(([name, { recorded, value, meaning }]) => ({
        name,
        value: this.#isRich ? value : recorded,
        typed: this.#isRich && meaning !== undefined ? meaningText(meaning) : undefined,
      })),
    };
  }

  #offsetsOf(event: TracedEvent): FlagOffsets {
    let offsets = this.#offsets.get(event);
    if (offsets === undefined) {
      offsets = flagOffsets(event.layout);
      this.#offsets.set(event, offsets);
    }
    return offsets;
  }
}

/** A value as a cell shows it: '' where there is none. */
export function cellOf(value: FieldValue): string {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (isAddress(value)) return addressText(value);
  return `[${value.map(cellOf).join(',')}]`;
}

function isAddress(value: AddressValue | readonly FieldValue[]): value is AddressValue {
  return !Array.isArray(value);
}

function addressText({ address, symbol }: AddressValue): string {
  return symbol === undefined
    ? `0x${address.toString(16)}`
    : `${symbol.name}+0x${symbol.offset.toString(16)}`;
}
