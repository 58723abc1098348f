import { HostError, type ProcessNames, type Tracefs } from '../../host/index.js';

const FRESH_MS = 1000;

/**
 * Command names by pid: what the kernel saved while it recorded, then what the process is called now. The file of
 * saved names is read again when a pid is not in it, at most once per batch, and when it is older than a second.
 */
export class CommandNames {
  readonly #tracefs: Tracefs;
  readonly #processes: ProcessNames;
  #saved = new Map<number, string>();
  #readAt = Number.NEGATIVE_INFINITY;
  #readInBatch = false;

  constructor(tracefs: Tracefs, processes: ProcessNames) {
    this.#tracefs = tracefs;
    this.#processes = processes;
  }

  /** To be called before a batch is made. */
  startBatch(): void {
    this.#readInBatch = false;
  }

  /** The name, as bytes one per character; `undefined` when nobody knows. */
  find(pid: number): string | undefined {
    const old = performance.now() - this.#readAt > FRESH_MS;
    if (!this.#readInBatch && (old || !this.#saved.has(pid))) {
      this.#saved = this.#readSaved();
      this.#readAt = performance.now();
      this.#readInBatch = true;
    }
    return this.#saved.get(pid) ?? this.#processes.find(pid);
  }

  /** Only names are at stake: where the file cannot be read now, those known already have to do. */
  #readSaved(): Map<number, string> {
    try {
      return this.#tracefs.savedCommands();
    } catch (error) {
      if (error instanceof HostError) return this.#saved;
      throw error;
    }
  }
}
