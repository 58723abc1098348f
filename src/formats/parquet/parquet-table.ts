import { fromByteString } from '../../language/index.js';
import {
  decodeByteString,
  EventShape,
  type FieldShape,
  type FlagOffsets,
  flagCharacters,
  flagOffsets,
  meaningText,
  type RecordBatch,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
  TypedValueReader,
} from '../../records/index.js';
import { cellOf } from '../csv-lines.js';
import type { OpenParquet, ParquetColumn, ParquetFile, ParquetValue } from './file.js';

/** What a `ParquetTable` needs beside the records. */
export interface ParquetTableOptions {
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

type ColumnType = ParquetColumn['type'];

const COMMON: readonly ParquetColumn[] = [
  { name: 'time', type: 'u64' },
  { name: 'cpu', type: 'i32' },
  { name: 'pid', type: 'i32' },
  { name: 'comm', type: 'text' },
  { name: 'flags', type: 'text' },
  { name: 'event', type: 'text' },
  { name: 'ip', type: 'text' },
  { name: 'func', type: 'text' },
  { name: 'ret', type: 'text' },
];
const commonNames = new Set(COMMON.map(({ name }) => name));
/** Rows of a group. */
const GROUP = 1 << 15;

/**
 * Writes records as a Parquet file with the columns of `CsvLines`, typed: numbers of up to 32 bits that fit as INT32, up
 * to 64 bits as INT64 or UINT_64, all else as text. A field that several events have with different types gets the type
 * that holds them all. Rows are held until there are enough of them for a group.
 */
export class ParquetTable {
  readonly #file: ParquetFile;
  readonly #values: TypedValueReader;
  readonly #isRich: boolean;
  readonly #lazyResched: boolean;
  readonly #offsets = new Map<TracedEvent, FlagOffsets>();
  readonly #columns: readonly ParquetColumn[];
  /** By the field's name, `NAME.typed` for what it means. */
  readonly #places = new Map<string, number>();
  /** Columns without a value in this group stay `undefined`. */
  #cells: (ParquetValue[] | undefined)[] = [];
  #rows = 0;

  constructor(options: ParquetTableOptions, open: OpenParquet) {
    this.#values = new TypedValueReader(options);
    this.#isRich = options.values === 'rich';
    this.#lazyResched = options.lazyResched ?? false;
    const types = fieldTypes(options.events, this.#isRich, options.littleEndian ?? true);
    const columns = [...COMMON];
    for (const [field, type] of types) {
      this.#places.set(field, columns.length);
      const name = fromByteString(field);
      columns.push({ name: commonNames.has(name) ? `args.${name}` : name, type });
    }
    this.#columns = columns;
    this.#file = open(columns);
  }

  /** The bytes written so far; they are the caller's. */
  take(): Uint8Array {
    return this.#file.take();
  }

  /** Writes the records of a batch. */
  batch(batch: RecordBatch): void {
    for (const record of batch.records) this.#record(record);
  }

  /** Writes the rows that are still held, and what ends the file. */
  end(): void {
    if (this.#rows > 0) this.#writeGroup();
    this.#file.finish();
  }

  #record(record: TraceRecord): void {
    const { event, bytes } = record;
    const { flags, preempt } = this.#offsetsOf(event);
    const values = this.#values.read(record);
    const common = [
      record.time,
      record.cpu,
      record.pid,
      decodeByteString(record.comm).text,
      flagCharacters(bytes[flags] ?? 0, bytes[preempt] ?? 0, this.#lazyResched),
      fromByteString(`${event.group}:${event.name}`),
      ...[values.ip, values.func, values.returnIp].map(place => (place ? cellOf(place) : undefined)),
    ];
    for (const [place, value] of common.entries()) this.#put(place, value);
    for (const [field, { recorded, value, meaning }] of Object.entries(values.args)) {
      const place = this.#places.get(field);
      const own = this.#isRich ? value : recorded;
      if (place !== undefined && own !== null) this.#put(place, valueIn(this.#columns[place]!.type, own));
      const typed = this.#isRich && meaning !== undefined ? this.#places.get(`${field}.typed`) : undefined;
      if (typed !== undefined) this.#put(typed, meaningText(meaning!));
    }
    this.#rows++;
    if (this.#rows === GROUP) this.#writeGroup();
  }

  #put(place: number, value: ParquetValue): void {
    let cells = this.#cells[place];
    if (cells === undefined) {
      cells = [];
      this.#cells[place] = cells;
    }
    while (cells.length < this.#rows) cells.push(undefined);
    cells.push(value);
  }

  #writeGroup(): void {
    const none = new Array<ParquetValue>(this.#rows).fill(undefined);
    this.#file.write(
      this.#columns.map((_, place) => {
        const cells = this.#cells[place];
        while (cells !== undefined && cells.length < this.#rows) cells.push(undefined);
        return cells ?? none;
      }),
    );
    this.#cells = [];
    this.#rows = 0;
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

/** The columns of all events' fields, in the order in which they are first met. */
function fieldTypes(
  events: Iterable<TracedEvent>,
  rich: boolean,
  littleEndian: boolean,
): ReadonlyMap<string, ColumnType> {
  const columns = new Map<string, ColumnType>();
  for (const event of events) {
    for (const { name, shape } of new EventShape(event, littleEndian).fields) {
      const type = typeOf(shape);
      const known = columns.get(name);
      columns.set(name, known === undefined ? type : common(known, type));
      if (rich && event.types?.get(name)?.type !== undefined) columns.set(`${name}.typed`, 'text');
    }
  }
  return columns;
}

function typeOf(shape: FieldShape): ColumnType {
  if (shape.kind !== 'number' || shape.count !== undefined) return 'text';
  const { style, size } = shape;
  if (style === 'char' || style === 'symbol') return 'text';
  if (size === 8) return style === 'signed' ? 'i64' : 'u64';
  return size === 4 && style !== 'signed' ? 'i64' : 'i32';
}

function common(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b) return a;
  return (a === 'i32' && b === 'i64') || (a === 'i64' && b === 'i32') ? 'i64' : 'text';
}

function valueIn(type: ColumnType, value: Parameters<typeof cellOf>[0]): ParquetValue {
  if (type === 'text') return cellOf(value);
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  return type === 'i32' ? Number(value) : BigInt(value);
}
