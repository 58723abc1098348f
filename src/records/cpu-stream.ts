import { RecordError } from './error.js';
import type { PageFormat } from './page-format.js';
import { PageWalker } from './pages.js';
import type { LostEvents } from './record.js';

/**
 * The sub-buffers read from one CPU, in order, as one run of records. Bytes may arrive in pieces of any length; a
 * sub-buffer is walked once it is whole (spec 11 R11-27).
 */
export class CpuStream {
  readonly cpu: number;
  /** The record the stream stands on; meaningful after `advance` answered true. */
  readonly walker: PageWalker;
  /** Lost events that no record has been reported behind yet. */
  lost: LostEvents | undefined = undefined;
  /** The time up to which this CPU is known to be complete, when it has no record left. */
  floorHigh = 0;
  floorLow = 0;
  /** True while the stream stands on a record. */
  ready = false;

  /** The pid of the last record and its command name, which is asked once for records in a row. */
  pid = -1;
  comm = '';

  readonly #chunks: Uint8Array[] = [];
  #partial: Uint8Array | undefined;
  #next = 0;
  /** Bytes before those that the walker has. */
  #passed = 0;
  #open = false;
  readonly #damaged: (error: RecordError) => void;
  readonly #pieces: Iterator<Uint8Array> | undefined;

  /**
   * `damaged` is told of every sub-buffer that had to be given up, or the rest of one. `pieces` are asked for bytes when
   * those that were fed are used up.
   */
  constructor(
    cpu: number,
    format: PageFormat,
    damaged: (error: RecordError) => void,
    pieces?: Iterator<Uint8Array>,
  ) {
    this.cpu = cpu;
    this.walker = new PageWalker(format);
    this.#damaged = damaged;
    this.#pieces = pieces;
  }

  /** Bytes from the first one that the stream was given to the record it stands on. */
  get position(): number {
    return this.#passed + this.walker.start;
  }

  get timeHigh(): number {
    return this.walker.timeHigh;
  }

  get timeLow(): number {
    return this.walker.timeLow;
  }

  /** Appends bytes; they are kept, not copied, while whole sub-buffers lie in them. */
  feed(bytes: Uint8Array): void {
    const { size } = this.walker.format;
    let rest = bytes;
    if (this.#partial !== undefined) {
      const joined = new Uint8Array(this.#partial.length + rest.length);
      joined.set(this.#partial);
      joined.set(rest, this.#partial.length);
      rest = joined;
      this.#partial = undefined;
    }
    const whole = rest.length - (rest.length % size);
    if (whole < rest.length) this.#partial = rest.slice(whole);
    if (whole > 0) this.#chunks.push(rest.subarray(0, whole));
  }

  /** Moves to the next record; false when there is none (yet). */
  advance(): boolean {
    const { walker } = this;
    for (;;) {
      try {
        while (!this.#open || !walker.next()) {
          if (!this.#openNext()) {
            this.ready = false;
            return false;
          }
        }
        this.floorHigh = walker.timeHigh;
        this.floorLow = walker.timeLow;
        this.ready = true;
        return true;
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        this.#damaged(error);
      }
    }
  }

  /** Opens a sub-buffer of the walker's bytes that was reached by other means. */
  reopen(offset: number): void {
    this.walker.open(offset);
    this.#next = offset + this.walker.format.size;
  }

  /** Says that the CPU's buffer was empty at that time: nothing earlier will follow. */
  emptyAt(high: number, low: number): void {
    if (high > this.floorHigh || (high === this.floorHigh && low > this.floorLow)) {
      this.floorHigh = high;
      this.floorLow = low;
    }
  }

  /** Gives up bytes that never became a whole sub-buffer. */
  end(): void {
    if (this.#partial === undefined) return;
    const left = this.#partial.length;
    this.#partial = undefined;
    this.#damaged(new RecordError('truncated', `${left} bytes left over behind the last whole sub-buffer`));
  }

  #openNext(): boolean {
    const { walker } = this;
    this.#open = false;
    while (this.#next >= walker.bytes.length) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) {
        const piece = this.#pieces?.next();
        if (piece === undefined || piece.done === true) return false;
        this.feed(piece.value);
        continue;
      }
      this.#passed += walker.bytes.length;
      walker.load(chunk);
      this.#next = 0;
    }
    const offset = this.#next;
    this.#next += walker.format.size;
    walker.open(offset);
    this.#open = true;
    if (walker.lostBefore) this.#addLost(walker.lostCount);
    return true;
  }

  #addLost(count: number | undefined): void {
    const before = this.lost === undefined ? 0 : this.lost.count;
    const sum = before === undefined || count === undefined ? undefined : before + count;
    this.lost = { cpu: this.cpu, count: sum };
  }
}
