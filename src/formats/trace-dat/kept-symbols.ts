import type { SymbolTable } from '../../kernel/index.js';
import type { SymbolNames } from '../../records/index.js';

/** The type letter of a symbol that is kept only because another one ends there: kallsyms has it for debugging symbols. */
export const END_OF_SYMBOL = 'N';

/**
 * The symbols that btfprobe keeps in a file: those of the addresses in its records, and where they end. An address behind
 * such an end is none that was kept, and has no symbol.
 */
export function keptSymbols(table: SymbolTable): SymbolNames {
  return {
    resolve(address) {
      const symbol = table.resolve(address);
      if (symbol === undefined) return undefined;
      const start = address - BigInt(symbol.offset);
      const isKept = table
        .find(symbol.name)
        .some(known => known.address === start && known.type !== END_OF_SYMBOL);
      return isKept ? symbol : undefined;
    },
    lowest: () => table.lowest?.(),
  };
}
