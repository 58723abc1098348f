import { ByteText, type RecordBatch, type TraceRecord } from '../records/index.js';
import {
  COMMON_COLUMNS,
  cellOf,
  columnName,
  type TableOptions,
  TableReader,
  tableFields,
  typedKey,
} from './table.js';

const encoder = new TextEncoder();

/**
 * Writes records as CSV (RFC 4180; lines end in `\n`): one line of names, then one line per record. The columns are those
 * of every record, then each field of the events in the order in which the events and fields were given; a cell is empty
 * where the record's event has no such field or the value could not be read. Numbers are decimal and exact, addresses
 * are `0x...` or `symbol+0x...`, arrays stand in one cell as `[1,2,3]`. What was lost does not show.
 */
export class CsvLines {
  readonly #out = new ByteText(1 << 16);
  readonly #rows: TableReader;
  /** Places behind the columns of every record. */
  readonly #columns = new Map<string, number>();

  constructor(options: TableOptions) {
    this.#rows = new TableReader(options);
    for (const { field, isTyped } of tableFields(options)) {
      this.#addColumn(field.name);
      if (isTyped) this.#addColumn(typedKey(field.name));
    }
    this.#line([...COMMON_COLUMNS.map(({ name }) => name), ...[...this.#columns.keys()].map(columnName)]);
  }

  /** The bytes of the lines written so far, UTF-8; valid until the next line is written. */
  take(): Uint8Array {
    return this.#out.take();
  }

  /** Writes the records of a batch. */
  batch(batch: RecordBatch): void {
    for (const record of batch.records) this.record(record);
  }

  /** A table has no place for what was lost. */
  lost(): void {}

  /** Writes the line of a record. */
  record(record: TraceRecord): void {
    const { common, fields } = this.#rows.read(record);
    const cells = new Array<string>(this.#columns.size).fill('');
    for (const { name, value, typed } of fields) {
      this.#put(cells, name, cellOf(value));
      if (typed !== undefined) this.#put(cells, typedKey(name), typed);
    }
    this.#line([...common.map(value => (value === undefined ? '' : String(value))), ...cells]);
  }

  #addColumn(name: string): void {
    if (!this.#columns.has(name)) this.#columns.set(name, this.#columns.size);
  }

  #put(cells: string[], name: string, cell: string): void {
    const column = this.#columns.get(name);
    if (column !== undefined) cells[column] = cell;
  }

  #line(cells: readonly string[]): void {
    this.#out.put(encoder.encode(`${cells.map(quoted).join(',')}\n`));
  }
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
