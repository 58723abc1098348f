import { BtfKind } from '../../btf/index.js';
import {
  type EventFormats,
  type FunctionTypes,
  type Kernel,
  KernelView,
  newestDialect,
  type TraceableFunctions,
} from '../../kernel/index.js';

/** A program sees the first parameter of a tracepoint's own functions, `__data`, no more than a definition does. */
const stubPrefix = '__probestub_';
/** Older kernels have no stubs; this function of each tracepoint has the same parameters. */
const iteratorPrefix = '__traceiter_';

/**
 * The kernel as eBPF sees it: definitions may be written in the newest dialect whatever its probe events understand, no
 * event of tracefs is in the way, tracepoints take any number of programs, and what has a type can be traced. ftrace's list
 * is long in being read, and root's: it is asked only about what has no type, and the verifier has the last word anyway.
 */
export function bpfView(kernel: Kernel): Kernel {
  return new BpfView(kernel);
}

class BpfView extends KernelView {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    super(kernel, {
      // A tracepoint takes any number of programs, though but one `t` event.
      dialect: { ...newestDialect, manners: { ...newestDialect.manners, oneProbePerTracepoint: false } },
      functions: typedFunctions(kernel),
      events: noEvents(),
    });
    this.#kernel = kernel;
  }

  override hasTracepoint(name: string): boolean {
    return findTracepoint(this.#kernel, name) !== undefined;
  }

  override findFunction(name: string): FunctionTypes | undefined {
    return findPrototype(this.#kernel, name);
  }
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
