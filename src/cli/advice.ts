import { createProgramSymbols } from '../host/index.js';
import type { Kernel } from '../kernel/index.js';
import {
  type FindUserSymbol,
  type Judgement,
  type Warning,
  warningsFor,
  withHints,
} from '../language/index.js';

/** A judgement with what helps: hints in its diagnostics, or warnings about what was accepted. */
export interface Advised {
  readonly judgement: Judgement;
  readonly warnings: readonly Warning[];
}

/** Adds hints to a refusal and warnings to what was accepted. Programs of this machine are searched for `p PATH:NAME`. */
export function advise(
  kernel: Kernel,
  definition: string,
  judgement: Judgement,
  findUserSymbol: FindUserSymbol = createProgramSymbols(),
): Advised {
  if (!judgement.accepted) {
    return { judgement: withHints(kernel, definition, judgement, { findUserSymbol }), warnings: [] };
  }
  const { event } = judgement;
  return { judgement, warnings: event === undefined ? [] : warningsFor(kernel, definition, event) };
}
