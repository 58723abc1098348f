import { RecordError } from './error.js';
import type { PageFormat } from './page-format.js';

const LENGTH_MASK = 0x3fffffff;
const LOST_STORED = 0x40000000;
const LOST_BEFORE = 0x80000000;
const TWO_32 = 0x100000000;
const TWO_27 = 0x8000000;
/** Before there is a time. With a small number V8 would compile all that reads times twice: they may need 32 bits. */
const NO_TIME = 0xffff_ffff;
/** `common_type` to `common_pid` (spec 11 R11-10). */
const SMALLEST_PAYLOAD = 8;

/**
 * Walks the events of sub-buffers, one sub-buffer at a time, without allocating (spec 11 sections 2 and 3).
 *
 * `open` a sub-buffer, then call `next` until it answers false; after each true the public members describe one record.
 * Damage throws a `RecordError` with the offset; the walker can then `open` the next sub-buffer.
 */
export class PageWalker {
  readonly format: PageFormat;
  /** Bytes below which a payload is damage: where the common fields take more, as much as they take. */
  smallestPayload = SMALLEST_PAYLOAD;
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the record's payload starts in `bytes`. */
  start = 0;
  /** Where the payload ends, padding to the unit of 4 included. */
  end = 0;
  /** Upper 32 bits of the record's time, unsigned. */
  timeHigh = NO_TIME;
  /** Lower 32 bits of the record's time, unsigned. */
  timeLow = NO_TIME;
  /** Events were lost just before the first event of the open sub-buffer. */
  lostBefore = false;
  /** How many were lost, when the kernel stored it (spec 11 R11-3). */
  lostCount: number | undefined = undefined;
  /** How often new bytes were given. */
  loads = 0;

  #position = 0;
  #limit = 0;
  #pageEnd = 0;

  constructor(format: PageFormat) {
    this.format = format;
  }

  /** Gives the walker new bytes; sub-buffers in them are then opened by offset. */
  load(bytes: Uint8Array): void {
    this.loads++;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = this.#limit = 0;
  }

  /** Opens the sub-buffer that starts at `offset` of the loaded bytes. Throws `page` or `truncated`. */
  open(offset: number): void {
    const { size, dataOffset, wordSize, littleEndian } = this.format;
    const { view } = this;
    this.#position = this.#limit = 0;
    this.lostBefore = false;
    this.lostCount = undefined;
    if (offset + size > view.byteLength) {
      throw new RecordError('truncated', `a sub-buffer of ${size} bytes ends early`, view.byteLength);
    }
    const lowFirst = littleEndian ? 0 : 4;
    this.timeLow = view.getUint32(offset + lowFirst, littleEndian);
    this.timeHigh = view.getUint32(offset + 4 - lowFirst, littleEndian);
    const commitOffset = offset + 8 + (wordSize === 8 && !littleEndian ? 4 : 0);
    const commit = view.getUint32(commitOffset, littleEndian);
    const length = commit & LENGTH_MASK;
    const capacity = size - dataOffset;
    if (length > capacity) {
      throw new RecordError(
        'page',
        `${length} bytes of data in a sub-buffer that holds ${capacity}`,
        commitOffset,
      );
    }
    const lost = commit >= LOST_BEFORE;
    const stored = (commit & LOST_STORED) !== 0;
    if (stored && !lost)
      throw new RecordError('page', 'a lost count without the mark of lost events', commitOffset);
    const data = offset + dataOffset;
    if (stored) this.lostCount = this.#readLostCount(data + length, capacity - length);
    this.lostBefore = lost;
    this.#position = data;
    this.#limit = data + length;
    this.#pageEnd = offset + size;
  }

  /** Where the open sub-buffer begins in `bytes`. */
  get pageStart(): number {
    return this.#pageEnd - this.format.size;
  }

  /** Where the open sub-buffer's data end. */
  get limit(): number {
    return this.#limit;
  }

