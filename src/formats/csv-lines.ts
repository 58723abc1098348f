import {
  type AddressValue,
  ByteText,
  decodeByteString,
  type FieldValue,
  type FlagOffsets,
  flagCharacters,
  flagOffsets,
  meaningText,
  type RecordBatch,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
  TypedValueReader,
} from '../records/index.js';

/** What `CsvLines` needs beside the records. */
export interface CsvLinesOptions {
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
const COMMON = ['time', 'cpu', 'pid', 'comm', 'flags', 'event', 'ip', 'func', 'ret'];
const encoder = new TextEncoder();

/**
 * Writes records as CSV (RFC 4180; lines end in `\n`): one line of names, then one line per record. The columns are those
 * of every record, then each field of the events in the order in which the events and fields were given; a cell is empty
 * where the record's event has no such field or the value could not be read. Numbers are decimal and exact, addresses
 * are `0x...` or `symbol+0x...`, arrays stand in one cell as `[1,2,3]`. What was lost does not show.
 */
export class CsvLines {
  readonly #out = new ByteText(1 << 16);
  readonly #values: TypedValueReader;
  readonly #isRich: boolean;
  readonly #columns = new Map<string, number>();
  readonly #lazyResched: boolean;
  readonly #offsets = new Map<TracedEvent, FlagOffsets>();

  constructor(options: CsvLinesOptions) {
    this.#values = new TypedValueReader(options);
    this.#isRich = options.values === 'rich';
    this.#lazyResched = options.lazyResched ?? false;
    for (const { layout, types } of options.events) {
      for (const { name } of layout.fields) {
        if (name === '__probe_ip' || name === '__probe_func' || name === '__probe_ret_ip') continue;
        this.#addColumn(name);
        if (this.#isRich && types?.get(name)?.type !== undefined) this.#addColumn(`${name}.typed`);
      }
    }
    this.#line([...COMMON, ...[...this.#columns.keys()].map(columnName)]);
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
    const { event, bytes } = record;
    const { flags, preempt } = this.#offsetsOf(event);
    const values = this.#values.read(record);
    const fields = new Array<string>(this.#columns.size).fill('');
    for (const [name, { recorded, value, meaning }] of Object.entries(values.args)) {
      this.#put(fields, name, cellOf(this.#isRich ? value : recorded));
      if (this.#isRich && meaning !== undefined) this.#put(fields, `${name}.typed`, meaningText(meaning));
    }
    this.#line([
      String(record.time),
      String(record.cpu),
      String(record.pid),
      decodeByteString(record.comm).text,
      flagCharacters(bytes[flags] ?? 0, bytes[preempt] ?? 0, this.#lazyResched),
      `${event.group}:${event.name}`,
      cellOf(values.ip ?? null),
      cellOf(values.func ?? null),
      cellOf(values.returnIp ?? null),
      ...fields,
    ]);
  }

  #addColumn(name: string): void {
    if (!this.#columns.has(name)) this.#columns.set(name, this.#columns.size);
  }

  #put(fields: string[], name: string, cell: string): void {
    const column = this.#columns.get(name);
    if (column !== undefined) fields[column] = cell;
  }

  #line(cells: readonly string[]): void {
    this.#out.put(encoder.encode(`${cells.map(quoted).join(',')}\n`));
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

/** A field may be called as a column of every record is. */
function columnName(field: string): string {
  return COMMON.includes(field) ? `args.${field}` : field;
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

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
