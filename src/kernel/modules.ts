import { Btf, BtfError, type BtfOptions } from '../btf/index.js';
import { KernelError } from './error.js';
import type { ModuleTypes } from './types.js';

/** One loaded module's types: lives while the module is loaded or somebody holds a handle (spec 10 R10-40, R10-41). */
interface TypesObject {
  readonly module: string;
  /** The list's own share plus one for each open handle. */
  holders: number;
  loaded: boolean;
  /** Parsed when first read; dropped with the last holder. */
  btf: Btf | undefined;
  read: (() => Uint8Array | undefined) | undefined;
}

/**
 * The modules of a kernel that carry types, in BTF id order, and who holds them. `load` and `unload` follow what the
 * running kernel does; everything else of the library only acquires.
 */
export class ModuleRegistry {
  readonly #base: () => Btf | undefined;
  /** In BTF id order, which is load order. */
  #objects: TypesObject[] = [];
  readonly #unloaded = new Set<string>();

  /** `base`: the types of vmlinux, on which every module's split BTF builds. */
  constructor(base: () => Btf | undefined) {
    this.#base = base;
  }

  /** Names of the loaded modules that carry types, in BTF id order. */
  names(): readonly string[] {
    return this.#objects.map(object => object.module);
  }

  /** True for a module that was unloaded and not loaded again. */
  isUnloaded(module: string): boolean {
    return this.#unloaded.has(module);
  }

  /**
   * The module is loaded (again): a new object, last in order. `read` gives the bytes of its split BTF when they are
   * first needed. An object of that name that is still listed is unloaded first.
   */
  load(module: string, read: () => Uint8Array | undefined): void {
    this.unload(module);
    this.#unloaded.delete(module);
    this.#objects.push({ module, holders: 1, loaded: true, btf: undefined, read });
  }

  /** The module is gone: look-ups no longer see it, open handles stay readable. A module not listed is only noted. */
  unload(module: string): void {
    this.#unloaded.add(module);
    const object = this.#objects.find(candidate => candidate.module === module);
    if (object === undefined) return;
    // A handle must be able to read later what it was promised.
    if (object.holders > 1) this.#btfOf(object);
    this.#objects = this.#objects.filter(candidate => candidate !== object);
    object.loaded = false;
    release(object);
  }

  /** A counted handle, or `undefined` for a module that is not loaded or has no types. Throws `KernelError`, `bad-types`. */
  acquire(module: string): ModuleTypes | undefined {
    const object = this.#objects.find(candidate => candidate.module === module);
    if (object === undefined || this.#btfOf(object) === undefined) return undefined;
    object.holders++;
    return new Handle(object);
  }

  /** The first module in id order that has a FUNC of that name, held. A failing look-up holds nothing. */
  acquireByFunction(name: string): { handle: ModuleTypes; func: { id: number; proto: number } } | undefined {
    for (const object of this.#objects) {
      const func = this.#btfOf(object)?.findFunction(name);
      if (func === undefined) continue;
      object.holders++;
      return { handle: new Handle(object), func };
    }
    return undefined;
  }

  /** Open handles on a module's present object: for tests and leak reports. */
  openHandles(module: string): number {
    const object = this.#objects.find(candidate => candidate.module === module);
    return object === undefined ? 0 : object.holders - 1;
  }

  /** Unloads every module. */
  unloadAll(): void {
    for (const module of this.names()) this.unload(module);
  }

  #btfOf(object: TypesObject): Btf | undefined {
    if (object.read === undefined) return object.btf;
    const base = this.#base();
    const bytes = base === undefined ? undefined : object.read();
    if (base !== undefined && bytes !== undefined) object.btf = parseTypes(bytes, object.module, { base });
    object.read = undefined;
    return object.btf;
  }
}

/** Parses BTF. Throws a `KernelError` with code `bad-types`. */
export function parseTypes(
  bytes: Uint8Array,
  name: string,
  options: Pick<BtfOptions, 'base' | 'starts'> = {},
): Btf {
  try {
    return Btf.parse(bytes, { name, ...options });
  } catch (cause) {
    if (!(cause instanceof BtfError)) throw cause;
    throw new KernelError('bad-types', `the types of ${name} are damaged: ${cause.message}`, { cause });
  }
}

function release(object: TypesObject) {
  if (--object.holders > 0) return;
  object.btf = undefined;
  object.read = undefined;
}

class Handle implements ModuleTypes {
  readonly module: string;
  #object: TypesObject | undefined;

  constructor(object: TypesObject) {
    this.module = object.module;
    this.#object = object;
  }

  get btf(): Btf {
    return held(this.#object?.btf, this.module);
  }

  get stale(): boolean {
    return !held(this.#object, this.module).loaded;
  }

  /** The second and every further call does nothing. */
  [Symbol.dispose]() {
    if (this.#object !== undefined) release(this.#object);
    this.#object = undefined;
  }
}

function held<T>(value: T | undefined, module: string): T {
  if (value === undefined)
    throw new KernelError('released', `the types of module ${module} are no longer held`);
  return value;
}
