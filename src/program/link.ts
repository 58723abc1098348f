import type { FetchProgram } from '../language/index.js';

/**
 * Writes the addresses of `@SYMBOL` arguments into the constants that follow them, as a kernel does when a probe is
 * registered (spec 04 section 1). A symbol that `addressOf` does not know keeps the constant that is there.
 */
export function linkSymbols(
  program: FetchProgram,
  addressOf: (symbol: string) => bigint | undefined,
): FetchProgram {
  return program.map((op, slot) => {
    const before = program[slot - 1];
    if (op.op !== 'IMM' || before?.op !== 'SYMBOL') return op;
    const address = addressOf(before.symbol);
    return address === undefined ? op : { op: 'IMM', value: BigInt.asUintN(64, address + before.offset) };
  });
}
