import type { AddressEntry } from './address-table.js';
import { beginOfImage } from './early-symbols.js';
import type { GrowingText } from './growing-text.js';
import type { KernelSymbol, ResolvedAddress } from './types.js';

/** A symbol of the kernel itself, by where its image has it: the same at each start of one build, whatever its address is. */
export interface PlacedSymbol {
  readonly name: string;
  /** The letter of kallsyms. */
  readonly type: string;
  /** Bytes behind `_stext`. */
  readonly offset: number;
  /** Bytes up to the next symbol. */
  readonly size: number;
}

/** What was found out before about symbols of the same build of a kernel. */
export interface SymbolMemory {
  /** The first symbol of that name in kallsyms, which is also the one that addresses in it are told by. */
  find(name: string): PlacedSymbol | undefined;
  keep(symbol: PlacedSymbol): void;
}

/** Symbols that are remembered, at the addresses that they have now: of kallsyms no more than its beginning is read for them. */
export class RememberedSymbols {
  readonly #memory: SymbolMemory;
  readonly #text: GrowingText;
  readonly #met: { readonly address: bigint; readonly symbol: PlacedSymbol }[] = [];
  #begin: { readonly address: bigint | undefined } | undefined;

  constructor(memory: SymbolMemory, text: GrowingText) {
    this.#memory = memory;
    this.#text = text;
  }

  first(name: string): KernelSymbol | undefined {
    const symbol = this.#memory.find(name);
    const begin = symbol === undefined ? undefined : this.#beginNow();
    if (symbol === undefined || begin === undefined) return undefined;
    const address = begin + BigInt(symbol.offset);
    this.#met.push({ address, symbol });
    return { name, address, type: symbol.type, module: undefined };
  }

  /** For addresses in symbols that were asked for by name. */
  resolve(address: bigint): ResolvedAddress | undefined {
    for (const { address: start, symbol } of this.#met) {
      const offset = address - start;
      if (offset >= 0n && offset < symbol.size)
        return { name: symbol.name, offset: Number(offset), size: symbol.size, module: undefined };
    }
    return undefined;
  }

  /** Keeps what kallsyms has told of a symbol; `entry` of its address. */
  keep({ name, address, type }: KernelSymbol, { size }: AddressEntry): void {
    const begin = this.#beginNow();
    if (begin !== undefined) this.#memory.keep({ name, type, offset: Number(address - begin), size });
  }

  /** The address of `_stext`; `undefined` where addresses are hidden. */
  #beginNow(): bigint | undefined {
    if (this.#begin === undefined) {
      if (this.#text.lines.length === 0) this.#text.grow();
      const address = beginOfImage(this.#text.lines);
      this.#begin = { address: address === 0n ? undefined : address };
    }
    return this.#begin.address;
  }
}
