import { readFileSync, statSync } from 'node:fs';
import type { UserSymbol } from '../language/index.js';
import { ElfError, type ElfFunction, findElfFunctions, readElfFunctions } from './elf-symbols.js';

/** Files above this size are not searched: they would be read whole. */
const largestFile = 1 << 30;

/**
 * Looks functions of this machine's programs and libraries up by name, for `p PATH:NAME` (the language's
 * `FindUserSymbol`). Each file is read once. Never throws: what is wrong with a file is said in `problem`.
 */
export function createProgramSymbols(): (path: string, symbol: string) => UserSymbol {
  const files = new Map<string, readonly ElfFunction[] | string>();
  return (path, symbol) => {
    const known = files.get(path) ?? readFunctions(path);
    files.set(path, known);
    if (typeof known === 'string') return { offsets: [], problem: known };
    const offsets = findElfFunctions(known, symbol).map(({ offset }) => offset);
    return { offsets: [...new Set(offsets)], names: () => known.map(({ name }) => name) };
  };
}

/** The functions of a file, or why they could not be read. `path` is a byte string. */
function readFunctions(path: string): readonly ElfFunction[] | string {
  try {
    const file = Buffer.from(path, 'latin1');
    const facts = statSync(file);
    if (!facts.isFile()) return 'it is no regular file on this machine';
    if (facts.size > largestFile) return 'it is larger than 1 GiB';
    return readElfFunctions(readFileSync(file));
  } catch (error) {
    if (error instanceof ElfError) return error.message;
    const { code } = error as { readonly code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file on this machine';
    if (typeof code === 'string') return `reading it fails with ${code}`;
    throw error;
  }
}
