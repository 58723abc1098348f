import type { TraceTarget } from '../backends/index.js';
import type { Kernel } from '../kernel/index.js';
import { type Candidate, ruledOut } from './candidate.js';
import type { Capabilities } from './checks.js';

/** The line in older words, by the kernel's own probe events. */
export function loweredCandidate(
  _kernel: Kernel,
  _target: TraceTarget,
  _capabilities: Capabilities,
): Candidate {
  return ruledOut('lowered', 'btfprobe does not trace lowered lines yet');
}
