import { doMeet, type SliceBorder, type SlicedRecording } from '../formats/index.js';
import type { LostEvents } from '../records/index.js';
import type { ResultOutput } from './file-output.js';
import { sinkOf, type WriterSink } from './record-batches.js';
import type { RecordWriter } from './record-writer.js';
import { AT_ONCE, type WrittenSlice, writeSlice } from './report-slice.js';
import type { RunTroubles } from './report-summary.js';
import { roomFor } from './report-worker.js';
import type { ReportWorkers } from './report-workers.js';

/** Bytes of a slice: many enough that handing it over costs little, and few enough that what waits for its turn does not. */
export const SLICE_BYTES = 1 << 18;
/** Kept errors, as `RecordReader` does. */
const KEPT_ERRORS = 16;

/** What the threads share beside the slices. */
export interface JobsOptions {
  readonly sliced: SlicedRecording;
  readonly writer: RecordWriter;
  readonly output: ResultOutput;
  readonly lost: (lost: LostEvents) => void;
  readonly workers: ReportWorkers;
}

/**
 * Writes a recording with several threads, each of which takes slice after slice; the bytes are those that one thread
 * would write. When slices do not fit, because times step back in the recording, or a thread fails, this one goes on alone.
 */
export async function writeWithJobs(options: JobsOptions): Promise<RunTroubles> {
  return await new Jobs(options).run();
}

/** A slice, and who is told that its memory can be used again. */
interface Waiting {
  readonly slice: WrittenSlice;
  readonly release: () => void;
}

class Jobs {
  readonly #options: JobsOptions;
  readonly #sink: WriterSink;
  /** The next slice to take. */
  readonly #next = new Int32Array(new SharedArrayBuffer(4));
  readonly #ahead: number;
  /** Slices that wait for those in front of them. */
  readonly #waiting = new Map<number, Waiting>();
  /** Memory for slices of this thread. */
  readonly #spare: Uint8Array[] = [];
  readonly #troubles = { unknownRecords: 0, damagedPages: 0, damages: [] as { message: string }[] };
  #written = 0;
  #border: readonly SliceBorder[] | undefined;
  #wake: () => void = () => {};

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#sink = sinkOf(options.writer);
    const { workers, sliced } = options;
    this.#ahead = (workers.count + 1) * 2;
    workers.onSlice = ({ index, ...waiting }) => {
      this.#waiting.set(index, waiting);
      this.#wake();
    };
    workers.onFailure = () => this.#wake();
    workers.begin(sliced.slices, this.#next);
  }

  async run(): Promise<RunTroubles> {
    const { sliced, output, workers } = this.#options;
    const { slices } = sliced;
    while (this.#written < slices.length && !output.closed) {
      const next = this.#waiting.get(this.#written);
      if (next !== undefined) {
        this.#waiting.delete(this.#written);
        if (!(await this.#write(next.slice))) return await this.#goOnAlone();
        next.release();
      } else if (workers.hasFailed) {
        return await this.#goOnAlone();
      } else if (!this.#takeOne()) {
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
      } else {
        // Lets messages of the others in.
        await new Promise(resolve => setImmediate(resolve));
      }
    }
    return this.#troubles;
  }

  /** Writes one slice in this thread. False when there is none to take now. */
  #takeOne(): boolean {
    const { sliced, writer } = this.#options;
    if (this.#waiting.size >= this.#ahead) return false;
    const index = Atomics.add(this.#next, 0, 1);
    const slice = sliced.slices[index];
    if (slice === undefined) return false;
    const done = writeSlice(sliced, slice, writer, this.#sink);
    if (index === this.#written) {
      this.#waiting.set(index, { slice: done, release: () => {} });
    } else {
      const memory = roomFor(done.bytes, this.#spare.pop(), size => new Uint8Array(size));
      memory.set(done.bytes);
      const release = () => void this.#spare.push(memory);
      this.#waiting.set(index, { slice: { ...done, bytes: memory.subarray(0, done.bytes.length) }, release });
    }
    return true;
  }

  /** False when it does not fit behind what was written before. */
  async #write({ begin, end, lost, bytes, ...troubles }: WrittenSlice): Promise<boolean> {
    if (this.#border !== undefined && !doMeet(this.#border, begin)) return false;
    this.#border = end;
    await this.#options.output.write(bytes);
    for (const one of lost) this.#options.lost(one);
    this.#troubles.unknownRecords += troubles.unknownRecords;
    this.#troubles.damagedPages += troubles.damagedPages;
    const room = KEPT_ERRORS - this.#troubles.damages.length;
    this.#troubles.damages.push(...troubles.damages.slice(0, room));
    this.#written++;
    return true;
  }

  async #goOnAlone(): Promise<RunTroubles> {
    const { sliced, writer, output, workers } = this.#options;
    await workers.stop();
    const rest = this.#border === undefined ? sliced.slices[0]! : sliced.rest(this.#border);
    const run = sliced.read({ ...rest, until: undefined });
    const sink = {
      lost: (lost: LostEvents) => {
        this.#options.lost(lost);
        this.#sink.lost(lost);
      },
      record: this.#sink.record.bind(this.#sink),
    };
    while (run.visit(sink, AT_ONCE) && !output.closed) await output.write(writer.take());
    await output.write(writer.take());
    const { unknownRecords, damagedPages, damages } = this.#troubles;
    return {
      unknownRecords: unknownRecords + run.unknownRecords,
      damagedPages: damagedPages + run.damagedPages,
      damages: [...damages, ...run.damages],
    };
  }
}
