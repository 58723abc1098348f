import { RecordError } from './error.js';
import { COMMON_PAGE_FORMAT, type PageFormat } from './page-format.js';

const LOST_STORED = 0x40000000;
const LOST_BEFORE = 0x80000000;
const TIME_EXTEND = 30;
const TIME_STAMP = 31;
const LARGEST_SHORT_PAYLOAD = 28 * 4;
const SMALLEST_PAYLOAD = 8;
const DELTA_LIMIT = 1n << 27n;
const STAMP_LIMIT = 1n << 59n;

/**
 * Writes records into sub-buffers as a kernel does (spec 11 sections 2 and 3): records with their times in, whole
 * sub-buffers out.
 */
export class PageWriter {
  readonly format: PageFormat;
  readonly #finished: Uint8Array[] = [];
  #page: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #position = 0;
  #time = 0n;
  #lost: { readonly count: number | undefined } | undefined;

  constructor(format: PageFormat = COMMON_PAGE_FORMAT) {
    this.format = format;
  }

  /** Bytes of the largest payload that `write` takes (spec 11 R11-12). */
  get largestPayload(): number {
    return this.format.size - this.format.dataOffset - 8;
  }

  /**
   * Appends a record. `time` is an unsigned 64-bit number in the clock's unit; `payload` is copied and padded to a
   * multiple of 4 bytes. Throws `RecordError` `too-large` or, below 8 bytes, `event`.
   */
  write(time: bigint, payload: Uint8Array): void {
    if (payload.length > this.largestPayload) {
      throw new RecordError('too-large', `a record of ${payload.length} bytes; ${this.largestPayload} fit`);
    }
    if (payload.length < SMALLEST_PAYLOAD)
      throw new RecordError('event', 'a record without its common fields');
    const padded = (payload.length + 3) & ~3;
    const size = padded <= LARGEST_SHORT_PAYLOAD ? 4 + padded : 8 + padded;
    const stamp = this.#stampFor(time);
    const room = this.#page === undefined ? 0 : this.format.size - this.#position;
    if (stamp === 'new page' || room < size + (stamp === 'none' ? 0 : 8)) this.#begin(time);
    else if (stamp === 'extend') this.#putTime(TIME_EXTEND, time - this.#time);
    else if (stamp === 'absolute') this.#putTime(TIME_STAMP, time);
    const delta = stamp === 'none' ? Number(time - this.#time) : 0;
    this.#time = time;
    this.#putRecord(delta, payload, padded);
  }

  /**
   * Notes that events were lost before the next record, which therefore begins a new sub-buffer. An `undefined` count
   * is one that is not known; noted twice, counts add up.
   */
  lose(count: number | undefined): void {
    this.finishPage();
    const before = this.#lost === undefined ? 0 : this.#lost.count;
    this.#lost = { count: count === undefined || before === undefined ? undefined : before + count };
  }

  /** Ends the sub-buffer being filled, if any; the next record begins another. */
  finishPage(): void {
    if (this.#page === undefined) return;
    const { dataOffset, littleEndian } = this.format;
    let commit = this.#position - dataOffset;
    if (this.#lost !== undefined) {
      commit += LOST_BEFORE;
      if (this.#lost.count !== undefined && this.#putLostCount(this.#lost.count)) commit += LOST_STORED;
      this.#lost = undefined;
    }
    this.#view.setUint32(this.#wordStart(8), commit, littleEndian);
    this.#finished.push(this.#page);
    this.#page = undefined;
  }

  /** Hands over the finished sub-buffers, oldest first; the one being filled is not among them. */
  takePages(): Uint8Array[] {
    return this.#finished.splice(0);
  }

  #stampFor(time: bigint): 'none' | 'extend' | 'absolute' | 'new page' {
    if (this.#page === undefined) return 'none';
    const delta = time - this.#time;
    if (delta >= 0n) return delta < DELTA_LIMIT ? 'none' : delta < STAMP_LIMIT ? 'extend' : 'new page';
    return this.#time < STAMP_LIMIT ? 'absolute' : 'new page';
  }

  #begin(time: bigint): void {
    this.finishPage();
    const { size, dataOffset, littleEndian } = this.format;
    this.#page = new Uint8Array(size);
    this.#view = new DataView(this.#page.buffer);
    this.#view.setBigUint64(0, time, littleEndian);
    this.#position = dataOffset;
    this.#time = time;
  }

  #putTime(type: number, value: bigint): void {
    this.#putHeader(type, Number(value & (DELTA_LIMIT - 1n)));
    this.#view.setUint32(this.#position, Number(value >> 27n), this.format.littleEndian);
    this.#position += 4;
  }

  #putRecord(delta: number, payload: Uint8Array, padded: number): void {
    if (padded <= LARGEST_SHORT_PAYLOAD) {
      this.#putHeader(padded / 4, delta);
    } else {
      this.#putHeader(0, delta);
      this.#view.setUint32(this.#position, padded + 4, this.format.littleEndian);
      this.#position += 4;
    }
    this.#page!.set(payload, this.#position);
    this.#position += padded;
  }

  #putHeader(type: number, delta: number): void {
    const { littleEndian } = this.format;
    const word = littleEndian ? ((delta << 5) | type) >>> 0 : ((type << 27) | delta) >>> 0;
    this.#view.setUint32(this.#position, word, littleEndian);
    this.#position += 4;
  }

  #putLostCount(count: number): boolean {
    const { size, wordSize, littleEndian } = this.format;
    if (size - this.#position < wordSize) return false;
    if (wordSize === 8) this.#view.setBigUint64(this.#position, BigInt(count), littleEndian);
    else this.#view.setUint32(this.#position, Math.min(count, 0x7fffffff), littleEndian);
    return true;
  }

  /** Where the low 32 bits of the word at `offset` are. */
  #wordStart(offset: number): number {
    return this.format.wordSize === 8 && !this.format.littleEndian ? offset + 4 : offset;
  }
}
