import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../formats/index.js';
import { HostError } from './error.js';

/** A file whose bytes are read where they are wanted. Dispose to close it. */
export class FileSource implements ByteSource, Disposable {
  readonly size: number;
  readonly #path: string;
  readonly #file: number;

  /** Throws a `HostError`. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'r');
    } catch (error) {
      throw cannotRead(path, error);
    }
    this.size = fstatSync(this.#file).size;
  }

  /** Throws a `HostError`: `malformed` when the file became shorter meanwhile. */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.readInto(offset, length, bytes);
    return bytes;
  }

  /** As `read`. */
  readInto(offset: number, length: number, target: Uint8Array): void {
    let done = 0;
    try {
      while (done < length) {
        const got = readSync(this.#file, target, done, length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
    } catch (error) {
      throw cannotRead(this.#path, error);
    }
    if (done < length) throw new HostError('malformed', this.#path, `${this.#path} became shorter`);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

function cannotRead(path: string, cause: unknown): HostError {
  const { code: errno = String(cause) } = cause as NodeJS.ErrnoException;
  const code = errno === 'ENOENT' ? 'not-found' : errno === 'EACCES' ? 'permission' : 'io';
  return new HostError(code, path, `cannot read ${path}: ${errno}`, { errno, cause });
}
