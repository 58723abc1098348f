import { Worker } from 'node:worker_threads';
import { doMeet, type SliceBorder, type SlicedRecording } from '../formats/index.js';
import type { LostEvents } from '../records/index.js';
import type { ResultOutput } from './file-output.js';
import { sinkOf, type WriterSink } from './record-batches.js';
import type { RecordWriter } from './record-writer.js';
import { type WrittenSlice, writeSlice } from './report-slice.js';
import type { RunTroubles } from './report-summary.js';
import { copyInto, type ReportTask, Shared, type WorkerSlice } from './report-worker.js';

/** Bytes of a slice: what it is written as fits the caches, and what waits for its turn is not much. */
export const SLICE_BYTES = 1 << 18;
/** Kept errors, as `RecordReader` does. */
const KEPT_ERRORS = 16;

/** What the threads share beside the slices. */
export interface JobsOptions {
  readonly sliced: SlicedRecording;
  readonly writer: RecordWriter;
  readonly output: ResultOutput;
  readonly lost: (lost: LostEvents) => void;
  /** Threads in all. */
  readonly jobs: number;
  readonly task: Omit<ReportTask, 'shared' | 'ahead' | 'sliceBytes'>;
}

/**
 * Writes a recording with several threads, each of which takes slice after slice; the bytes are those that one thread
 * would write. When slices do not fit, because times step back in the recording, or a thread fails, this one goes on alone.
 */
export async function writeWithJobs(options: JobsOptions): Promise<RunTroubles> {
  const jobs = new Jobs(options);
  try {
    return await jobs.run();
  } finally {
    await jobs.stop();
  }
}

/** A slice, and who can use its memory again. */
interface Waiting {
  readonly slice: WrittenSlice;
  readonly release: (memory: ArrayBuffer) => void;
}

class Jobs {
  readonly #options: JobsOptions;
  readonly #sink: WriterSink;
  readonly #state = new Int32Array(new SharedArrayBuffer(8));
  readonly #workers: Worker[] = [];
  readonly #ahead: number;
  /** Slices that wait for those in front of them. */
  readonly #waiting = new Map<number, Waiting>();
  /** Memory for slices of this thread. */
  readonly #spare: ArrayBuffer[] = [];
  readonly #troubles = { unknownRecords: 0, damagedPages: 0, damages: [] as { message: string }[] };
  #written = 0;
  #border: readonly SliceBorder[] | undefined;
  #hasFailed = false;
  #wake: () => void = () => {};

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#sink = sinkOf(options.writer);
    this.#ahead = options.jobs * 2;
    for (let job = 1; job < options.jobs; job++) this.#start();
  }

  async run(): Promise<RunTroubles> {
    const { sliced, output } = this.#options;
    const { slices } = sliced;
    while (this.#written < slices.length && !output.closed) {
      const next = this.#waiting.get(this.#written);
      if (next !== undefined) {
        this.#waiting.delete(this.#written);
        if (!(await this.#write(next.slice))) return await this.#goOnAlone();
        next.release(next.slice.bytes.buffer as ArrayBuffer);
      } else if (this.#hasFailed) {
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

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }

  #start(): void {
    const { task } = this.#options;
    const workerData: ReportTask = {
      ...task,
      sliceBytes: SLICE_BYTES,
      shared: this.#state.buffer as SharedArrayBuffer,
      ahead: this.#ahead,
    };
    // What opening a recording says on standard error was said by this thread.
    const worker = new Worker(new URL('report-worker-main.js', import.meta.url), {
      workerData,
      stderr: true,
    });
    worker.on('message', ({ index, ...slice }: WorkerSlice) => {
      this.#waiting.set(index, { slice, release: memory => worker.postMessage(memory, [memory]) });
      this.#wake();
    });
    worker.on('error', () => {
      this.#hasFailed = true;
      this.#wake();
    });
    this.#workers.push(worker);
  }

  /** Writes one slice in this thread. False when there is none to take now. */
  #takeOne(): boolean {
    const { sliced, writer } = this.#options;
    if (this.#waiting.size >= this.#ahead) return false;
    const index = Atomics.add(this.#state, Shared.next, 1);
    const slice = sliced.slices[index];
    if (slice === undefined) return false;
    const done = writeSlice(sliced, slice, writer, this.#sink);
    if (index === this.#written) {
      this.#waiting.set(index, { slice: done, release: () => {} });
    } else {
      const bytes = copyInto(this.#spare.pop(), done.bytes);
      const release = (memory: ArrayBuffer) => void this.#spare.push(memory);
      this.#waiting.set(index, { slice: { ...done, bytes }, release });
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
    Atomics.store(this.#state, Shared.written, this.#written);
    Atomics.notify(this.#state, Shared.written);
    return true;
  }

  async #goOnAlone(): Promise<RunTroubles> {
    await this.stop();
    const { sliced, writer, output } = this.#options;
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

/** Records that are written together: their lines fit the nearer cache. */
export const AT_ONCE = 1024;
