import type { LostEvents, RecordBatch, TraceRecord } from '../../records/index.js';
import { Timeline, type TimelineOptions } from '../timeline/timeline.js';
import { PerfettoDrawing } from './drawing.js';

/**
 * Writes a timeline as a Perfetto trace (protobuf) of track events: a track for each thread, with slices for calls and
 * instants for all else, arguments as debug annotations, counters as tracks of their own; docs/exports.md. Times are exact.
 */
export class PerfettoTrace {
  readonly #timeline: Timeline;
  readonly #drawing: PerfettoDrawing;

  constructor(options: TimelineOptions) {
    this.#drawing = new PerfettoDrawing(options.clockName);
    this.#timeline = new Timeline(options, this.#drawing);
  }

  /** The bytes written so far; they are the caller's. Whatever was taken is a whole trace. */
  take(): Uint8Array {
    return this.#drawing.take();
  }

  /** Draws the records of a batch. */
  batch(batch: RecordBatch): void {
    this.#timeline.batch(batch);
  }

  /** Tells that a CPU lost events before its next record. */
  lost(lost: LostEvents): void {
    this.#timeline.lost(lost);
  }

  /** Draws a record. */
  record(record: TraceRecord): void {
    this.#timeline.record(record);
  }

  /** Draws the ends of calls that are still open. */
  end(): void {
    this.#timeline.finish();
  }
}
