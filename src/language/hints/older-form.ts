import type { Kernel } from '../../kernel/index.js';
import { lowerDefinition } from '../lowering/lower.js';

/**
 * A line as a kernel without function events understands it: a kprobe with numbered arguments and offsets. `undefined`
 * where newer kernels would not take the line either, or it cannot be said in one line.
 */
export function olderForm(kernel: Kernel, definition: string): string | undefined {
  const lowering = lowerDefinition(kernel, definition);
  if (!lowering.ok) return undefined;
  const { event, lowered } = lowering;
  event[Symbol.dispose]();
  const isComplete = lowered.lines.length === 1 && lowered.tracepoint === undefined;
  return isComplete && lowered.changed ? lowered.lines[0] : undefined;
}
