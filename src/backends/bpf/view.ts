import { BtfKind } from '../../btf/index.js';
import {
  type Dialect,
  type EventFormats,
  type FunctionTypes,
  type Kernel,
  type ModuleTypes,
  newestDialect,
  type TraceableFunctions,
} from '../../kernel/index.js';

/** A program sees the first parameter of a tracepoint's own functions, `__data`, no more than a definition does. */
const stubPrefix = '__probestub_';
/** Older kernels have no stubs; this function of each tracepoint has the same parameters. */
const iteratorPrefix = '__traceiter_';

/**
 * The kernel as eBPF sees it: definitions may be written in the newest dialect whatever its probe events understand, no
 * event of tracefs is in the way, tracepoints take any number of programs, and what has a type can be traced. ftrace's list is long in being read, and root's:
 * it is asked only about what has no type, and the verifier has the last word anyway.
 */
export function bpfView(kernel: Kernel): Kernel {
  return new BpfView(kernel);
}

class BpfView implements Kernel {
  /** A tracepoint takes any number of programs, though but one `t` event. */
  readonly dialect: Dialect = {
    ...newestDialect,
    manners: { ...newestDialect.manners, oneProbePerTracepoint: false },
  };
  readonly functions: TraceableFunctions;
  readonly events: EventFormats;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.functions = typedFunctions(kernel);
    this.events = noEvents();
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
    return findTracepoint(this.#kernel, name) !== undefined;
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
    return findPrototype(this.#kernel, name);
  }

  [Symbol.dispose](): void {}
}

/** The types of a tracepoint's arguments: a typedef in the kernel or in a module. */
export interface TracepointTypes {
  /** Id of the typedef. */
  readonly id: number;
  /** `undefined`: vmlinux. */
  readonly module: string | undefined;
}

export function findTracepoint(kernel: Kernel, name: string): TracepointTypes | undefined {
  const typedef = `btf_trace_${name}`;
  const id = kernel.types?.find(typedef, BtfKind.Typedef);
  if (id !== undefined) return { id, module: undefined };
  for (const module of kernel.moduleNames()) {
    using types = kernel.acquireModuleTypes(module);
    const own = types?.btf.find(typedef, BtfKind.Typedef);
    if (own !== undefined) return { id: own, module };
  }
  return undefined;
}

function findPrototype(kernel: Kernel, name: string): FunctionTypes | undefined {
  const found = kernel.findFunction(name);
  if (found !== undefined || !name.startsWith(stubPrefix)) return found;
  return kernel.findFunction(iteratorPrefix + name.slice(stubPrefix.length));
}

function typedFunctions(kernel: Kernel): TraceableFunctions {
  const isTyped = (name: string): boolean => {
    using found = findPrototype(kernel, name);
    return found !== undefined;
  };
  return {
    has: name => isTyped(name) || kernel.functions.has(name) || kernel.symbols.find(name).length > 0,
    count: name => kernel.functions.count(name),
    names: () => kernel.functions.names(),
    match: pattern => kernel.functions.match(pattern),
    siteOffset: name => kernel.functions.siteOffset(name),
    siteOffsetAt: address => kernel.functions.siteOffsetAt(address),
    get namesKnown() {
      return true;
    },
    get sitesKnown() {
      return kernel.functions.sitesKnown;
    },
  };
}

function noEvents(): EventFormats {
  return { has: () => false, find: () => undefined, names: () => [] };
}
