import type { AddressEntry } from './address-table.js';
import type { GrowingText } from './growing-text.js';
import { type KeyOf, NameIndex } from './name-index.js';
import { SortedLines } from './sorted-lines.js';

/**
 * Symbols of the kernel itself in as much of kallsyms as it takes: they come first and in order of address, so that what
 * follows changes nothing about one whose neighbour is known. What it does not find the whole text may still have.
 */
export class EarlySymbols {
  readonly #text: GrowingText;
  readonly #keyOf: KeyOf;
  readonly #sorted: SortedLines;

  /** `keyOf`: the name in a line. */
  constructor(text: GrowingText, keyOf: KeyOf) {
    this.#text = text;
    this.#keyOf = keyOf;
    this.#sorted = new SortedLines(text.lines);
  }

  /** As `AddressTable.at`, for an address between two symbols of the kernel itself. */
  at(address: bigint): AddressEntry | undefined {
    const sorted = this.#sorted;
    for (;;) {
      const { last } = sorted;
      if (last !== undefined && last > address) break;
      if (sorted.end < this.#text.lines.length || !this.#text.grow()) return undefined;
      sorted.grow(this.#text.lines);
    }
    const first = sorted.addressOfMark('_stext');
    if (first === undefined || address < first || sorted.addressOfMark('_end') !== undefined)
      return undefined;
    const { below, above } = sorted.around(address);
    const [symbol, next] = [below!, above!];
    return {
      lineStart: symbol.lineStart,
      offset: Number(address - symbol.address),
      size: Number(next.address - symbol.address),
    };
  }

  /** The start of the first line of that name. */
  first(name: string): number | undefined {
    let from = 0;
    for (;;) {
      const { lines } = this.#text;
      const found = new NameIndex(lines.subarray(from), this.#keyOf).first(name);
      if (found >= 0) return from + found;
      from = lines.length;
      if (!this.#text.grow()) return undefined;
    }
  }
}
