import type { Diagnostic } from './diagnostic.js';
import type { ProbeEvent } from './event.js';

/** The kernel would take the line. */
export interface Accepted {
  readonly accepted: true;
  /** What the line creates; `undefined` for a blank line or a deletion. The caller disposes it. */
  readonly event: ProbeEvent | undefined;
}

/** The kernel would refuse the line. */
export interface Refused {
  readonly accepted: false;
  /** Symbolic errno of the write. */
  readonly errno: string;
  /** What the kernel writes to its error log, in order; empty where it logs nothing. */
  readonly log: readonly Diagnostic[];
  /** Every mistake: the one that decides first, then what else is wrong with the line. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What the kernel makes of one line. */
export type Judgement = Accepted | Refused;
