import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
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

/** At most `size` bytes from the start of a file, whatever size the file system reports. Throws what `node:fs` throws. */
export function readBeginning(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    let got = -1;
    while (got !== 0 && length < size) {
      got = readSync(file, bytes, length, size - length, null);
      length += got;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** The size of a file and its last bytes, at most `length`. Throws a `KernelError` with code `unreadable`. */
export function readEnd(path: string, length: number): { readonly size: number; readonly end: Uint8Array } {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const end = new Uint8Array(Math.min(length, size));
    readSync(file, end, 0, end.length, size - end.length);
    return { size, end };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new KernelError('unreadable', `cannot read ${path}: ${code ?? String(cause)}`, { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
