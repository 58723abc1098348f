import type { SymbolNames } from './record.js';
import type { AddressValue } from './values.js';

/** Places of the table of those asked for last; a power of two. */
const RECENT = 1 << 12;

/** Addresses with their symbols: those of a recording repeat, and finding a symbol takes longer than all else of a record. */
export class AddressValues {
  readonly #symbols: SymbolNames;
  #recent: (AddressValue | undefined)[] = [];
  #highs = new Int32Array(0);
  #lows = new Int32Array(0);

  constructor(symbols: SymbolNames) {
    this.#symbols = symbols;
  }

  /** The address of these halves, signed 32-bit integers. */
  of(high: number, low: number): AddressValue {
    const place = (Math.imul(low, 0x9e3779b1) >>> 16) & (RECENT - 1);
    const known = this.#recent[place];
    if (known !== undefined && this.#lows[place] === low && this.#highs[place] === high) return known;
    if (this.#recent.length === 0) {
      this.#recent = new Array<AddressValue | undefined>(RECENT).fill(undefined);
      this.#highs = new Int32Array(RECENT);
      this.#lows = new Int32Array(RECENT);
    }
    const address = wordOf(high, low);
    const made = { address, symbol: this.#symbols.resolve(address) };
    this.#recent[place] = made;
    this.#highs[place] = high;
    this.#lows[place] = low;
    return made;
  }
}

/** A 64-bit word of its halves. */
export function wordOf(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
