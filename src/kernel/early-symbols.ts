import type { AddressEntry } from './address-table.js';
import { isCode } from './code-symbol.js';
import type { GrowingText } from './growing-text.js';
import { type KeyOf, NameIndex } from './name-index.js';
import { SortedLines } from './sorted-lines.js';
import { kernelText, newline } from './text.js';

/**
 * Symbols of the kernel itself in as much of kallsyms as it takes: they come first and in order of address, in which the
 * kernel searches them itself, so that what follows changes nothing about one whose neighbour is known. What it does not
 * find the whole text may still have.
 */
export class EarlySymbols {
  readonly #text: GrowingText;
  readonly #keyOf: KeyOf;

  /** `keyOf`: the name in a line. */
  constructor(text: GrowingText, keyOf: KeyOf) {
    this.#text = text;
    this.#keyOf = keyOf;
  }

  /** As `AddressTable.at`, for an address in the kernel's code, which lies whole between `_stext` and `_end`. */
  at(address: bigint): AddressEntry | undefined {
    for (;;) {
      const { lines } = this.#text;
      const last = addressOfLast(lines);
      if (last !== undefined && last > address) break;
      if ((last === undefined && lines.length > 0) || !this.#text.grow()) return undefined;
    }
    const { lines } = this.#text;
    const first = beginOfImage(lines);
    if (first === undefined || address < first) return undefined;
    const { below, above } = SortedLines.trust(lines).around(address);
    if (below === undefined || above === undefined || !isCodeLine(lines, below.lineStart)) return undefined;
    return {
      lineStart: below.lineStart,
      offset: Number(address - below.address),
      size: Number(above.address - below.address),
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

const digits = 16;
/** Bytes within which the kernel's image begins: only what belongs to processors stands before it. */
const beginning = 1 << 16;

/** The address in the last line; `undefined` where that is no symbol of the kernel itself. */
function addressOfLast(lines: Uint8Array): bigint | undefined {
  const start = lines.lastIndexOf(newline, lines.length - 2) + 1;
  const [, address] = /^([0-9a-f]{16}) \S \S+\n?$/.exec(kernelText(lines, start)) ?? [];
  return address === undefined ? undefined : BigInt(`0x${address}`);
}

/** The address of `_stext`; `undefined` where it does not stand near the beginning. */
export function beginOfImage(lines: Uint8Array): bigint | undefined {
  const text = kernelText(lines.subarray(0, beginning));
  const [, address] = /^([0-9a-f]{16}) \S _stext$/m.exec(text) ?? [];
  return address === undefined ? undefined : BigInt(`0x${address}`);
}

function isCodeLine(lines: Uint8Array, start: number): boolean {
  return isCode({ type: kernelText(lines, start + digits + 1, start + digits + 2) });
}
