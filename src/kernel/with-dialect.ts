import type { Dialect, FunctionTypes, Kernel, ModuleTypes } from './types.js';

/**
 * A view of a kernel whose probe language is another dialect's: the same types, symbols and events, judged by other
 * rules. The kernel does not change, and disposing the view leaves it alone; the view ends with the kernel.
 */
export function withDialect(kernel: Kernel, dialect: Dialect): Kernel {
  return new DialectView(kernel, dialect);
}

class DialectView implements Kernel {
  readonly dialect: Dialect;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, dialect: Dialect) {
    this.#kernel = kernel;
    this.dialect = dialect;
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
    return this.#kernel.functions;
  }

  get events() {
    return this.#kernel.events;
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
