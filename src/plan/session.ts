import { bpfView } from '../backends/bpf/index.js';
import { type Kernel, withFreeNames } from '../kernel/index.js';
import { looseLimits, ProbeEvents } from '../language/index.js';
import type { Capabilities } from './checks.js';

/**
 * What candidates are judged by: the targets of one plan meet each other as they would in one session. Names that
 * others' events have are in nobody's way, for sessions put groups of their own in their place.
 */
export class PlannedSession implements Disposable {
  /** Its event names are free. */
  readonly kernel: Kernel;
  readonly capabilities: Capabilities;
  /** Judges lines as they are written. */
  readonly native: ProbeEvents;
  /** The kernel as eBPF sees it, and a judge of lines for it. */
  readonly bpfKernel: Kernel;
  readonly bpf: ProbeEvents;
  /** What hits must pass. Bytes, one per character. */
  readonly filter: string | undefined;

  constructor(kernel: Kernel, capabilities: Capabilities, filter: string | undefined) {
    this.kernel = withFreeNames(kernel);
    this.capabilities = capabilities;
    this.filter = filter;
    this.native = new ProbeEvents(this.kernel);
    this.bpfKernel = bpfView(kernel);
    this.bpf = new ProbeEvents(this.bpfKernel, looseLimits);
  }

  [Symbol.dispose](): void {
    this.native[Symbol.dispose]();
    this.bpf[Symbol.dispose]();
  }
}
