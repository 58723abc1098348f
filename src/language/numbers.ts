import { isDigit } from './bytes.js';

// How the kernel reads numbers (spec 01 section 8). Two families: checked ones that must use up the whole text,
// and the old unchecked ones that stop at the first stranger and wrap.

export type NumberError = 'EINVAL' | 'ERANGE';

const maximum = (1n << 64n) - 1n;
const signedMaximum = (1n << 63n) - 1n;

/** Unsigned 64-bit number in base 0 (0x, 0, decimal) or 10; one leading `+` allowed; all of the text. */
export function parseUnsigned(text: string, base: 0 | 10 = 0): bigint | NumberError {
  return parseMagnitude(text.startsWith('+') ? text.slice(1) : text, base);
}

/** Signed 64-bit number; a leading `-` or `+`. */
export function parseSigned(text: string): bigint | NumberError {
  if (text.startsWith('-')) {
    const magnitude = parseMagnitude(text.slice(1), 0);
    if (typeof magnitude === 'string') return magnitude;
    return magnitude > signedMaximum + 1n ? 'ERANGE' : -magnitude;
  }
  const value = parseUnsigned(text);
  return typeof value === 'bigint' && value > signedMaximum ? 'ERANGE' : value;
}

/** Unsigned 32-bit number in base 0. */
export function parseUnsigned32(text: string): number | NumberError {
  const value = parseUnsigned(text);
  if (typeof value === 'string') return value;
  return value > 0xffffffffn ? 'ERANGE' : Number(value);
}

/** Digits from `at` on, as many as there are, wrapped to 64 bits; says where it stopped. No digits: 0. */
export function scanNumber(text: string, at: number, base: 0 | 10): { value: bigint; end: number } {
  const { radix, start } = radixOf(text, at, base);
  let end = start;
  let value = 0n;
  for (let digit = digitValue(text, end); digit < radix; digit = digitValue(text, ++end)) {
    value = BigInt.asUintN(64, value * BigInt(radix) + BigInt(digit));
  }
  return { value, end };
}

function parseMagnitude(text: string, base: 0 | 10): bigint | NumberError {
  const { radix, start } = radixOf(text, 0, base);
  let end = start;
  let value = 0n;
  let overflow = false;
  for (let digit = digitValue(text, end); digit < radix; digit = digitValue(text, ++end)) {
    value = value * BigInt(radix) + BigInt(digit);
    if (value > maximum) {
      overflow = true;
      value &= maximum;
    }
  }
  if (overflow) return 'ERANGE';
  return end === start || end < text.length ? 'EINVAL' : value;
}

function radixOf(text: string, at: number, base: 0 | 10): { radix: number; start: number } {
  if (base === 10) return { radix: 10, start: at };
  if (text[at] !== '0') return { radix: 10, start: at };
  const prefixed = (text[at + 1] === 'x' || text[at + 1] === 'X') && digitValue(text, at + 2) < 16;
  return prefixed ? { radix: 16, start: at + 2 } : { radix: 8, start: at };
}

/** 0 to 15; more than any base has for what is no digit. */
function digitValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (isDigit(code)) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 && code < 0x80 ? lower - 0x57 : 99;
}
