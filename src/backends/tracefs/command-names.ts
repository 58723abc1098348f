import { HostError, type ProcessNames, type Tracefs } from '../../host/index.js';

const FRESH_NS = 1_000_000_000n;

/**
 * Command names by pid: what the kernel saved while it recorded, then what the process is called now. The file of
 * saved names is read again when a pid is not in it, at most once per batch, and when it is older than a second.
 */
export class CommandNames {
  readonly #tracefs: Tracefs;
  readonly #processes: ProcessNames;
  #saved = new Map<number, string>();
  /** By the clock of `process.hrtime`: `performance` would be a module more to load. */
  #readAt: bigint | undefined;
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
    if (!this.#readInBatch && (this.#isOld() || !this.#saved.has(pid))) {
      this.#saved = this.#readSaved();
      this.#readAt = process.hrtime.bigint();
      this.#readInBatch = true;
    }
    return this.#saved.get(pid) ?? this.#processes.find(pid);
  }

  #isOld(): boolean {
    return this.#readAt === undefined || process.hrtime.bigint() - this.#readAt > FRESH_NS;
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
