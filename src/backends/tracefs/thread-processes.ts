import { HostError, type Tracefs } from '../../host/index.js';

const FRESH_MS = 1000;

/** The processes of threads, as the kernel noted them. Its file is read again when a thread is not in it, at most once a second. */
export class ThreadProcesses {
  readonly #tracefs: Tracefs;
  #saved: ReadonlyMap<number, number> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(tracefs: Tracefs) {
    this.#tracefs = tracefs;
  }

  /** `undefined` when the kernel did not note it. */
  of(tid: number): number | undefined {
    const known = this.#saved.get(tid);
    if (known !== undefined || performance.now() - this.#readAt < FRESH_MS) return known;
    this.#readAt = performance.now();
    try {
      this.#saved = this.#tracefs.savedProcesses();
    } catch (error) {
      // Only where a thread is drawn is at stake.
      if (!(error instanceof HostError)) throw error;
    }
    return this.#saved.get(tid);
  }
}
