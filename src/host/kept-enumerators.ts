import { join } from 'node:path';
import { builtInBundle } from './default.js';
import { defaultCacheFolder, describeFile, UnpackedCache } from './unpacked-cache.js';

/** Names that are kept at most, for any recording may ask for any. */
const mostNames = 1024;
/** No enumerator's name is longer. */
const longestName = 256;

type Lookup = (name: string) => bigint | undefined;

/**
 * Values of a built-in kernel's enumerators that were asked for, kept between runs: a dozen of names spare reading all of
 * its types. Dispose to keep what is new.
 */
export class KeptEnumerators implements Disposable {
  readonly #cache: UnpackedCache;
  readonly #entry: string | undefined;
  readonly #values = new Map<string, bigint | undefined>();
  #hasNew = false;

  /** `name`: the built-in kernel's. Throws a `KernelError` where there is none. */
  constructor(name: string, cache: string = defaultCacheFolder()) {
    this.#cache = new UnpackedCache(cache);
    const types = describeFile(join(builtInBundle(name), 'vmlinux.btf.gz'));
    this.#entry = types === undefined ? undefined : `${types}-enumerators`;
    for (const [key, value] of this.#read()) this.#values.set(key, value);
  }

  /** The value of an enumerator; what is not kept is asked. */
  of(name: string, ask: Lookup): bigint | undefined {
    if (this.#values.has(name)) return this.#values.get(name);
    const value = ask(name);
    if (this.#values.size < mostNames && name.length <= longestName) {
      this.#values.set(name, value);
      this.#hasNew = true;
    }
    return value;
  }

  [Symbol.dispose](): void {
    if (!this.#hasNew || this.#entry === undefined) return;
    const lines = [...this.#values].map(([name, value]) => `${name}=${value ?? ''}`);
    this.#cache.keepNamed(this.#entry, Buffer.from(lines.join('\n')));
    this.#hasNew = false;
  }

  *#read(): Generator<[string, bigint | undefined]> {
    const bytes = this.#entry === undefined ? undefined : this.#cache.findNamed(this.#entry);
    if (bytes === undefined) return;
    for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
      const [, name, value] = /^(\w+)=(-?\d+)?$/.exec(line) ?? [];
      if (name !== undefined) yield [name, value === undefined ? undefined : BigInt(value)];
    }
  }
}
