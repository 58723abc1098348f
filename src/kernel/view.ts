import type {
  Dialect,
  EventFormats,
  FunctionTypes,
  Kernel,
  ModuleTypes,
  TraceableFunctions,
} from './types.js';

/** What a view shows otherwise than its kernel does. */
export interface KernelChanges {
  readonly dialect?: Dialect;
  readonly functions?: TraceableFunctions;
  readonly events?: EventFormats;
}

/** A kernel seen with some of its facts changed. The kernel stays as it is; disposing the view leaves it alone. */
export class KernelView implements Kernel {
  readonly dialect: Dialect;
  readonly #kernel: Kernel;
  readonly #changes: KernelChanges;

  constructor(kernel: Kernel, changes: KernelChanges) {
    this.#kernel = kernel;
    this.#changes = changes;
    this.dialect = changes.dialect ?? kernel.dialect;
  }

  get name() {
    return this.#kernel.name;
  }

  get release() {
    return this.#kernel.release;
  }

  get arch() {
    return this.#kernel.arch;
  }

  get possibleCpus() {
    return this.#kernel.possibleCpus;
  }

  get types() {
    return this.#kernel.types;
  }

  get symbols() {
    return this.#kernel.symbols;
  }

  get functions() {
    return this.#changes.functions ?? this.#kernel.functions;
  }

  get events() {
    return this.#changes.events ?? this.#kernel.events;
  }

  get config() {
    return this.#kernel.config;
  }

  get fileFacts() {
    return this.#kernel.fileFacts;
  }

  get endbr() {
    return this.#kernel.endbr;
  }

  hasTracepoint(name: string): boolean {
    return this.#kernel.hasTracepoint(name);
  }

  tracepoints(): readonly string[] {
    return this.#kernel.tracepoints();
  }

  isBlacklisted(address: bigint): boolean {
    return this.#kernel.isBlacklisted(address);
  }

  isModuleLoaded(module: string): boolean {
    return this.#kernel.isModuleLoaded(module);
  }

  moduleNames(): readonly string[] {
    return this.#kernel.moduleNames();
  }

  acquireModuleTypes(module: string): ModuleTypes | undefined {
    return this.#kernel.acquireModuleTypes(module);
  }

  findFunction(name: string): FunctionTypes | undefined {
    return this.#kernel.findFunction(name);
  }

  [Symbol.dispose]() {}
}
