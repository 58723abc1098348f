import type { RecordingSlice, SliceBorder, SlicedRecording } from '../formats/index.js';
import type { LostEvents, PageRecord, RecordSink } from '../records/index.js';
import type { WriterSink } from './record-batches.js';
import type { RecordWriter } from './record-writer.js';
import type { RunTroubles } from './report-summary.js';

/** A slice as the bytes of a format: plain data. */
export interface WrittenSlice extends RunTroubles {
  readonly begin: readonly SliceBorder[];
  readonly end: readonly SliceBorder[];
  readonly lost: readonly LostEvents[];
  /** Valid until the next slice is written. */
  readonly bytes: Uint8Array;
}

/** Records that are written together: their lines fit the nearer cache. */
export const AT_ONCE = 1024;

/** Writes a slice of a recording. */
export function writeSlice(
  recording: SlicedRecording,
  slice: RecordingSlice,
  writer: RecordWriter,
  sink: WriterSink,
): WrittenSlice {
  const run = recording.read(slice);
  const written = new SliceSink(sink);
  const bytes = allBytes(writer, () => run.visit(written, AT_ONCE));
  return {
    begin: run.begin,
    end: run.border(),
    lost: written.losses,
    bytes,
    unknownRecords: run.unknownRecords,
    damagedPages: run.damagedPages,
    damages: run.damages.map(({ message }) => ({ message })),
  };
}

/** What is written until `goOn` says that it is all. */
function allBytes(writer: RecordWriter, goOn: () => boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  while (goOn()) if (writer.isFull === true) parts.push(writer.take().slice());
  const rest = writer.take();
  if (parts.length === 0) return rest;
  const whole = new Uint8Array([...parts, rest].reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of [...parts, rest]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

class SliceSink implements RecordSink {
  readonly losses: LostEvents[] = [];
  readonly #sink: RecordSink;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  lost(lost: LostEvents): void {
    this.losses.push(lost);
    this.#sink.lost(lost);
  }

  record(record: PageRecord): void {
    this.#sink.record(record);
  }

  get engine(): RecordSink['engine'] {
    return this.#sink.engine;
  }

  get isFull(): boolean {
    return this.#sink.isFull === true;
  }
}
