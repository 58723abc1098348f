import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PlacedSymbol, SymbolMemory } from '../kernel/index.js';
import { readIfThere } from './files.js';

/** When a file would hold more symbols than this, it begins anew. */
const mostSymbols = 1024;
const largestFile = 1 << 20;

/**
 * Where symbols lie in a kernel's image, kept between runs in a file for each build: a running kernel writes its symbols line
 * by line, which takes longer than anything else about them. No addresses are kept. Everything may fail: then nothing is
 * known. The folder may be deleted at any time.
 */
export class SymbolFile implements SymbolMemory {
  readonly #folder: string;
  readonly #path: string;
  #symbols: Map<string, PlacedSymbol> | undefined;

  /** `build`: the kernel's, in hexadecimal. `folder` need not exist. */
  constructor(build: string, folder: string) {
    this.#folder = folder;
    this.#path = join(folder, build);
  }

  find(name: string): PlacedSymbol | undefined {
    this.#symbols ??= readSymbols(this.#path);
    return this.#symbols.get(name);
  }

  /** Never throws. */
  keep(symbol: PlacedSymbol): void {
    // Others may have kept theirs meanwhile.
    const known = readSymbols(this.#path);
    const symbols = known.size < mostSymbols ? known : new Map<string, PlacedSymbol>();
    symbols.set(symbol.name, symbol);
    this.#symbols = symbols;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeWhole(this.#path, symbolsText(symbols));
    } catch {
      // A cache that cannot be written is no error: the next run looks it up again.
    }
  }
}

/** The build that a kernel's notes tell: the descriptor of `GNU`'s note 3, in hexadecimal (elf(5)). */
export function kernelBuild(root: string): string | undefined {
  const notes = readNotes(join(root, '/sys/kernel/notes'));
  if (notes === undefined) return undefined;
  const words = new DataView(notes.buffer, notes.byteOffset, notes.length);
  for (let at = 0; at + 12 <= notes.length; ) {
    // Both architectures have their low bytes first.
    const [nameSize, size, type] = [0, 4, 8].map(place => words.getUint32(at + place, true)) as [
      number,
      number,
      number,
    ];
    const start = at + 12 + align(nameSize);
    const name = Buffer.from(notes.subarray(at + 12, at + 12 + nameSize)).toString('latin1');
    if (start + size > notes.length) return undefined;
    if (name === 'GNU\0' && type === 3 && size > 0)
      return Buffer.from(notes.subarray(start, start + size)).toString('hex');
    at = start + align(size);
  }
  return undefined;
}

function readNotes(path: string): Uint8Array | undefined {
  try {
    return readIfThere(path);
  } catch {
    return undefined;
  }
}

function align(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function symbolsText(symbols: ReadonlyMap<string, PlacedSymbol>): string {
  const lines = [...symbols.values()].map(
    ({ name, type, offset, size }) => `${offset} ${size} ${type} ${name}\n`,
  );
  const text = lines.join('');
  return `${checksum(text)}\n${text}`;
}

/** Nothing of a file that is damaged or another user's. */
function readSymbols(path: string): Map<string, PlacedSymbol> {
  const symbols = new Map<string, PlacedSymbol>();
  const [, sum, text = ''] = /^(\d+)\n(.*)$/s.exec(readOwn(path)) ?? [];
  if (sum !== `${checksum(text)}`) return symbols;
  for (const [, offset, size, type, name] of text.matchAll(/^(\d+) (\d+) (\S) (\S+)$/gm))
    symbols.set(name!, { name: name!, type: type!, offset: Number(offset), size: Number(size) });
  return symbols;
}

function readOwn(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { uid, size } = fstatSync(file);
    // What another user put there is not ours to believe.
    return uid === process.getuid?.() && size <= largestFile ? readFileSync(file, 'latin1') : '';
  } catch {
    return '';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Fowler, Noll and Vo's hash of 32 bits: sees what becomes of a file when a disk is full or fails. */
function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Written beside and renamed: readers and other writers see a whole file or none. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    writeFileSync(temporary, text, { encoding: 'latin1', flag: 'wx', mode: 0o600 });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
