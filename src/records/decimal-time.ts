import { type ByteText, FixedText } from './byte-text.js';
import { putNineDigits, putUnsigned64 } from './digits.js';

const TWO_32 = 0x100000000;
/** Nanoseconds. */
const SECOND = 1_000_000_000;

/** Writes times in decimal nanoseconds: within a second only the last nine digits change. */
export class DecimalTime {
  /** When the last second began, and its digits: none in the clock's first second. */
  #high = 0;
  #low = 0;
  #digits = FixedText.of('');

  /** Writes a time from its halves at a place of the buffer, which must have room for 20 digits and 8 bytes; answers the place behind. */
  putAt(out: ByteText, start: number, high: number, low: number): number {
    // Within a second a double is exact.
    const passed = (high - this.#high) * TWO_32 + (low - this.#low);
    if (passed >= 0 && passed < SECOND && this.#digits.length > 0)
      return putNineDigits(out.view, this.#digits.putAt(out.view, start), passed);
    const second = ((BigInt(high) << 32n) | BigInt(low)) / BigInt(SECOND);
    const begin = second * BigInt(SECOND);
    this.#digits = FixedText.of(second === 0n ? '' : `${second}`);
    this.#high = Number(begin >> 32n);
    this.#low = Number(begin & 0xffff_ffffn);
    return putUnsigned64(out.view, start, high, low);
  }
}