  /** Stands on a record of the open sub-buffer that was found by other means: the walk goes on behind it. */
  stand(start: number, end: number, timeHigh: number, timeLow: number): void {
    this.#arrive(start, end, timeLow, timeHigh);
  }

  /** Moves to the next record. False at the end of the sub-buffer. Throws `event`; the sub-buffer is then at its end. */
  next(): boolean {
    const { view } = this;
    const { littleEndian } = this.format;
    const limit = this.#limit;
    let position = this.#position;
    let low = this.timeLow;
    let high = this.timeHigh;
    while (position < limit) {
      if (position + 4 > limit) this.#damage('an event header passes the end of the data', position);
      const word = view.getUint32(position, littleEndian);
      const type = littleEndian ? word & 31 : word >>> 27;
      const delta = littleEndian ? word >>> 5 : word & 0x07ffffff;
      if (type <= 28 && type > 0) {
        low += delta;
        if (low >= TWO_32) {
          low -= TWO_32;
          high = (high + 1) >>> 0;
        }
        const end = position + 4 + type * 4;
        if (end > limit) this.#damage('a record passes the end of the data', position);
        if (type * 4 < this.smallestPayload) this.#damage('a record is too short', position);
        return this.#arrive(position + 4, end, low, high);
      }
      if (type === 29 && delta === 0) break;
      if (position + 8 > limit) this.#damage('an event header passes the end of the data', position);
      const array = view.getUint32(position + 4, littleEndian);
      if (type === 31) {
        const previousHigh = high;
        const previousLow = low;
        low = (array & 31) * TWO_27 + delta;
        high = array >>> 5;
        // Only 59 bits are stored; the upper five are those of the time before.
        if (previousHigh >= TWO_27) {
          high = (high | (previousHigh & 0xf8000000)) >>> 0;
          if (high < previousHigh || (high === previousHigh && low < previousLow))
            high = (high + TWO_27) >>> 0;
        }
        position += 8;
        continue;
      }
      low += delta;
      if (type === 30) {
        low += (array & 31) * TWO_27;
        high += array >>> 5;
        position += 8;
      } else {
        if (array < 4) this.#damage('an event with an impossible length', position);
      }
      if (low >= TWO_32) {
        high += Math.floor(low / TWO_32);
        low %= TWO_32;
      }
      high = high >>> 0;
      if (type === 30) continue;
      const end = position + 4 + array;
      if (type === 29) {
        // The filler at the end of a sub-buffer may reach beyond the valid data.
        if (end > this.#pageEnd) this.#damage('padding passes the end of the sub-buffer', position);
        position = end;
        continue;
      }
      if (end > limit) this.#damage('a record passes the end of the data', position);
      if (array - 4 < this.smallestPayload) this.#damage('a record is too short', position);
      return this.#arrive(position + 8, end, low, high);
    }
    this.#position = limit;
    return false;
  }

  #arrive(start: number, end: number, low: number, high: number): true {
    this.start = start;
    this.end = end;
    this.timeLow = low;
    this.timeHigh = high;
    this.#position = end;
    return true;
  }

  #readLostCount(position: number, room: number): number {
    const { wordSize, littleEndian } = this.format;
    if (room < wordSize)
      throw new RecordError('page', 'no room for the lost count that is marked as stored', position);
    const first = this.view.getUint32(position, littleEndian);
    if (wordSize === 4) {
      if (first >= LOST_BEFORE) throw new RecordError('page', 'a negative lost count', position);
      return first;
    }
    const second = this.view.getUint32(position + 4, littleEndian);
    const high = littleEndian ? second : first;
    const low = littleEndian ? first : second;
    if (high >= LOST_BEFORE) throw new RecordError('page', 'a negative lost count', position);
    if (high >= 1 << 21) throw new RecordError('page', 'an impossible lost count', position);
    return high * TWO_32 + low;
  }

  #damage(what: string, position: number): never {
    this.#position = this.#limit;
    throw new RecordError('event', what, position);
  }
}
