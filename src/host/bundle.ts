import { basename, resolve } from 'node:path';
import {
  createKernel,
  KernelError,
  type KernelFacts,
  type KernelOptions,
  type KernelSource,
  type OpenedKernel,
  parseFacts,
} from '../kernel/index.js';
import { type BundleParts, moduleOfPart, openParts } from './bundle-parts.js';
import { defaultCacheFolder, UnpackedCache } from './unpacked-cache.js';

/** How a bundle is opened. */
export interface BundleOptions extends KernelOptions {
  /** How the kernel is named in messages; default: the name of the folder or file, without `.btfbundle`. */
  readonly name?: string;
  /** Folder that keeps decompressed files between runs (docs/bundles.md); default `~/.cache/btfprobe`; `false`: none. */
  readonly cache?: string | false;
}

/**
 * Opens a kernel bundle: a folder with `facts.json` and the files of docs/bundles.md, plain or with `.gz`; or all of it
 * in one file. Only `facts.json` is read now. Throws a `KernelError`: `not-found`, `bad-facts`,
 * `unsupported-architecture`, `unreadable`, `bad-archive`; and later, when a part is first asked for, `bad-archive` and
 * the codes of that part.
 */
export function openBundle(path: string, options: BundleOptions = {}): OpenedKernel {
  return createKernel(new BundleSource(openBundleParts(path, options), bundleName(path, options)), options);
}

/** The parts of a bundle with the cache that the options tell. */
export function openBundleParts(path: string, options: BundleOptions = {}): BundleParts {
  const { cache = defaultCacheFolder() } = options;
  return openParts(resolve(path), cache === false ? undefined : new UnpackedCache(cache));
}

/** Text that is the same for bundles of the same content, wherever they lie. Throws as `openBundle` does. */
export function bundleIdentity(path: string): string {
  return openBundleParts(path, { cache: false }).identity();
}

/** How a bundle is named when nobody says: by the last part of its path. */
export function bundleName(path: string, options: BundleOptions = {}): string {
  return options.name ?? basename(resolve(path)).replace(/\.btfbundle$/, '');
}

/** The facts of a kernel from the parts of a bundle. */
export class BundleSource implements KernelSource {
  readonly name: string;
  readonly facts: KernelFacts;
  readonly #parts: BundleParts;
  #typedModules: readonly string[] | undefined;

  constructor(parts: BundleParts, name: string) {
    this.#parts = parts;
    this.name = name;
    const facts = parts.read('facts.json');
    if (facts === undefined)
      throw new KernelError('not-found', `${name} is no kernel bundle: it has no facts.json`);
    this.facts = parseFacts(facts);
  }

  read(part: Parameters<KernelSource['read']>[0]): Uint8Array | undefined {
    return this.#parts.read(part);
  }

  typedModules(): readonly string[] {
    this.#typedModules ??= this.#parts
      .names()
      .map(moduleOfPart)
      .filter(module => module !== undefined);
    return this.#typedModules;
  }

  moduleBtf(module: string): Uint8Array | undefined {
    // Only names that the bundle really has: a module's name never becomes a path of its own.
    return this.typedModules().includes(module) ? this.#parts.read(`modules/${module}.btf`) : undefined;
  }
}
