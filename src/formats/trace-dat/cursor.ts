import { latin1 } from '../../records/index.js';
import { TraceDatError } from './error.js';

const LONGEST_STRING = 1 << 16;

/** Reads numbers and texts one after another from a piece of a file. What passes its end throws `truncated`. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  position: number;
  readonly #view: DataView;
  /** Where in the file the piece begins, for messages; `undefined` for what was decompressed. */
  readonly #base: number | undefined;

  constructor(bytes: Uint8Array, littleEndian: boolean, base: number | undefined, position = 0) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.position = position;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#base = base;
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  /** The place in the file. */
  get place(): number | undefined {
    return this.#base === undefined ? undefined : this.#base + this.position;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1, 'a number'));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2, 'a number'), this.littleEndian);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4, 'a number'), this.littleEndian);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8, 'a number'), this.littleEndian);
  }

  /** A 64-bit number that is an offset or a size: `damaged` when no file is so large. */
  size(what: string): number {
    const place = this.place;
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new TraceDatError('damaged', `${what} of ${value}`, place);
    return Number(value);
  }

  /** A view of the next bytes. */
  take(length: number, what: string): Uint8Array {
    const start = this.#take(length, what);
    return this.bytes.subarray(start, start + length);
  }

  /** The bytes up to the next NUL, one per character. */
  string(what: string): string {
    const end = this.bytes.indexOf(0, this.position);
    if (end < 0) throw new TraceDatError('truncated', `${what} has no end`, this.place);
    if (end - this.position > LONGEST_STRING)
      throw new TraceDatError('damaged', `${what} is too long`, this.place);
    const text = latin1(this.bytes.subarray(this.position, end));
    this.position = end + 1;
    return text;
  }

  #take(length: number, what: string): number {
    if (length > this.left)
      throw new TraceDatError('truncated', `${what} of ${length} bytes ends early`, this.place);
    const start = this.position;
    this.position += length;
    return start;
  }
}

/** As `latin1`, up to the first NUL. */
export function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return latin1(end < 0 ? bytes : bytes.subarray(0, end));
}
