// Numbers written as digits straight into bytes. Each function takes a view of the target and the place to begin at, needs room for
// 24 bytes (the longest number has 20 digits), and answers the place behind the last digit: several are written at once, which may overshoot.
// Halves of 64-bit numbers may come as signed or unsigned 32-bit integers; signed ones are cheaper to pass.

const ZERO = 0x30;
const MINUS = 0x2d;
/** Three digits, the first in the lowest byte. */
const THREE_DIGITS = Uint32Array.from({ length: 1000 }, (_, value) => word(String(value).padStart(3, '0')));
/** The same without leading zeros. */
const UP_TO_THREE = Uint32Array.from({ length: 1000 }, (_, value) => word(String(value)));
/** Two hexadecimal digits, the first in the lowest byte. */
const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, value) => word(value.toString(16).padStart(2, '0')));
const TWO_32 = 0x100000000;
const BILLION = 1_000_000_000;

function word(digits: string): number {
  return [...digits].reduce((all, digit, at) => all | (digit.charCodeAt(0) << (at * 8)), 0);
}

/** An unsigned number of at most 32 bits in decimal. */
export function putDecimal32(view: DataView, start: number, value: number): number {
  if (value < 1000) return putUpToThree(view, start, value);
  const thousands = (value / 1000) >>> 0;
  const below = value - thousands * 1000;
  if (thousands < 1000) return putThree(view, putUpToThree(view, start, thousands), below);
  const millions = (thousands / 1000) >>> 0;
  let at = start;
  if (millions < 1000) {
    at = putUpToThree(view, at, millions);
  } else {
    const billions = (millions / 1000) >>> 0;
    view.setUint8(at, ZERO + billions);
    at = putThree(view, at + 1, millions - billions * 1000);
  }
  return putThree(view, putThree(view, at, thousands - millions * 1000), below);
}

/** A number below 10^9 in exactly nine digits. */
export function putNineDigits(view: DataView, start: number, value: number): number {
  const millions = (value / 1_000_000) >>> 0;
  const below = value - millions * 1_000_000;
  const thousands = (below / 1000) >>> 0;
  return putThree(view, putThree(view, putThree(view, start, millions), thousands), below - thousands * 1000);
}

function putThree(view: DataView, start: number, value: number): number {
  view.setUint32(start, THREE_DIGITS[value]!, true);
  return start + 3;
}

function putUpToThree(view: DataView, start: number, value: number): number {
  view.setUint32(start, UP_TO_THREE[value]!, true);
  return start + (value < 10 ? 1 : value < 100 ? 2 : 3);
}

/** A number below 10^6 in exactly six digits. */
export function putSixDigits(view: DataView, start: number, value: number): number {
  const thousands = (value / 1000) >>> 0;
  return putThree(view, putThree(view, start, thousands), value - thousands * 1000);
}

/** An unsigned 64-bit number in decimal, from its halves. */
export function putUnsigned64(view: DataView, start: number, high: number, low: number): number {
  if (high === 0) return putDecimal32(view, start, low >>> 0);
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
  if (billions < BILLION) return putNineDigits(view, putDecimal32(view, start, billions | 0), rest);
  const top = (billions / BILLION) | 0;
  const middle = (billions - top * BILLION) | 0;
  return putNineDigits(view, putNineDigits(view, putDecimal32(view, start, top), middle), rest);
}

/** A signed 64-bit number in decimal, from its halves. */
export function putSigned64(view: DataView, start: number, high: number, low: number): number {
  if ((high | 0) >= 0) return putUnsigned64(view, start, high, low);
  view.setUint8(start, MINUS);
  return putUnsigned64(view, start + 1, (~high + ((low | 0) === 0 ? 1 : 0)) | 0, -(low | 0) | 0);
}

/** A signed number of at most 32 bits in decimal. */
export function putSigned32(view: DataView, start: number, value: number): number {
  if (value >= 0) return putDecimal32(view, start, value);
  view.setUint8(start, MINUS);
  return putDecimal32(view, start + 1, -value >>> 0);
}

/** An unsigned number of at most 32 bits in hexadecimal, without leading zeros. */
export function putHex32(view: DataView, start: number, value: number): number {
  const digits = value === 0 ? 1 : (35 - Math.clz32(value)) >> 2;
  putEightHex(view, start, value << (32 - digits * 4));
  return start + digits;
}

/** An unsigned 64-bit number in hexadecimal, without leading zeros, from its halves. */
export function putHex64(view: DataView, start: number, high: number, low: number): number {
  if (high === 0) return putHex32(view, start, low);
  return putEightHex(view, putHex32(view, start, high), low);
}

function putEightHex(view: DataView, start: number, value: number): number {
  view.setUint32(start, HEX_PAIRS[value >>> 24]! | (HEX_PAIRS[(value >>> 16) & 255]! << 16), true);
  view.setUint32(start + 4, HEX_PAIRS[(value >>> 8) & 255]! | (HEX_PAIRS[value & 255]! << 16), true);
  return start + 8;
}

/** An unsigned 64-bit number in exactly sixteen hexadecimal digits, from its halves. */
export function putPointer(view: DataView, start: number, high: number, low: number): number {
  return putEightHex(view, putEightHex(view, start, high), low);
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
