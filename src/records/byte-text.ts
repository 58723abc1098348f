const DIGITS = '0123456789abcdef';
const HEX = Uint8Array.from(DIGITS, digit => digit.charCodeAt(0));
const TWO_32 = 0x100000000;
const ZERO = 0x30;
/** Below this many bytes a loop is faster than `set`. */
const LOOP_LIMIT = 40;

/** Bytes of a byte string: each character one byte. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/**
 * One growing buffer that text is written into as bytes. 64-bit numbers come as two unsigned halves.
 */
export class ByteText {
  bytes: Uint8Array;
  /** Bytes written. */
  length = 0;

  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
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

  /** Appends part of `source`. */
  putRange(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (count > LOOP_LIMIT) {
      this.put(source.subarray(start, end));
      return;
    }
    if (this.length + count > this.bytes.length) this.reserve(count);
    const target = this.bytes;
    let at = this.length;
    for (let index = start; index < end; index++) target[at++] = source[index]!;
    this.length = at;
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

  /** Appends a non-negative integer below 2^53 in decimal, with blanks or zeros before it up to `width`. */
  decimal(value: number, width = 0, pad = 0x20): void {
    if (this.length + 32 + width > this.bytes.length) this.reserve(32 + width);
    const digits = digitCount(value);
    const target = this.bytes;
    let at = this.length;
    for (let missing = width - digits; missing > 0; missing--) target[at++] = pad;
    at += digits;
    this.length = at;
    let rest = value;
    while (rest > 0x7fffffff) {
      const tenth = Math.floor(rest / 10);
      target[--at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    let small = rest | 0;
    do {
      const tenth = (small / 10) | 0;
      target[--at] = ZERO + (small - tenth * 10);
      small = tenth;
    } while (small > 0);
  }

  /** Appends an unsigned 64-bit number in decimal. */
  unsigned64(high: number, low: number): void {
    if (high < 0x200000) {
      this.decimal(high * TWO_32 + low);
      return;
    }
    // Long division by 10^9 in digits of 16 bits, so that every step stays exact.
    const top = Math.floor(high / 1e9);
    const middle = (high - top * 1e9) * 65536 + (low >>> 16);
    const second = Math.floor(middle / 1e9);
    const bottom = (middle - second * 1e9) * 65536 + (low & 0xffff);
    const third = Math.floor(bottom / 1e9);
    this.decimal(top * TWO_32 + second * 65536 + third);
    this.decimal(bottom - third * 1e9, 9, ZERO);
  }

  /** Appends a signed 64-bit number in decimal. */
  signed64(high: number, low: number): void {
    if (high < 0x80000000) {
      this.unsigned64(high, low);
      return;
    }
    this.byte(0x2d);
    const lowNegated = ~low + 1;
    this.unsigned64((~high + (low === 0 ? 1 : 0)) >>> 0, lowNegated >>> 0);
  }

  /** Appends an integer of at most 32 bits in decimal. */
  signed(value: number): void {
    if (value < 0) {
      this.byte(0x2d);
      this.decimal(-value);
    } else {
      this.decimal(value);
    }
  }

  /** Appends an unsigned 32-bit number in hexadecimal, at least `width` digits. */
  hex32(value: number, width = 1): void {
    const digits = Math.max(width, value === 0 ? 1 : (35 - Math.clz32(value)) >> 2);
    if (this.length + digits > this.bytes.length) this.reserve(digits);
    const target = this.bytes;
    let at = this.length;
    for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) target[at++] = HEX[(value >>> shift) & 15]!;
    this.length = at;
  }

  /** Appends an unsigned 64-bit number in hexadecimal, at least `width` digits. */
  hex64(high: number, low: number, width = 1): void {
    if (high === 0 && width <= 8) {
      this.hex32(low, width);
      return;
    }
    this.hex32(high, Math.max(1, width - 8));
    this.hex32(low, 8);
  }
}

function digitCount(value: number): number {
  if (value < 1e5) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : value < 10000 ? 4 : 5;
  let digits = 6;
  for (let limit = 1e6; value >= limit; limit *= 10) digits++;
  return digits;
}
