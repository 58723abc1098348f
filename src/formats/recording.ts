import type {
  Capture,
  RecordBatch,
  RecordError,
  RecordReader,
  RecordSink,
  SymbolNames,
  TracedEvent,
} from '../records/index.js';
import type { OpenSlices } from './slices.js';

/** A recording that was made before, whatever it is kept in. */
export interface Recording {
  readonly events: readonly TracedEvent[];
  /** Byte order of the traced machine. */
  readonly littleEndian: boolean;
  /** What times count: nanoseconds, or a unit that only the clock knows. */
  readonly clock: 'ns' | 'raw';
  /** The clock as tracefs names it; `undefined`: not known. */
  readonly clockName: string | undefined;
  /** Flag bit 0x02 means "lazy reschedule" (spec 12 section 2). */
  readonly lazyResched: boolean;
  /** Symbols that were kept with the records. */
  readonly symbols: SymbolNames;
  /** Texts of the kernel that records only point to, as they were kept. */
  readonly stringAt: (address: bigint) => string | undefined;
  /** The process of a thread, where it was kept. */
  readonly processOf?: (tid: number) => number | undefined;
  /** Reads the records of these events from the start. */
  read(events: readonly TracedEvent[]): RecordingRun;
  /** Opens it for reading in slices; `undefined` where it cannot be cut. */
  readonly slices?: OpenSlices | undefined;
}

/**
 * One reading of a recording, in time order: in batches, each valid until the next one is asked for, or record by record,
 * which is faster. The counts are final at its end.
 */
export interface RecordingRun extends Iterable<RecordBatch> {
  /** Hands at most so many of the next records to `sink`. False when there are no more. */
  visit(sink: RecordSink, most: number): boolean;
  /** Records of events that were not asked for or are not known. */
  readonly unknownRecords: number;
  /** Sub-buffers that were damaged and given up, wholly or from some event on. */
  readonly damagedPages: number;
  /** The first few damages. */
  readonly damages: readonly RecordError[];
}

/** A capture folder as a recording. Its byte order is little endian and its clock counts nanoseconds: it does not say. */
export function captureRecording(capture: Capture, symbols: SymbolNames): Recording {
  return {
    events: capture.events,
    littleEndian: capture.format.littleEndian,
    clock: 'ns',
    clockName: undefined,
    lazyResched: false,
    symbols,
    stringAt: address => capture.strings.get(address),
    processOf: tid => capture.processes.get(tid),
    read: events => new CaptureRun(capture.reader(events)),
  };
}

class CaptureRun implements RecordingRun {
  readonly #reader: RecordReader;

  constructor(reader: RecordReader) {
    this.#reader = reader;
  }

  get unknownRecords(): number {
    return this.#reader.unknownRecords;
  }

  get damagedPages(): number {
    return this.#reader.damagedPages;
  }

  get damages(): readonly RecordError[] {
    return this.#reader.damages;
  }

  visit(sink: RecordSink, most: number): boolean {
    return this.#reader.visit(sink, most);
  }

  *[Symbol.iterator](): Generator<RecordBatch, void, undefined> {
    const reader = this.#reader;
    for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) yield batch;
  }
}

/**
 * Symbols of several sources as one: of those that cover an address, the one that begins last; it ends where any other
 * begins. The first source wins where two begin at one address.
 */
export function joinSymbols(sources: readonly SymbolNames[]): SymbolNames {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined) return only;
  return {
    resolve(address) {
      let best: ReturnType<SymbolNames['resolve']>;
      let left = Number.POSITIVE_INFINITY;
      for (const source of sources) {
        const symbol = source.resolve(address);
        if (symbol === undefined) continue;
        left = Math.min(left, symbol.size - symbol.offset);
        if (best === undefined || symbol.offset < best.offset) best = symbol;
      }
      return best && { ...best, size: best.offset + left };
    },
  };
}
