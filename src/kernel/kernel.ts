import type { Btf } from '../btf/index.js';
import { ProbeBlacklist } from './blacklist.js';
import { buildDialect } from './dialect.js';
import { dialectFromTypes } from './dialect-evidence.js';
import { dialectOf } from './dialects.js';
import { KernelError } from './error.js';
import { createEventFormats } from './events.js';
import { createTraceableFunctions } from './functions.js';
import { GrowingText } from './growing-text.js';
import { ModuleRegistry, parseTypes } from './modules.js';
import type { KernelSource } from './source.js';
import { createGrowingSymbolTable, createSymbolTable } from './symbols.js';
import { kernelText } from './text.js';
import type {
  Dialect,
  DialectFeatures,
  EventFormats,
  FunctionTypes,
  Kernel,
  ModuleTypes,
  SymbolTable,
  TraceableFunctions,
} from './types.js';

/** Every tracepoint has a variable of its own: a kernel without a list of them is asked for those. */
const tracepointPrefix = '__tracepoint_';

/** How a kernel is put together. */
export interface KernelOptions {
  /** Further lines in the form of kallsyms: probe trampolines and BPF programs that came later. */
  readonly moreSymbols?: readonly Uint8Array[];
}

/** A kernel with the state that can change behind it. */
export interface OpenedKernel extends Kernel {
  /** The modules that carry types. Loading and unloading here changes what the kernel's look-ups see. */
  readonly modules: ModuleRegistry;
  /**
   * Forgets what was read of symbols, traceable functions and events: the next look-up asks the source again. For
   * sources that change, after modules came or went. Types and modules stay as they are.
   */
  reread(): void;
}

/**
 * A kernel over a source of facts. Nothing is read before it is asked for; what was read is kept until the kernel is
 * disposed. Then every part throws a `KernelError` with code `released`, while module handles stay readable.
 */
export function createKernel(source: KernelSource, options: KernelOptions = {}): OpenedKernel {
  return new SourcedKernel(source, options);
}

class SourcedKernel implements OpenedKernel {
  readonly name: string;
  readonly release;
  readonly arch;
  readonly possibleCpus;
  readonly config;
  readonly fileFacts;

  readonly #source: KernelSource;
  readonly #options: KernelOptions;
  #disposed = false;
  #dialect: Dialect | undefined;
  #endbr: boolean | undefined;
  #types: { readonly btf: Btf | undefined } | undefined;
  #symbols: SymbolTable | undefined;
  #functions: TraceableFunctions | undefined;
  #events: EventFormats | undefined;
  #modules: ModuleRegistry | undefined;
  #kallsyms: GrowingText | undefined;
  #tracepoints: { readonly listed: ReadonlyMap<string, string | undefined> | undefined } | undefined;
  #blacklist: ProbeBlacklist | undefined;

  constructor(source: KernelSource, options: KernelOptions) {
    this.#source = source;
    this.#options = options;
    this.name = source.name;
    this.release = source.facts.release;
    this.arch = source.facts.arch;
    this.possibleCpus = source.facts.possibleCpus;
    this.config = source.facts.config;
    this.fileFacts = source.facts.fileFacts;
  }

  get dialect(): Dialect {
    this.#dialect ??= dialectOf(this.#source.facts.features ?? this.#shownFeatures());
    return this.#dialect;
  }

  /** Where the configuration is not known, a function shows it that only kernels with that option have. */
  get endbr(): boolean {
    const option = this.config.get('CONFIG_X86_KERNEL_IBT');
    this.#endbr ??= option === undefined ? this.symbols.find('ibt_save').length > 0 : option === 'y';
    return this.#endbr;
  }

  get types(): Btf | undefined {
    this.#types ??= { btf: this.#readTypes() };
    return this.#types.btf;
  }

  get symbols(): SymbolTable {
    this.#symbols ??= this.#createSymbols();
    return this.#symbols;
  }

