import { Worker } from 'node:worker_threads';
import type { RecordingSlice } from '../formats/index.js';
import type { WrittenSlice } from './report-slice.js';
import { type ReportTask, SLOTS, type SliceWork, type WorkerSlice } from './report-worker.js';

/** MiB for a worker's new objects: it makes few that last, and has all else in buffers. */
const YOUNG_GENERATION = 4;

/** A slice that a worker has written, and how it is told that its memory can be used again. */
export interface HandedSlice {
  readonly index: number;
  readonly slice: WrittenSlice;
  readonly release: () => void;
}

/**
 * Threads that write slices of a recording. They open it while this thread does, and wait for what to do. Dispose to end
 * them.
 */
export class ReportWorkers implements Disposable {
  /** Called with each slice, in no order. */
  onSlice: (handed: HandedSlice) => void = () => {};
  /** Called when a thread has failed. */
  onFailure: () => void = () => {};
  #hasFailed = false;
  readonly #workers: readonly Worker[];

  constructor(task: ReportTask, count: number) {
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(new URL('report-worker-main.js', import.meta.url), {
        workerData: task,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
        // What opening a recording says on standard error is said by this thread.
        stderr: true,
      });
      worker.on('error', () => {
        this.#hasFailed = true;
        this.onFailure();
      });
      return worker;
    });
  }

  /** Threads beside this one. */
  get count(): number {
    return this.#workers.length;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Lets them take slices: whoever adds one to `next` has the slice of the number before. */
  begin(slices: readonly RecordingSlice[], next: Int32Array): void {
    for (const worker of this.#workers) {
      const used = new Int32Array(new SharedArrayBuffer(SLOTS * 4));
      worker.on('message', ({ index, slot, ...slice }: WorkerSlice) => {
        const release = (): void => {
          Atomics.store(used, slot, 0);
          Atomics.notify(used, slot);
        };
        this.onSlice({ index, slice, release });
      });
      worker.postMessage({ slices, next, used } satisfies SliceWork);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }

  [Symbol.dispose](): void {
    void this.stop();
  }
}
