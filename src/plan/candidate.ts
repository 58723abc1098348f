import type { CheckId, WayId } from '../host/index.js';

/** One thing that tracing would do to a system. */
export type Operation =
  /** A line written to `dynamic_events`. Bytes, one per character. */
  | { readonly kind: 'define'; readonly line: string }
  /** A filter written to the file of an event. Bytes, one per character. */
  | { readonly kind: 'filter'; readonly group: string; readonly event: string; readonly filter: string }
  /** An event switched on in an instance of its own. */
  | { readonly kind: 'enable'; readonly group: string; readonly event: string }
  /** A tracepoint kept busy so that lowered lines are hit. */
  | { readonly kind: 'keep-busy'; readonly tracepoint: string }
  /** A program loaded. */
  | { readonly kind: 'load'; readonly program: string; readonly instructions: number }
  /** A program attached, in words: `fentry of vfs_read`. */
  | { readonly kind: 'attach'; readonly place: string };

/** How much one hit puts into a buffer. */
export interface RecordSize {
  /** Bytes without the texts of strings, headers of the buffer included. */
  readonly bytes: number;
  /** True where the texts of strings come on top. */
  readonly texts: boolean;
}

/**
 * What one hit costs, by how the probe gets control (spec 15 section 15.11): the orders hold, the times are those to be
 * expected on hardware.
 */
export type CostClass = 'trampoline' | 'ftrace' | 'breakpoint' | 'return' | 'user' | 'event';

/** Why a way cannot be gone for a definition: the language, or a capability that a check found to be missing. */
export interface Obstacle {
  readonly message: string;
  /** `undefined`: the kernel or the back end does not take this definition. */
  readonly check: CheckId | undefined;
  /** What to do about it. */
  readonly advice: readonly string[];
}

/** One way to trace one definition: what it would do, or what stands in its way. */
export interface Candidate {
  readonly way: WayId;
  /** Empty where the way is open. */
  readonly obstacles: readonly Obstacle[];
  /** In order; empty where the definition cannot be traced this way on any machine with this kernel. */
  readonly operations: readonly Operation[];
  /** One for each place at most; `undefined` as `operations` is empty. */
  readonly record: RecordSize | undefined;
  readonly cost: CostClass | undefined;
  /** What else is to be known: why not a cheaper place, for instance. */
  readonly notes: readonly string[];
}

/** A candidate that is out for the definition itself. */
export function ruledOut(way: WayId, message: string, advice: readonly string[] = []): Candidate {
  const obstacle = { message, check: undefined, advice };
  return { way, obstacles: [obstacle], operations: [], record: undefined, cost: undefined, notes: [] };
}
