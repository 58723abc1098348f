import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KernelError } from '../kernel/index.js';
import type { BundleParts } from './bundle-parts.js';
import { maxPartSize, sha256, unpack } from './bundle-unpack.js';
import { readEnd, readIfThere } from './files.js';
import type { UnpackedCache } from './unpacked-cache.js';

/** A bundle that is a folder: each part is a file, plain or with `.gz`. */
export class FolderParts implements BundleParts {
  readonly #folder: string;
  readonly #cache: UnpackedCache | undefined;

  constructor(folder: string, cache: UnpackedCache | undefined) {
    this.#folder = folder;
    this.#cache = cache;
  }

  names(): readonly string[] {
    const files = [
      ...listFolder(this.#folder),
      ...listFolder(join(this.#folder, 'modules')).map(file => `modules/${file}`),
    ];
    return Array.from(new Set(files.map(file => file.replace(/\.gz$/, ''))));
  }

  /** A plain file is taken before its compressed form. */
  read(name: string): Uint8Array | undefined {
    const path = join(this.#folder, name);
    const plain = readIfThere(path);
    if (plain !== undefined) return plain;
    const packedPath = `${path}.gz`;
    const kept = this.#cache?.find(packedPath);
    if (kept !== undefined) return kept;
    const packed = readIfThere(packedPath);
    if (packed === undefined) return undefined;
    const bytes = unpack(packed, maxPartSize, packedPath);
    this.#cache?.keep(packedPath, bytes);
    return bytes;
  }

  identity(): string {
    const modules = listFolder(join(this.#folder, 'modules')).map(file => `modules/${file}`);
    const files = [...listFolder(this.#folder), ...modules].sort();
    return files.map(file => `${file} ${fingerprint(join(this.#folder, file))}`).join('\n');
  }
}

/** Size and checksum of a file; of one with `.gz` the checksum and length of its content, which gzip has at its end. */
function fingerprint(path: string): string {
  if (!path.endsWith('.gz')) return sha256(readIfThere(path) ?? new Uint8Array());
  const { size, end } = readEnd(path, 8);
  return `${size} ${Buffer.from(end).toString('hex')}`;
}

/** Names of the files in a folder; none where there is no folder. */
function listFolder(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter(entry => !entry.isDirectory()).map(entry => entry.name);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new KernelError('unreadable', `cannot list ${folder}: ${code ?? String(cause)}`, { cause });
  }
}
