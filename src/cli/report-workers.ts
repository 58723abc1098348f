import { Worker } from 'node:worker_threads';
import type { RecordingSlice } from '../formats/index.js';
import type { ReportTask, SliceWork, WorkerNews } from './report-worker.js';
import type { SharedTurns } from './shared-turns.js';
import type { SliceTroubles } from './slice-writer.js';

/** MiB for a worker's new objects: it makes few that last, and has all else in buffers. */
const YOUNG_GENERATION = 4;

/**
 * Threads that write slices of a recording. They open it while this thread does, and wait for what to do. Dispose to end
 * them.
 */
export class ReportWorkers implements Disposable {
  readonly troubles: SliceTroubles[] = [];
  readonly #workers: readonly Worker[];
  readonly #busy: Set<Worker>;
  #failure: Error | undefined;
  #turns: SharedTurns | undefined;
  #wake: () => void = () => {};

  constructor(task: ReportTask, count: number) {
    this.#workers = Array.from({ length: count }, () => this.#start(task));
    this.#busy = new Set(this.#workers);
  }

  /** Why one of them failed, which has stopped all. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  begin(slices: readonly RecordingSlice[], turns: SharedTurns, descriptor: number): void {
    this.#turns = turns;
    if (this.#failure !== undefined) turns.stop();
    const work: SliceWork = { slices, turns: turns.memory, descriptor };
    for (const worker of this.#workers) worker.postMessage(work);
  }

  /** Waits until each has written its last slice and told what it met, or has failed. */
  async finished(): Promise<void> {
    while (this.#busy.size > 0) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) void worker.terminate();
  }

  #start(task: ReportTask): Worker {
    const worker = new Worker(new URL('report-worker-main.js', import.meta.url), {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
      // What opening a recording says on standard error is said by this thread.
      stderr: true,
    });
    worker.on('message', (news: WorkerNews) => {
      if (news === 'done') this.#ended(worker);
      else this.troubles.push(news);
    });
    worker.on('error', error => this.#failed(worker, error as Error));
    worker.on('exit', code => {
      if (this.#busy.has(worker)) this.#failed(worker, new Error(`a thread ended with ${code}`));
    });
    return worker;
  }

  #failed(worker: Worker, error: Error): void {
    this.#failure ??= error;
    this.#turns?.stop();
    this.#ended(worker);
  }

  #ended(worker: Worker): void {
    this.#busy.delete(worker);
    this.#wake();
  }
}
