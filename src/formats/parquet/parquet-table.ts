import type { FieldShape, FieldValue, RecordBatch, TraceRecord } from '../../records/index.js';
import {
  COMMON_COLUMNS,
  cellOf,
  columnName,
  type TableOptions,
  TableReader,
  tableFields,
  typedKey,
} from '../table.js';
import type { OpenParquet, ParquetColumn, ParquetFile, ParquetValue } from './file.js';

type ColumnType = ParquetColumn['type'];

/** Rows of a group. */
const GROUP = 1 << 15;

/**
 * Writes records as a Parquet file with the columns of `CsvLines`, typed: numbers of up to 32 bits that fit as INT32, up
 * to 64 bits as INT64 or UINT_64, all else as text. A field that several events have with different types gets the type
 * that holds them all. Rows are held until there are enough of them for a group.
 */
export class ParquetTable {
  readonly #file: ParquetFile;
  readonly #reader: TableReader;
  readonly #columns: readonly ParquetColumn[];
  /** By the field's name, `NAME.typed` for what it means. */
  readonly #places = new Map<string, number>();
  /** Columns without a value in this group stay `undefined`. */
  #cells: (ParquetValue[] | undefined)[] = [];
  #rows = 0;

  constructor(options: TableOptions, open: OpenParquet) {
    this.#reader = new TableReader(options);
    const columns: ParquetColumn[] = [...COMMON_COLUMNS];
    for (const [key, type] of columnTypes(options)) {
      this.#places.set(key, columns.length);
      columns.push({ name: columnName(key), type });
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
    const { common, fields } = this.#reader.read(record);
    for (const [place, value] of common.entries()) this.#put(place, value);
    for (const { name, value, typed } of fields) {
      const place = this.#places.get(name);
      if (place !== undefined && value !== null) this.#put(place, valueIn(this.#columns[place]!.type, value));
      const typedPlace = this.#places.get(typedKey(name));
      if (typedPlace !== undefined && typed !== undefined) this.#put(typedPlace, typed);
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
}

/** The types of all fields' columns by their keys, in the order in which they are first met. */
function columnTypes(options: TableOptions): ReadonlyMap<string, ColumnType> {
  const columns = new Map<string, ColumnType>();
  for (const { field, isTyped } of tableFields(options)) {
    const type = typeOf(field.shape);
    const known = columns.get(field.name);
    columns.set(field.name, known === undefined ? type : common(known, type));
    if (isTyped) columns.set(typedKey(field.name), 'text');
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

function valueIn(type: ColumnType, value: FieldValue): ParquetValue {
  if (type === 'text') return cellOf(value);
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  return type === 'i32' ? Number(value) : BigInt(value);
}
