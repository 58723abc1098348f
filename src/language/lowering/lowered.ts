import type { RecordLayout } from '../../kernel/index.js';
import type { Diagnostic } from '../diagnostic.js';
import type { ProbeEvent } from '../event.js';
import type { Refused } from '../judgement.js';

/** An event as an older kernel, or one with tighter limits, is told of it. Pure data; docs/lowering.md. */
export interface LoweredEvent {
  /** What to write to `dynamic_events`, in order: one line, or one for each function of a pattern. Bytes. */
  readonly lines: readonly string[];
  /** False where the kernel takes the event as it was written. */
  readonly changed: boolean;
  readonly args: readonly LoweredArgument[];
  /** A tracepoint that has to be kept busy for the lines to be hit. */
  readonly tracepoint: BusyTracepoint | undefined;
  /**
   * How records of the lines are read: group, name, arguments, types and print format are the original's. The bytes are
   * the same, so nothing has to be moved. `id` is `undefined` until a kernel gives one.
   */
  readonly layout: RecordLayout;
}

/** One argument, before and after. */
export interface LoweredArgument {
  readonly name: string;
  /** As it was, in the kernel's own words: what `$arg*` and `%pd` stand for is written out. */
  readonly original: string;
  readonly lowered: string;
}

/**
 * A tracepoint whose iterator is probed. The kernel calls the iterator only while at least two listeners are on the
 * tracepoint: enabling its trace event in two instances brings them.
 */
export interface BusyTracepoint {
  readonly tracepoint: string;
  /** The trace event that listens to it. */
  readonly event: { readonly group: string; readonly name: string };
}

/**
 * Why an event cannot be said to a kernel: `definition` no kernel takes it; `return-arguments` it wants a function's
 * arguments at its return, which kernels before 6.9 do not keep; `too-long` an argument is longer than the kernel takes in
 * every form; `no-form` the kernel has no words for an argument, a place or a kind; `refused` the kernel refuses the
 * lowered line.
 */
export type LoweringCode = 'definition' | 'return-arguments' | 'too-long' | 'no-form' | 'refused';

/** One reason against lowering an event. */
export interface LoweringRefusal {
  readonly code: LoweringCode;
  readonly message: string;
  /** The argument to blame. */
  readonly argument: string | undefined;
  /** The kernel's verdict on the best line that could be written. */
  readonly diagnostic: Diagnostic | undefined;
}

/** Why an event could not be lowered. */
export interface NotLowered {
  readonly ok: false;
  readonly refusals: readonly LoweringRefusal[];
  /** With the code `definition`: what the newest kernel says of the line. */
  readonly judgement: Refused | undefined;
}

/** What became of an event. */
export type EventLowering = { readonly ok: true; readonly lowered: LoweredEvent } | NotLowered;

/** What became of a definition. The event is the one that the definition means; the caller disposes it. */
export type Lowering =
  | { readonly ok: true; readonly event: ProbeEvent; readonly lowered: LoweredEvent }
  | NotLowered;
