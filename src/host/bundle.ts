import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
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

/** No file of a bundle is larger than this when decompressed: an archive that says more is not a kernel's. */
const maxFileSize = 256 << 20;

/** How a bundle is opened. */
export interface BundleOptions extends KernelOptions {
  /** How the kernel is named in messages; default: the folder's name. */
  readonly name?: string;
}

/**
 * Opens a kernel bundle: a folder with `facts.json` and the files of docs/bundles.md, plain or with `.gz`.
 * Only `facts.json` is read now. Throws a `KernelError`: `not-found`, `bad-facts`, `unsupported-architecture`,
 * `unreadable`; and later, when a part is first asked for, `bad-archive` and the codes of that part.
 */
export function openBundle(folder: string, options: BundleOptions = {}): OpenedKernel {
  const path = resolve(folder);
  return createKernel(new BundleSource(path, options.name ?? basename(path)), options);
}

class BundleSource implements KernelSource {
  readonly name: string;
  readonly facts: KernelFacts;
  readonly #folder: string;
  #typedModules: readonly string[] | undefined;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.name = name;
    const facts = readBundleFile(join(folder, 'facts.json'));
    if (facts === undefined)
      throw new KernelError('not-found', `${folder} is no kernel bundle: it has no facts.json`);
    this.facts = parseFacts(facts);
  }

  read(part: Parameters<KernelSource['read']>[0]): Uint8Array | undefined {
    return readBundleFile(join(this.#folder, part));
  }

  typedModules(): readonly string[] {
    this.#typedModules ??= listModules(join(this.#folder, 'modules'));
    return this.#typedModules;
  }

  moduleBtf(module: string): Uint8Array | undefined {
    // Only names that the folder really has: a module's name never becomes a path of its own.
    if (!this.typedModules().includes(module)) return undefined;
    return readBundleFile(join(this.#folder, 'modules', `${module}.btf`));
  }
}

function listModules(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const names = readdirSync(folder).map(file => /^(.+)\.btf(\.gz)?$/.exec(file)?.[1]);
  return Array.from(new Set(names.filter(name => name !== undefined)));
}

/** A plain file is taken before its compressed form. */
function readBundleFile(path: string): Uint8Array | undefined {
  const plain = readIfThere(path);
  if (plain !== undefined) return plain;
  const packed = readIfThere(`${path}.gz`);
  if (packed === undefined) return undefined;
  try {
    return gunzipSync(packed, { maxOutputLength: maxFileSize });
  } catch (cause) {
    throw new KernelError('bad-archive', `cannot decompress ${path}.gz: ${(cause as Error).message}`, {
      cause,
    });
  }
}
