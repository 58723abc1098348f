import { CsvLines, JsonLines, type ValuesStyle } from '../formats/index.js';
import { type RecordBatch, type SymbolNames, type TracedEvent, TraceText } from '../records/index.js';

/** What a writer of records needs to know. */
export interface WriterOptions {
  readonly symbols: SymbolNames;
  readonly littleEndian: boolean;
  readonly lazyResched: boolean;
  /** What times count: nanoseconds, or a unit that only the clock knows. */
  readonly clock: 'ns' | 'raw';
  readonly events: readonly TracedEvent[];
  readonly values: ValuesStyle;
  /** Values of the traced kernel's enumerators, for static events that name some. */
  readonly constants?: (name: string) => bigint | undefined;
  /** Texts of the traced kernel that records only point to. */
  readonly stringAt?: (address: bigint) => string | undefined;
}

/** Turns batches of records into the bytes of a format. */
export interface RecordWriter {
  batch(batch: RecordBatch): void;
  /** The bytes since the last call; valid until the next batch is written. */
  take(): Uint8Array;
  /** Writes what stands behind the last record. */
  end?(): void;
}

/** A format that records are written in. */
interface RecordFormatEntry {
  readonly about: string;
  /** Values unless the user asks for others; `undefined`: the format has its own. */
  readonly values: ValuesStyle | undefined;
  open(options: WriterOptions): RecordWriter;
}

/** The formats of `report` and `trace`, by name. */
export const recordFormats = {
  text: {
    about: "the kernel's own trace lines",
    values: undefined,
    open: options => new TraceText(options),
  },
  json: {
    about: 'one object per line, docs/json-schema.md',
    values: 'rich',
    open: options => new JsonLines(options),
  },
  csv: {
    about: 'a table, docs/cli.md',
    values: 'plain',
    open: options => new CsvLines(options),
  },
} as const satisfies Record<string, RecordFormatEntry>;

export type RecordFormat = keyof typeof recordFormats;

/** Does this format, with the values that the user asks for, say what values mean? */
export function isRich(format: RecordFormat, values: ValuesStyle | undefined): boolean {
  const own = recordFormats[format].values;
  return own !== undefined && (values ?? own) === 'rich';
}

/** A writer of this format. */
export function openWriter(
  format: RecordFormat,
  options: Omit<WriterOptions, 'values'> & { readonly values: ValuesStyle | undefined },
): RecordWriter {
  const entry: RecordFormatEntry = recordFormats[format];
  return entry.open({ ...options, values: options.values ?? entry.values ?? 'plain' });
}
