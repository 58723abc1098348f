// Numbers written as digits straight into bytes. Each function takes the target and the place to begin at, needs room for
// the longest number of its kind (20 digits), and answers the place behind the last digit. Halves of 64-bit numbers may
// come as signed or unsigned 32-bit integers; signed ones are cheaper to pass.

const ZERO = 0x30;
const TENS = Uint8Array.from({ length: 100 }, (_, value) => ZERO + Math.floor(value / 10));
const ONES = Uint8Array.from({ length: 100 }, (_, value) => ZERO + (value % 10));
const HEX = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0));
const HEX_HIGH = Uint8Array.from({ length: 256 }, (_, value) => HEX[value >> 4]!);
const HEX_LOW = Uint8Array.from({ length: 256 }, (_, value) => HEX[value & 15]!);
/** Three digits, the first in the lowest byte. */
const THREE_DIGITS = Uint32Array.from({ length: 1000 }, (_, value) =>
  [...String(value).padStart(3, '0')].reduce((all, digit, at) => all | (digit.charCodeAt(0) << (at * 8)), 0),
);
const TWO_32 = 0x100000000;
const BILLION = 1_000_000_000;

/** An unsigned number of at most 32 bits in decimal. */
export function putDecimal32(bytes: Uint8Array, start: number, value: number): number {
  if (value < 10) {
    bytes[start] = ZERO + value;
    return start + 1;
  }
  const end = start + decimalDigits(value);
  let at = end;
  let rest = value >>> 0;
  while (rest >= 100) {
    const quotient = (rest / 100) >>> 0;
    const pair = rest - quotient * 100;
    at -= 2;
    bytes[at] = TENS[pair]!;
    bytes[at + 1] = ONES[pair]!;
    rest = quotient;
  }
  if (rest >= 10) {
    bytes[at - 2] = TENS[rest]!;
    bytes[at - 1] = ONES[rest]!;
  } else {
    bytes[at - 1] = ZERO + rest;
  }
  return end;
}

/** A number below 10^9 in exactly nine digits. */
export function putNineDigits(bytes: Uint8Array, start: number, value: number): number {
  const millions = (value / 1_000_000) >>> 0;
  const below = value - millions * 1_000_000;
  const thousands = (below / 1000) >>> 0;
  putThreeDigits(bytes, start, millions);
  putThreeDigits(bytes, start + 3, thousands);
  putThreeDigits(bytes, start + 6, below - thousands * 1000);
  return start + 9;
}

function putThreeDigits(bytes: Uint8Array, start: number, value: number): void {
  const digits = THREE_DIGITS[value]!;
  bytes[start] = digits;
  bytes[start + 1] = digits >>> 8;
  bytes[start + 2] = digits >>> 16;
}

/** A number below 10^6 in exactly six digits. Overshoots by one byte. */
export function putSixDigits(view: DataView, start: number, value: number): number {
  const high = (value / 1000) >>> 0;
  view.setUint32(start, THREE_DIGITS[high]!, true);
  view.setUint32(start + 3, THREE_DIGITS[value - high * 1000]!, true);
  return start + 6;
}

/** An unsigned 64-bit number in decimal, from its halves. */
export function putUnsigned64(bytes: Uint8Array, start: number, high: number, low: number): number {
  if (high === 0) return putDecimal32(bytes, start, low >>> 0);
  // The quotient of rounded numbers is off by one at most, so the true remainder fits in 32 bits, where it is exact.
  let billions = Math.floor(((high >>> 0) * TWO_32 + (low >>> 0)) / BILLION);
  let rest = (low - Math.imul(billions | 0, BILLION)) | 0;
  if (rest < 0) {
    billions--;
    rest += BILLION;
  } else if (rest >= BILLION) {
    billions++;
    rest -= BILLION;
  }
  if (billions < BILLION) return putNineDigits(bytes, putDecimal32(bytes, start, billions | 0), rest);
  const top = (billions / BILLION) | 0;
  const middle = (billions - top * BILLION) | 0;
  return putNineDigits(bytes, putNineDigits(bytes, putDecimal32(bytes, start, top), middle), rest);
}

/** A signed 64-bit number in decimal, from its halves. */
export function putSigned64(bytes: Uint8Array, start: number, high: number, low: number): number {
  if ((high | 0) >= 0) return putUnsigned64(bytes, start, high, low);
  bytes[start] = 0x2d;
  return putUnsigned64(bytes, start + 1, (~high + ((low | 0) === 0 ? 1 : 0)) | 0, -(low | 0) | 0);
}

/** A signed number of at most 32 bits in decimal. */
export function putSigned32(bytes: Uint8Array, start: number, value: number): number {
  if (value >= 0) return putDecimal32(bytes, start, value);
  bytes[start] = 0x2d;
  return putDecimal32(bytes, start + 1, -value >>> 0);
}

/** An unsigned number of at most 32 bits in hexadecimal, without leading zeros. */
export function putHex32(bytes: Uint8Array, start: number, value: number): number {
  const digits = value === 0 ? 1 : (35 - Math.clz32(value)) >> 2;
  let at = start;
  for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) bytes[at++] = HEX[(value >>> shift) & 15]!;
  return at;
}

/** An unsigned 64-bit number in hexadecimal, without leading zeros, from its halves. */
export function putHex64(bytes: Uint8Array, start: number, high: number, low: number): number {
  if (high === 0) return putHex32(bytes, start, low);
  const at = high >>> 28 !== 0 ? putEightHex(bytes, start, high) : putHex32(bytes, start, high);
  return putEightHex(bytes, at, low);
}

function putEightHex(bytes: Uint8Array, start: number, value: number): number {
  const a = value >>> 24;
  const b = (value >>> 16) & 255;
  const c = (value >>> 8) & 255;
  const d = value & 255;
  bytes[start] = HEX_HIGH[a]!;
  bytes[start + 1] = HEX_LOW[a]!;
  bytes[start + 2] = HEX_HIGH[b]!;
  bytes[start + 3] = HEX_LOW[b]!;
  bytes[start + 4] = HEX_HIGH[c]!;
  bytes[start + 5] = HEX_LOW[c]!;
  bytes[start + 6] = HEX_HIGH[d]!;
  bytes[start + 7] = HEX_LOW[d]!;
  return start + 8;
}

/** An unsigned 64-bit number in exactly sixteen hexadecimal digits, from its halves. */
export function putPointer(bytes: Uint8Array, start: number, high: number, low: number): number {
  return putEightHex(bytes, putEightHex(bytes, start, high), low);
}

/** Fills up the bytes from `start` to `end` to that many by moving them to the right; answers the new end. */
export function padStart(bytes: Uint8Array, start: number, end: number, width: number, fill: number): number {
  const added = width - (end - start);
  if (added <= 0) return end;
  bytes.copyWithin(start + added, start, end);
  bytes.fill(fill, start, start + added);
  return end + added;
}

/** As `padStart`, behind the bytes. */
export function padEnd(bytes: Uint8Array, start: number, end: number, width: number, fill: number): number {
  const added = width - (end - start);
  if (added <= 0) return end;
  bytes.fill(fill, end, end + added);
  return end + added;
}

function decimalDigits(value: number): number {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1e7) return value < 1e5 ? 5 : value < 1e6 ? 6 : 7;
  return value < 1e8 ? 8 : value < 1e9 ? 9 : 10;
}
