import { BtfKind } from '../../btf/index.js';
import type { Kernel } from '../../kernel/index.js';

/** What a kernel's own types show of its eBPF (spec 15.8). Nothing is tried: whether a user may is another question. */
export interface BpfFacts {
  /** Types of the kernel are known: functions and tracepoints are named by their ids. */
  readonly types: boolean;
  readonly ringBuffer: boolean;
  /** fentry and fexit on the kernel's functions. */
  readonly trampolines: boolean;
  /** Many functions by one program; needs CONFIG_FPROBE. */
  readonly multi: boolean;
  /** Trampolines save whole registers, and arguments behind the sixth (6.6). */
  readonly wideArguments: boolean;
}

export function bpfFacts({ types }: Kernel): BpfFacts {
  if (types === undefined) {
    return { types: false, ringBuffer: false, trampolines: false, multi: false, wideArguments: false };
  }
  const attachTypes = types.find('bpf_attach_type', BtfKind.Enum);
  return {
    types: true,
    ringBuffer: types.find('bpf_ringbuf', BtfKind.Struct) !== undefined,
    trampolines: types.findFunction('arch_prepare_bpf_trampoline') !== undefined,
    multi: types.find('bpf_kprobe_multi_link', BtfKind.Struct) !== undefined,
    wideArguments:
      attachTypes !== undefined &&
      types.enumerators(attachTypes).some(({ name }) => name === 'BPF_TRACE_UPROBE_MULTI'),
  };
}
