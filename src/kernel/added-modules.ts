import { parseFilterPattern } from './glob.js';
import { ModuleRegistry } from './modules.js';
import type {
  FunctionTypes,
  Kernel,
  KernelSymbol,
  ModuleTypes,
  ResolvedAddress,
  SymbolTable,
  TraceableFunctions,
} from './types.js';

/** A symbol of an added module, with its length in bytes. */
export interface AddedSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  readonly type: string;
  /** Bytes to the patch site, where ftrace can hook the symbol; `undefined` where it cannot. */
  readonly siteOffset: number | undefined;
}

/** A module that a kernel's source knows nothing of. */
export interface AddedModule {
  readonly name: string;
  readonly symbols: readonly AddedSymbol[];
  /** Bytes of its BTF, split on the types of vmlinux. Asked once for each load, when first needed. */
  types(): Uint8Array | undefined;
}

/** A kernel with modules loaded on top of what its source says. */
export interface ExtendedKernel extends Kernel {
  /** Loads a module, last in order; one of the same name that was added is unloaded first. */
  loadModule(module: AddedModule): void;
  /** Unloads an added module; open handles on its types stay readable. False when no such module was added. */
  unloadModule(name: string): boolean;
}

/**
 * Another view of a kernel that further modules can be loaded into; the kernel itself does not change. Disposing the
 * view unloads those modules and leaves the kernel alone.
 */
export function extendKernel(kernel: Kernel): ExtendedKernel {
  const added = new Map<string, AddedModule>();
  const registry = new ModuleRegistry(() => kernel.types);
  const facts = { symbols: addedSymbols(kernel, added), functions: addedFunctions(kernel, added) };
  return {
    name: kernel.name,
    release: kernel.release,
    arch: kernel.arch,
    dialect: kernel.dialect,
    possibleCpus: kernel.possibleCpus,
    config: kernel.config,
    fileFacts: kernel.fileFacts,
    endbr: kernel.endbr,
    get types() {
      return kernel.types;
    },
    get events() {
      return kernel.events;
    },
    symbols: facts.symbols,
    functions: facts.functions,
    hasTracepoint: name => kernel.hasTracepoint(name),
    tracepoints: () => kernel.tracepoints(),
    isBlacklisted: address => kernel.isBlacklisted(address),
    isModuleLoaded: module => added.has(module) || kernel.isModuleLoaded(module),
    moduleNames: () => [...kernel.moduleNames(), ...registry.names()],
    acquireModuleTypes: module => registry.acquire(module) ?? kernel.acquireModuleTypes(module),
    findFunction: name => kernel.findFunction(name) ?? findAdded(registry, name),
    loadModule(module) {
      added.delete(module.name);
      added.set(module.name, module);
      registry.load(module.name, () => module.types());
    },
    unloadModule(name) {
      registry.unload(name);
      return added.delete(name);
    },
    [Symbol.dispose]() {
      registry.unloadAll();
      added.clear();
    },
  };
}

function addedSymbols(kernel: Kernel, added: ReadonlyMap<string, AddedModule>): SymbolTable {
  const find = (name: string, module?: string): readonly KernelSymbol[] => {
    const found: KernelSymbol[] = [...kernel.symbols.find(name, module)];
    for (const [owner, symbol] of allSymbols(added)) {
      if (symbol.name === name && (module === undefined || module === owner)) {
        found.push({ name, address: symbol.address, type: symbol.type, module: owner });
      }
    }
    return found;
  };
  return {
    find,
    first: (name, module) => find(name, module)[0],
    resolve(address): ResolvedAddress | undefined {
      for (const [module, { name, address: start, size }] of allSymbols(added)) {
        const offset = address - start;
        if (offset >= 0n && offset < BigInt(size)) return { name, offset: Number(offset), size, module };
      }
      return kernel.symbols.resolve(address);
    },
    modules: () => [...kernel.symbols.modules(), ...added.keys()],
    names: () => [...kernel.symbols.names(), ...[...allSymbols(added)].map(([, { name }]) => name)],
  };
}

function addedFunctions(kernel: Kernel, added: ReadonlyMap<string, AddedModule>): TraceableFunctions {
  const sites = () =>
    [...allSymbols(added)].map(([, symbol]) => symbol).filter(s => s.siteOffset !== undefined);
  return {
    namesKnown: kernel.functions.namesKnown,
    sitesKnown: kernel.functions.sitesKnown,
    names: () => [...kernel.functions.names(), ...sites().map(({ name }) => name)],
    count: name => kernel.functions.count(name) + sites().filter(site => site.name === name).length,
    has: name => kernel.functions.has(name) || sites().some(site => site.name === name),
    match(pattern) {
      const parsed = parseFilterPattern(pattern);
      const found = new Set(kernel.functions.match(pattern));
      if (parsed.kind === 'names') {
        for (const { name } of sites()) if (parsed.matches(name)) found.add(name);
      }
      return Array.from(found);
    },
    siteOffset: name =>
      kernel.functions.siteOffset(name) ?? sites().find(site => site.name === name)?.siteOffset,
    siteOffsetAt: address =>
      sites().find(site => site.address === address)?.siteOffset ?? kernel.functions.siteOffsetAt(address),
  };
}

function* allSymbols(added: ReadonlyMap<string, AddedModule>): Iterable<[string, AddedSymbol]> {
  for (const module of added.values()) for (const symbol of module.symbols) yield [module.name, symbol];
}

function findAdded(registry: ModuleRegistry, name: string): FunctionTypes | undefined {
  const found = registry.acquireByFunction(name);
  if (!found) return undefined;
  const handle: ModuleTypes = found.handle;
  return {
    get btf() {
      return handle.btf;
    },
    func: found.func.id,
    proto: found.func.proto,
    handle,
    [Symbol.dispose]: () => handle[Symbol.dispose](),
  };
}