  get functions(): TraceableFunctions {
    const kernel = this;
    this.#functions ??= createTraceableFunctions({
      names: () => this.#read('available_filter_functions'),
      sites: () => this.#read('available_filter_functions_addrs'),
      get symbols() {
        return kernel.symbols;
      },
      isUnloaded: module => this.#isUnloaded(module),
    });
    return this.#functions;
  }

  get events(): EventFormats {
    this.#events ??= createEventFormats({
      blocks: () => this.#read('event-formats'),
      list: () => this.#read('available_events'),
      single: this.#source.eventFormat?.bind(this.#source),
    });
    return this.#events;
  }

  get modules(): ModuleRegistry {
    this.#modules ??= this.#listModules();
    return this.#modules;
  }

  hasTracepoint(name: string): boolean {
    const listed = this.#listedTracepoints();
    if (listed === undefined) return this.symbols.find(tracepointPrefix + name).length > 0;
    if (!listed.has(name)) return false;
    const module = listed.get(name);
    return module === undefined || !this.#isUnloaded(module);
  }

  tracepoints(): readonly string[] {
    const listed = this.#listedTracepoints();
    if (listed !== undefined) return [...listed.keys()].filter(name => this.hasTracepoint(name));
    const variables = this.symbols.names().filter(name => name.startsWith(tracepointPrefix));
    return [...new Set(variables.map(name => name.slice(tracepointPrefix.length)))];
  }

  isBlacklisted(address: bigint): boolean {
    this.#blacklist ??= new ProbeBlacklist(this.#read('kprobes-blacklist'));
    return this.#blacklist.covers(address);
  }

  isModuleLoaded(module: string): boolean {
    if (this.#isUnloaded(module)) return false;
    return this.modules.names().includes(module) || this.#loadedModules().includes(module);
  }

  moduleNames(): readonly string[] {
    return this.modules.names();
  }

  acquireModuleTypes(module: string): ModuleTypes | undefined {
    return this.modules.acquire(module);
  }

  findFunction(name: string): FunctionTypes | undefined {
    const types = this.types;
    const func = types?.findFunction(name);
    if (types !== undefined && func !== undefined) return new FoundFunction(func, types, undefined);
    const found = this.modules.acquireByFunction(name);
    return found === undefined ? undefined : new FoundFunction(found.func, undefined, found.handle);
  }

  reread(): void {
    // Whoever has the table from before may ask it further.
    this.#kallsyms?.whole();
    this.#forget();
  }

  [Symbol.dispose]() {
    this.#modules?.unloadAll();
    this.#disposed = true;
    this.#types = undefined;
    this.#modules = undefined;
    this.#kallsyms?.[Symbol.dispose]();
    this.#forget();
  }

  #forget(): void {
    this.#kallsyms = undefined;
    this.#symbols = undefined;
    this.#functions = undefined;
    this.#events = undefined;
    this.#tracepoints = undefined;
    this.#blacklist = undefined;
  }

  #read(part: Parameters<KernelSource['read']>[0]): Uint8Array | undefined {
    if (this.#disposed) throw this.#wasDisposed();
    return this.#source.read(part);
  }

  #shownFeatures(): DialectFeatures {
    return this.types === undefined ? buildDialect(() => false) : dialectFromTypes(this.types);
  }

  #readTypes(): Btf | undefined {
    const bytes = this.#read('vmlinux.btf');
    if (bytes === undefined) return undefined;
    const { typeStarts } = this.#source;
    const starts = typeStarts?.find();
    const types = parseTypes(bytes, 'vmlinux', { starts });
    if (starts === undefined && types.starts !== undefined) typeStarts?.keep(types.starts);
    return types;
  }

  /** Must not create the registry: the registry's order is read from symbols. */
  #isUnloaded(module: string): boolean {
    return this.#modules?.isUnloaded(module) ?? false;
  }

  #loadedModules(): readonly string[] {
    return this.#source.modules?.() ?? this.symbols.modules();
  }

  /** Modules that have types but no known place in the load order come last, by name. */
  #listModules(): ModuleRegistry {
    if (this.#disposed) throw this.#wasDisposed();
    const registry = new ModuleRegistry(() => this.types);
    const typed = [...this.#source.typedModules()].sort();
    const known = typed.length < 2 ? [] : this.#loadedModules().filter(module => typed.includes(module));
    for (const module of new Set([...known, ...typed]))
      registry.load(module, () => this.#source.moduleBtf(module));
    return registry;
  }

  #createSymbols(): SymbolTable {
    const isUnloaded = (module: string) => this.#isUnloaded(module);
    const { moreSymbols = [] } = this.#options;
    if (this.#disposed) throw this.#wasDisposed();
    const pieces = moreSymbols.length > 0 ? undefined : this.#source.pieces?.('kallsyms');
    if (pieces === undefined) return createSymbolTable(this.#read('kallsyms'), moreSymbols, isUnloaded);
    this.#kallsyms = new GrowingText(pieces);
    return createGrowingSymbolTable(this.#kallsyms, isUnloaded, this.#source.symbolMemory);
  }

  /** Each tracepoint with the module that brings it: lines `NAME` or `NAME [MODULE]`. */
  #listedTracepoints(): ReadonlyMap<string, string | undefined> | undefined {
    this.#tracepoints ??= { listed: this.#readTracepoints() };
    return this.#tracepoints.listed;
  }

  #readTracepoints(): ReadonlyMap<string, string | undefined> | undefined {
    const listed = this.#read('tracepoints');
    if (listed === undefined) return undefined;
    const lines = kernelText(listed).matchAll(/^(\S+)(?:\s+\[(\S+)\])?$/gm);
    return new Map(Array.from(lines, match => [match[1]!, match[2]]));
  }

  #wasDisposed(): KernelError {
    return new KernelError('released', `the kernel ${this.name} was disposed`);
  }
}

class FoundFunction implements FunctionTypes {
  readonly func: number;
  readonly proto: number;
  readonly handle: ModuleTypes | undefined;
  readonly #vmlinux: Btf | undefined;

  constructor(
    func: { id: number; proto: number },
    vmlinux: Btf | undefined,
    handle: ModuleTypes | undefined,
  ) {
    this.#vmlinux = vmlinux;
    this.func = func.id;
    this.proto = func.proto;
    this.handle = handle;
  }

  /** A module's types are read through the handle alone: nothing else may keep them alive. */
  get btf(): Btf {
    return this.#vmlinux ?? this.handle!.btf;
  }

  [Symbol.dispose]() {
    this.handle?.[Symbol.dispose]();
  }
}
