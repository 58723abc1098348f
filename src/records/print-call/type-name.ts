import type { IntSize } from '../print-tree.js';
import type { TokenReader } from './tokens.js';

/** A type that a number is cast to, or a pointer. */
export interface CastType {
  readonly size: IntSize;
  readonly signed: boolean;
  /** The type pointed to. */
  readonly pointer: string | undefined;
}

/** Names of integer types with their size and, where it is not told by `unsigned`, their sign. */
const TYPES: ReadonlyMap<string, readonly [size: IntSize, signed: boolean]> = new Map([
  ['void', [8, false]],
  ['bool', [1, false]],
  ['_Bool', [1, false]],
  ['char', [1, true]],
  ['short', [2, true]],
  ['int', [4, true]],
  ['long', [8, true]],
  ...([8, 16, 32, 64] as const).flatMap(bits =>
    ['s', '__s', 'int', 'u', '__u', 'uint', '__le', '__be'].map(
      prefix =>
        [
          `${prefix}${bits}${prefix.endsWith('int') ? '_t' : ''}`,
          [(bits / 8) as IntSize, !/u|e$/.test(prefix)] as const,
        ] as const,
    ),
  ),
  ['size_t', [8, false]],
  ['ssize_t', [8, true]],
  ['uintptr_t', [8, false]],
  ['loff_t', [8, true]],
  ['sector_t', [8, false]],
  ['blkcnt_t', [8, false]],
  ['ino_t', [8, false]],
  ['dma_addr_t', [8, false]],
  ['phys_addr_t', [8, false]],
  ['pid_t', [4, true]],
  ['dev_t', [4, false]],
  ['gfp_t', [4, false]],
  ['uid_t', [4, false]],
  ['gid_t', [4, false]],
  ['umode_t', [2, false]],
  ['__kernel_rwf_t', [4, true]],
]);

const POINTER: CastType = { size: 8, signed: false, pointer: undefined };

/** Reads the name of a type; `undefined` when what stands there is none. */
export function typeName(tokens: TokenReader): CastType | undefined {
  const words = tokens.words();
  let isPointer = false;
  while (tokens.accept('*')) isPointer = true;
  return typeOf(words, isPointer);
}

/** The type that words name, or a pointer to it; `undefined` when that is none. */
export function typeOf(words: readonly string[], isPointer: boolean): CastType | undefined {
  const names = words.filter(word => !['const', 'volatile', '__force', 'unsigned', 'signed'].includes(word));
  if (isPointer) return words.length === 0 ? undefined : { ...POINTER, pointer: names.join(' ') };
  if (names[0] === 'enum' && names.length === 2) return { size: 4, signed: false, pointer: undefined };
  const isUnsigned = words.includes('unsigned');
  if (names.length === 0 && (isUnsigned || words.includes('signed')))
    return { size: 4, signed: !isUnsigned, pointer: undefined };
  const known = names.map(name => TYPES.get(name));
  if (known.length === 0 || known.includes(undefined)) return undefined;
  const [size, signed] =
    ['long', 'short', 'char']
      .map(name => (names.includes(name) ? TYPES.get(name) : undefined))
      .find(Boolean) ?? known[0]!;
  return { size, signed: signed && !isUnsigned, pointer: undefined };
}
