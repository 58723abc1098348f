import { readIfThere } from './files.js';
import type { UnpackedCache } from './unpacked-cache.js';

/**
 * The types of a running kernel, and where each begins, kept between runs for its build: sysfs hands them out by the page.
 * What cannot be kept is read each time.
 */
export class TypesFile {
  readonly #path: string;
  readonly #cache: UnpackedCache;
  readonly #name: string;
  #wasKept = false;

  /** `path`: where the kernel shows them. `build`: its own, in hexadecimal. */
  constructor(path: string, build: string, cache: UnpackedCache) {
    this.#path = path;
    this.#cache = cache;
    this.#name = build;
  }

  /** Throws as `readIfThere` does. */
  read(): Uint8Array | undefined {
    const kept = this.#cache.findNamed(`${this.#name}-types`);
    this.#wasKept = kept !== undefined;
    if (kept !== undefined) return kept;
    const bytes = readIfThere(this.#path);
    if (bytes !== undefined) this.#cache.keepNamed(`${this.#name}-types`, bytes);
    return bytes;
  }

  /** Those of the bytes that were kept, where they are the ones that were read. */
  find(): Int32Array | undefined {
    const bytes = this.#wasKept ? this.#cache.findNamed(`${this.#name}-starts`) : undefined;
    return bytes === undefined || bytes.length % 4 !== 0
      ? undefined
      : new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  }

  keep(starts: Int32Array): void {
    this.#cache.keepNamed(
      `${this.#name}-starts`,
      new Uint8Array(starts.buffer, starts.byteOffset, starts.byteLength),
    );
  }
}
