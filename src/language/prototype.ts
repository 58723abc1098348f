import type { Btf, Parameter, TypeId } from '../btf/index.js';
import type { FunctionTypes, Kernel } from '../kernel/index.js';

/** The prototype that names of one event are looked up in (spec 02 section 3.1). */
export interface Prototype {
  readonly btf: Btf;
  /** The FUNC_PROTO. */
  readonly id: TypeId;
  readonly returns: TypeId;
  /** First parameters left out of `parameters`: 1 for a tracepoint's stub. */
  readonly hidden: number;
  readonly parameters: readonly Parameter[];
}

/**
 * Looks a prototype up when first asked for and remembers it, as the kernel does: whether an earlier argument made it
 * look decides which error a later one gets. Holds the module's types until released.
 */
export class PrototypeQuery {
  private found: FunctionTypes | undefined;
  private prototype: Prototype | undefined;
  private readonly kernel: Kernel;
  private readonly functionName: string | undefined;
  private readonly hiddenParameters: number;

  constructor(kernel: Kernel, functionName: string | undefined, hiddenParameters: number) {
    this.kernel = kernel;
    this.functionName = functionName;
    this.hiddenParameters = hiddenParameters;
  }

  /** Has a successful look-up been made? */
  get known(): boolean {
    return this.prototype !== undefined;
  }

  /** The prototype, or `undefined` where the function has no BTF. */
  get(): Prototype | undefined {
    if (this.prototype === undefined && this.functionName !== undefined && this.kernel.dialect.btfArgs) {
      this.found = this.kernel.findFunction(this.functionName);
      if (this.found !== undefined) {
        const { btf, proto } = this.found;
        const parameters = btf.parameters(proto).slice(this.hiddenParameters);
        const hidden = this.hiddenParameters;
        this.prototype = { btf, id: proto, returns: btf.referenced(proto), hidden, parameters };
      }
    }
    return this.prototype;
  }

  /** Hands the held types over to the event that uses them. */
  take(): FunctionTypes | undefined {
    const found = this.found;
    this.found = undefined;
    return found;
  }

  /** Gives held types back; for definitions that came to nothing. */
  release(): void {
    this.take()?.[Symbol.dispose]();
  }
}
