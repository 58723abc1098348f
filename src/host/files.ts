import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { KernelError } from '../kernel/index.js';

/**
 * The bytes of a file, read to its end whatever size the file system reports; `undefined` when there is no such file.
 * Throws a `KernelError` with code `unreadable` for every other failure.
 */
export function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readWhole(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new KernelError('unreadable', `cannot read ${path}: ${code ?? String(cause)}`, { cause });
  }
}

/**
 * The kernel's own files give a page at a time and no size: one array takes them all, where `readFileSync` makes one for
 * each page.
 */
function readWhole(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > 0) return readFileSync(file);
    let bytes = new Uint8Array(FIRST_ROOM);
    let length = 0;
    for (;;) {
      const got = readSync(file, bytes, length, bytes.length - length, null);
      if (got === 0) return bytes.subarray(0, length);
      length += got;
      if (length < bytes.length) continue;
      const grown = new Uint8Array(length * 2);
      grown.set(bytes);
      bytes = grown;
    }
  } finally {
    closeSync(file);
  }
}

const FIRST_ROOM = 1 << 16;
const PIECE = 1 << 16;

/**
 * The bytes of a file from its beginning, as far as they are asked for; none when it cannot be opened. Throws a
 * `KernelError` with code `unreadable` when it cannot be read on.
 */
export function* readPieces(path: string): Generator<Uint8Array, void, undefined> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    for (;;) {
      const piece = readSome(file, PIECE);
      if (piece.length === 0) return;
      yield piece;
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new KernelError('unreadable', `cannot read ${path}: ${code ?? String(cause)}`, { cause });
  } finally {
    closeSync(file);
  }
}

/** Bytes from where the file stands, fewer than `size` at its end only. Throws what `node:fs` throws. */
function readSome(file: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const got = readSync(file, bytes, length, size - length, null);
    if (got === 0) break;
    length += got;
  }
  return bytes.subarray(0, length);
}

/** At most `size` bytes from the start of a file, whatever size the file system reports. Throws what `node:fs` throws. */
export function readBeginning(path: string, size: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    return readSome(file, size);
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
