import { type Stats, statSync } from 'node:fs';
import { KernelError } from '../kernel/index.js';
import { FileParts } from './bundle-file.js';
import { FolderParts } from './bundle-folder.js';
import type { UnpackedCache } from './unpacked-cache.js';

/** The files that make up a bundle, wherever they lie. Names are those of docs/bundles.md, without `.gz`. */
export interface BundleParts {
  /** Names of all parts, in any order. Throws a `KernelError` with code `unreadable`. */
  names(): readonly string[];
  /** The decompressed bytes of a part; `undefined` when there is none. Throws a `KernelError`. */
  read(name: string): Uint8Array | undefined;
  /** Text that is the same for the same content, wherever it lies: told from names, sizes and checksums. */
  identity(): string;
}

/**
 * The parts of the bundle at `path`: a folder, or one file (docs/bundles.md). Throws a `KernelError`: `not-found` when
 * it is neither, `bad-archive` for a damaged file, `unreadable`.
 */
export function openParts(path: string, cache: UnpackedCache | undefined): BundleParts {
  const facts = lookAt(path);
  if (facts?.isFile() === true) return new FileParts(path, cache);
  if (facts?.isDirectory() === true) return new FolderParts(path, cache);
  throw new KernelError('not-found', `there is no kernel bundle ${path}`);
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new KernelError('unreadable', `cannot read ${path}: ${code ?? String(cause)}`, { cause });
  }
}

/** The module whose types a part holds; `undefined` for other parts. */
export function moduleOfPart(name: string): string | undefined {
  return /^modules\/([^/\0]+)\.btf$/.exec(name)?.[1];
}
