import type { PageRecord } from './page-record.js';
import type { LostEvents, RecordSink } from './record.js';

/** Which records of a recording are wanted. Times are in the unit of the buffer's clock. */
export interface RecordSelection {
  /** The earliest time, itself included. */
  readonly from?: bigint | undefined;
  /** The latest time, itself included. */
  readonly to?: bigint | undefined;
  /** At most so many records. */
  readonly count?: number | undefined;
}

const NEVER = 0xffff_ffff_ffff_ffffn;
const TWO_32 = 0x100000000;
/** A clock may step back a little: so many records in a row must be too late until no other is expected. */
const ENOUGH_LATE = 8192;

/**
 * Hands on the wanted records. A loss is handed on with the record that it was reported before, and dropped with it; one
 * without a record behind it only when all times are wanted.
 */
export class SelectedRecords implements RecordSink {
  readonly #sink: RecordSink;
  readonly #fromHigh: number;
  readonly #fromLow: number;
  readonly #toHigh: number;
  readonly #toLow: number;
  readonly #allTimes: boolean;
  #left: number;
  #late = 0;
  #lost: LostEvents[] = [];

  constructor(sink: RecordSink, { from, to, count }: RecordSelection) {
    this.#sink = sink;
    [this.#fromHigh, this.#fromLow] = halves(from ?? 0n);
    [this.#toHigh, this.#toLow] = halves(to ?? NEVER);
    this.#allTimes = from === undefined && to === undefined;
    this.#left = count ?? Number.POSITIVE_INFINITY;
  }

  /** No further record is wanted. */
  get done(): boolean {
    return this.#left <= 0 || this.#late >= ENOUGH_LATE;
  }

  get isFull(): boolean {
    return this.#sink.isFull === true;
  }

  lost(lost: LostEvents): void {
    this.#lost.push(lost);
  }

  record(record: PageRecord): void {
    const { timeHigh: high, timeLow: low } = record;
    const isLate = high > this.#toHigh || (high === this.#toHigh && low > this.#toLow);
    this.#late = isLate ? this.#late + 1 : 0;
    const isEarly = high < this.#fromHigh || (high === this.#fromHigh && low < this.#fromLow);
    if (isLate || isEarly || this.#left <= 0) {
      if (this.#lost.length > 0) this.#lost = [];
      return;
    }
    if (this.#lost.length > 0) this.#passLost();
    this.#left--;
    this.#sink.record(record);
  }

  /** To be called when there are no more records. */
  end(): void {
    if (this.#allTimes && this.#left > 0) this.#passLost();
  }

  #passLost(): void {
    for (const lost of this.#lost) this.#sink.lost(lost);
    this.#lost = [];
  }
}

function halves(time: bigint): [high: number, low: number] {
  const kept = time < 0n ? 0n : time > NEVER ? NEVER : time;
  return [Number(kept / BigInt(TWO_32)), Number(kept % BigInt(TWO_32))];
}
