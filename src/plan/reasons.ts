import type { Kernel } from '../kernel/index.js';
import { type Refused, withHints } from '../language/index.js';

/** What decided a refusal, in a few words; where the kernel would log nothing, what is to be known of it. */
export function firstReason(kernel: Kernel, definition: string, refused: Refused): string {
  const [first] = refused.diagnostics;
  if (first === undefined) return refused.errno;
  if (first.subsystem !== undefined) return first.message;
  const [hint] = withHints(kernel, definition, refused).diagnostics[0]?.hints ?? [];
  return hint ?? first.message;
}
