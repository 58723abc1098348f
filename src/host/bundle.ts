import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  createKernel,
  KernelError,
  type KernelFacts,
  type KernelOptions,
  type KernelSource,
  type OpenedKernel,
  parseFacts,
} from '../kernel/index.js';
import { readIfThere } from './files.js';
import { defaultCacheFolder, UnpackedCache } from './unpacked-cache.js';

/** No file of a bundle is larger than this when decompressed: an archive that says more is not a kernel's. */
const maxFileSize = 256 << 20;

/** How a bundle is opened. */
export interface BundleOptions extends KernelOptions {
  /** How the kernel is named in messages; default: the folder's name. */
  readonly name?: string;
  /** Folder that keeps decompressed files between runs (docs/bundles.md); default `~/.cache/btfprobe`; `false`: none. */
  readonly cache?: string | false;
}

/**
 * Opens a kernel bundle: a folder with `facts.json` and the files of docs/bundles.md, plain or with `.gz`.
 * Only `facts.json` is read now. Throws a `KernelError`: `not-found`, `bad-facts`, `unsupported-architecture`,
 * `unreadable`; and later, when a part is first asked for, `bad-archive` and the codes of that part.
 */
export function openBundle(folder: string, options: BundleOptions = {}): OpenedKernel {
  const path = resolve(folder);
  return createKernel(new BundleSource(path, options), options);
}

class BundleSource implements KernelSource {
  readonly name: string;
  readonly facts: KernelFacts;
  readonly #folder: string;
  readonly #cache: UnpackedCache | undefined;
  #typedModules: readonly string[] | undefined;

  constructor(folder: string, options: BundleOptions) {
    const { cache = defaultCacheFolder() } = options;
    this.#folder = folder;
    this.#cache = cache === false ? undefined : new UnpackedCache(cache);
    this.name = options.name ?? basename(folder);
    const facts = this.#readFile(join(folder, 'facts.json'));
    if (facts === undefined)
      throw new KernelError('not-found', `${folder} is no kernel bundle: it has no facts.json`);
    this.facts = parseFacts(facts);
  }

  read(part: Parameters<KernelSource['read']>[0]): Uint8Array | undefined {
    return this.#readFile(join(this.#folder, part));
  }

  typedModules(): readonly string[] {
    this.#typedModules ??= listModules(join(this.#folder, 'modules'));
    return this.#typedModules;
  }

  moduleBtf(module: string): Uint8Array | undefined {
    // Only names that the folder really has: a module's name never becomes a path of its own.
    if (!this.typedModules().includes(module)) return undefined;
    return this.#readFile(join(this.#folder, 'modules', `${module}.btf`));
  }

  /** A plain file is taken before its compressed form. */
  #readFile(path: string): Uint8Array | undefined {
    const plain = readIfThere(path);
    if (plain !== undefined) return plain;
    const packedPath = `${path}.gz`;
    const kept = this.#cache?.find(packedPath);
    if (kept !== undefined) return kept;
    const packed = readIfThere(packedPath);
    if (packed === undefined) return undefined;
    const bytes = unpack(packed, packedPath);
    this.#cache?.keep(packedPath, bytes);
    return bytes;
  }
}

function unpack(packed: Uint8Array, path: string): Uint8Array {
  // Loaded here alone: with everything in the cache, a run never pays for zlib.
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  try {
    return gunzipSync(packed, { maxOutputLength: maxFileSize });
  } catch (cause) {
    throw new KernelError('bad-archive', `cannot decompress ${path}: ${(cause as Error).message}`, { cause });
  }
}

function listModules(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const names = readdirSync(folder).map(file => /^(.+)\.btf(\.gz)?$/.exec(file)?.[1]);
  return Array.from(new Set(names.filter(name => name !== undefined)));
}
