import type { TraceTarget } from '../backends/index.js';
import type { Kernel } from '../kernel/index.js';
import { type Candidate, ruledOut } from './candidate.js';
import type { Capabilities } from './checks.js';

/** A program of ours. */
export function bpfCandidate(_kernel: Kernel, _target: TraceTarget, _capabilities: Capabilities): Candidate {
  return ruledOut('bpf', 'btfprobe does not trace by eBPF yet');
}
