import { readFileSync } from 'node:fs';
import { KernelError } from '../kernel/index.js';

/**
 * The bytes of a file, read to its end whatever size the file system reports; `undefined` when there is no such file.
 * Throws a `KernelError` with code `unreadable` for every other failure.
 */
export function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new KernelError('unreadable', `cannot read ${path}: ${code ?? String(cause)}`, { cause });
  }
}
