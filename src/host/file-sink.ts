import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { ByteSink } from '../formats/index.js';
import { HostError } from './error.js';

/** A new file that is written anywhere; one that is there is replaced. Dispose to close it. Every member may throw a `HostError`. */
export class FileSink implements ByteSink, Disposable {
  readonly #path: string;
  readonly #file: number;

  constructor(path: string) {
    this.#path = path;
    this.#file = this.#attempt(() => openSync(path, 'w+'));
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#attempt(() => {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, offset + done);
      }
    });
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#attempt(() => {
      for (let done = 0, got = -1; got !== 0 && done < length; done += got) {
        got = readSync(this.#file, bytes, done, length - done, offset + done);
      }
    });
    return bytes;
  }

  truncate(size: number): void {
    this.#attempt(() => ftruncateSync(this.#file, size));
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const { code: errno = String(cause) } = cause as NodeJS.ErrnoException;
      const code = errno === 'EACCES' || errno === 'EROFS' ? 'permission' : 'io';
      throw new HostError(code, this.#path, `cannot write ${this.#path}: ${errno}`, { errno, cause });
    }
  }
}
