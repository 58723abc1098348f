import { putDecimal32, putHex32, putHex64, putSigned32, putSigned64, putUnsigned64 } from './digits.js';

/** Below this many bytes a loop is faster than `set`. */
const LOOP_LIMIT = 40;
/** Bytes of lines that are to be taken before others are written. */
export const MOST_WAITING = 1 << 20;
/** No number is longer. */
const NUMBER_ROOM = 24;

/** Bytes of a byte string: each character one byte. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Doubles in a slab. */
const SLAB = 1 << 12;

/** Room for many short texts. */
class Slab {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Eight bytes each, as the view reads them. */
  readonly doubles: Float64Array;
  /** Doubles that are taken. */
  used = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size * 8);
    this.view = new DataView(this.bytes.buffer);
    this.doubles = new Float64Array(size);
  }
}

let slab = new Slab(0);

/** Bytes that are written often, kept so that copying takes few steps. */
export class FixedText {
  /** Bytes. */
  readonly length: number;
  readonly #slab: Slab;
  /** Where the text begins, in doubles. */
  readonly #start: number;
  /** Eight bytes are one double: of ASCII none is a NaN, whose bits would not be kept. */
  readonly #isAscii: boolean;

  constructor(bytes: Uint8Array) {
    const size = (bytes.length + 7) >> 3;
    if (slab.used + size > slab.doubles.length) slab = new Slab(Math.max(SLAB, size));
    this.length = bytes.length;
    this.#slab = slab;
    this.#start = slab.used;
    slab.used += size;
    let every = 0;
    for (let index = 0; index < bytes.length; index++) {
      const value = bytes[index]!;
      slab.bytes[this.#start * 8 + index] = value;
      every |= value === 0x7f ? 0x80 : value;
    }
    this.#isAscii = every < 0x80;
    if (!this.#isAscii) return;
    for (let at = this.#start; at < slab.used; at++) slab.doubles[at] = slab.view.getFloat64(at * 8, true);
  }

  /** Of a byte string. */
  static of(text: string): FixedText {
    return new FixedText(bytesOf(text));
  }

  /** The bytes as a byte string. */
  toString(): string {
    const { bytes } = this.#slab;
    const start = this.#start * 8;
    let text = '';
    for (let index = start; index < start + this.length; index++) text += String.fromCharCode(bytes[index]!);
    return text;
  }

  /** Writes the bytes, and up to seven zeros behind them; answers the place behind the bytes. */
  putAt(view: DataView, start: number): number {
    const { length } = this;
    if (this.#isAscii) {
      const { doubles } = this.#slab;
      let from = this.#start;
      for (let at = 0; at < length; at += 8) view.setFloat64(start + at, doubles[from++]!, true);
    } else {
      const { bytes } = this.#slab;
      const from = this.#start * 8;
      for (let at = 0; at < length; at++) view.setUint8(start + at, bytes[from + at]!);
    }
    return start + length;
  }
}

/**
 * One growing buffer that text is written into as bytes. 64-bit numbers come as two halves. Writers in a hurry
 * `reserve`, fill `bytes` themselves and move `length`.
 */
export class ByteText {
  bytes: Uint8Array;
  /** The same bytes. */
  view: DataView;
  /** Bytes written. */
  length = 0;

  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** The bytes written so far as a view, and starts over: the view is valid until the next write. */
  take(): Uint8Array {
    const view = this.bytes.subarray(0, this.length);
    this.length = 0;
    return view;
  }

  /** Makes room for that many more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    if (this.length >= this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Appends bytes. */
  put(source: Uint8Array): void {
    const count = source.length;
    if (this.length + count > this.bytes.length) this.reserve(count);
    const target = this.bytes;
    let at = this.length;
    if (count <= LOOP_LIMIT) {
      for (let index = 0; index < count; index++) target[at++] = source[index]!;
    } else {
      target.set(source, at);
      at += count;
    }
    this.length = at;
  }

  /** Appends bytes that are kept for that. */
  fixed(text: FixedText): void {
    if (this.length + text.length + 8 > this.bytes.length) this.reserve(text.length + 8);
    this.length = text.putAt(this.view, this.length);
  }

  /** Appends `source` from `start` to the first NUL, or to `end`. */
  putUntilNul(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (count <= 0) return;
    if (this.length + count > this.bytes.length) this.reserve(count);
    const target = this.bytes;
    let at = this.length;
    for (let index = start; index < end; index++) {
      const value = source[index]!;
      if (value === 0) break;
      target[at++] = value;
    }
    this.length = at;
  }

  /** Appends a byte string. */
  text(text: string): void {
    const count = text.length;
    this.reserve(count);
    for (let index = 0; index < count; index++) this.bytes[this.length + index] = text.charCodeAt(index);
    this.length += count;
  }

  /** Appends an unsigned number of at most 32 bits in decimal. */
  decimal(value: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putDecimal32(this.view, this.length, value);
  }

  /** Appends an unsigned 64-bit number in decimal. */
  unsigned64(high: number, low: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putUnsigned64(this.view, this.length, high, low);
  }

  /** Appends a signed 64-bit number in decimal. */
  signed64(high: number, low: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putSigned64(this.view, this.length, high, low);
  }

  /** Appends an integer of at most 32 bits in decimal. */
  signed(value: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putSigned32(this.view, this.length, value);
  }

  /** Appends an unsigned 32-bit number in hexadecimal. */
  hex32(value: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putHex32(this.view, this.length, value);
  }

  /** Appends an unsigned 64-bit number in hexadecimal. */
  hex64(high: number, low: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putHex64(this.view, this.length, high, low);
  }
}
