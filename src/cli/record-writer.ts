import type { ValuesStyle } from '../formats/index.js';
import { loadParquet } from '../host/index.js';
import {
  type RecordBatch,
  type RecordSink,
  type SymbolNames,
  type TracedEvent,
  TraceText,
} from '../records/index.js';
import { CommandError } from './error.js';
import { chooseCounters } from './record-counters.js';
import { formatNames, type RecordFormat, recordFormats } from './record-formats.js';
import { isTerminal } from './standard-streams.js';

/** What a writer of records needs to know. */
interface WriterOptions {
  readonly symbols: SymbolNames;
  readonly littleEndian: boolean;
  readonly lazyResched: boolean;
  /** What times count: nanoseconds, or a unit that only the clock knows. */
  readonly clock: 'ns' | 'raw';
  readonly clockName: string | undefined;
  readonly events: readonly TracedEvent[];
  readonly values: ValuesStyle;
  /** Values of the traced kernel's enumerators, for static events that name some. */
  readonly constants?: (name: string) => bigint | undefined;
  /** Texts of the traced kernel that records only point to. */
  readonly stringAt?: (address: bigint) => string | undefined;
  readonly counters: ReadonlyMap<TracedEvent, readonly string[]>;
  /** The process of a thread. */
  readonly processOf?: ((tid: number) => number | undefined) | undefined;
}

/** Turns batches of records into the bytes of a format. */
export interface RecordWriter {
  batch(batch: RecordBatch): void;
  /** Writes records one by one; a format that has to see more than one has no such way. */
  readonly record?: RecordSink['record'];
  readonly lost?: RecordSink['lost'];
  readonly engine?: RecordSink['engine'];
  readonly isFull?: RecordSink['isFull'];
  /** The bytes since the last call; valid until the next batch is written. */
  take(): Uint8Array;
  /** Writes what stands behind the last record. */
  end?(): void;
}

/** What the user asked for. */
export interface WantedFormat {
  readonly format: RecordFormat;
  readonly values?: ValuesStyle | undefined;
  /** `EVENT.ARG`, each. */
  readonly counter: readonly string[];
}

/** `src/cli/record-formats.ts` tells the rest of each. */
const writers: Readonly<
  Record<RecordFormat, (options: WriterOptions) => RecordWriter | Promise<RecordWriter>>
> = {
  text: options => new TraceText(options),
  json: async options => new (await loadFormats()).JsonLines(options),
  csv: async options => new (await loadFormats()).CsvLines(options),
  parquet: async options => new (await loadFormats()).ParquetTable(options, await loadParquet()),
  chrome: async options => new (await loadFormats()).ChromeTrace(timeline(options)),
  perfetto: async options => {
    const { PerfettoTrace } = await import('../formats/perfetto/index.js');
    return new PerfettoTrace(timeline(options));
  },
};

/** Text alone is written without them. */
function loadFormats() {
  return import('../formats/index.js');
}

/** A writer of the format. Throws a `CommandError` for counters that there cannot be. */
export async function openWriter(
  { format, values, counter }: WantedFormat,
  options: Omit<WriterOptions, 'values' | 'counters'>,
): Promise<RecordWriter> {
  return await writers[format]({
    ...options,
    values: values ?? recordFormats[format].values ?? 'plain',
    counters: chooseCounters(options.events, counter),
  });
}

/** Refuses what the format cannot have, before anything is attached or opened. Throws a `CommandError`, or a `HostError` for a package that is missing. */
export async function checkFormat(
  { format, counter }: WantedFormat,
  output: string | undefined,
): Promise<void> {
  const { timeline: isTimeline, binary } = recordFormats[format];
  if (counter.length > 0 && !isTimeline) {
    const names = formatNames.filter(name => recordFormats[name].timeline);
    throw new CommandError('usage', `--counter is for --format ${names.join(' and ')}`);
  }
  if (binary && output === undefined && isTerminal(1)) {
    throw new CommandError('usage', `--format ${format} is nothing for a terminal`, [
      '-o FILE writes to a file',
    ]);
  }
  if (format === 'parquet') await loadParquet();
}

function timeline({ clockName, processOf, ...options }: WriterOptions) {
  return {
    ...options,
    ...(clockName !== undefined && { clockName }),
    ...(processOf !== undefined && { processOf }),
  };
}
