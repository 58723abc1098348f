import { putDecimal32, putHex32, putHex64, putSigned32, putSigned64, putUnsigned64 } from './digits.js';

/** Below this many bytes a loop is faster than `set`. */
const LOOP_LIMIT = 40;
/** No number is longer. */
const NUMBER_ROOM = 24;

/** Bytes of a byte string: each character one byte. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Bytes that are written often, kept as 32-bit words so that copying takes a quarter of the steps. */
export class FixedText {
  /** Bytes. */
  readonly length: number;
  /** The bytes as little-endian words, the last one filled up with zeros. */
  readonly words: Int32Array;

  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.words = new Int32Array((bytes.length + 3) >> 2);
    for (const [index, value] of bytes.entries()) this.words[index >> 2]! |= value << ((index & 3) * 8);
  }

  /** Of a byte string. */
  static of(text: string): FixedText {
    return new FixedText(bytesOf(text));
  }

  /** The bytes as a byte string. */
  toString(): string {
    let text = '';
    for (let index = 0; index < this.length; index++)
      text += String.fromCharCode((this.words[index >> 2]! >>> ((index & 3) * 8)) & 255);
    return text;
  }

  /** Writes the bytes, and up to three zeros behind them; answers the place behind the bytes. */
  putAt(view: DataView, start: number): number {
    const { words } = this;
    for (let index = 0; index < words.length; index++) view.setInt32(start + index * 4, words[index]!, true);
    return start + this.length;
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
    if (this.length + text.length + 4 > this.bytes.length) this.reserve(text.length + 4);
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
    this.length = putDecimal32(this.bytes, this.length, value);
  }

  /** Appends an unsigned 64-bit number in decimal. */
  unsigned64(high: number, low: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putUnsigned64(this.bytes, this.length, high, low);
  }

  /** Appends a signed 64-bit number in decimal. */
  signed64(high: number, low: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putSigned64(this.bytes, this.length, high, low);
  }

  /** Appends an integer of at most 32 bits in decimal. */
  signed(value: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putSigned32(this.bytes, this.length, value);
  }

  /** Appends an unsigned 32-bit number in hexadecimal. */
  hex32(value: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putHex32(this.bytes, this.length, value);
  }

  /** Appends an unsigned 64-bit number in hexadecimal. */
  hex64(high: number, low: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = putHex64(this.bytes, this.length, high, low);
  }
}
