import type { Kernel } from '../kernel/index.js';
import type { RecordBatch, TracedEvent } from '../records/index.js';

/** What one CPU's buffer counted (spec 11 section 6). */
export interface CpuLosses {
  readonly cpu: number;
  /** Overwritten before they were read. */
  readonly overrun: number;
  readonly commitOverrun: number;
  /** Refused because the buffer was full. */
  readonly dropped: number;
}

/** What a session saw, final once it has ended. */
export interface TraceSummary {
  readonly records: number;
  /** overrun + commitOverrun + dropped of all CPUs, and hits that an event is known to have lost otherwise. */
  readonly lost: number;
  readonly perCpu: readonly CpuLosses[];
  /** Sub-buffers that could not be read, or not to their end; how many records were in them nobody knows. */
  readonly damagedPages: number;
  readonly perEvent: ReadonlyMap<TracedEvent, number>;
  /**
   * Hits of each event that are known to have become no record. eBPF tells all; of tracefs these are what kprobes missed
   * while others were handled, for its buffers do not tell whose records they lost.
   */
  readonly lostPerEvent?: ReadonlyMap<TracedEvent, number>;
}

/**
 * Events attached somewhere, yielding batches of records in time order until stopped, aborted or ended by its source.
 * Leaving the loop does not detach: dispose (or `await using`) does, and undoes everything the session made.
 */
export interface TraceSession extends AsyncIterable<RecordBatch>, AsyncDisposable {
  readonly backend: string;
  readonly kernel: Kernel;
  readonly events: readonly TracedEvent[];
  /** Texts of the kernel that records only point to; a backend whose records have none leaves it out. */
  readonly stringAt?: (address: bigint) => string | undefined;
  /** The process of a thread, as the kernel noted it; a backend whose kernel notes none leaves it out. */
  readonly processOf?: (tid: number) => number | undefined;
  /** Stops recording; the iteration ends after what was recorded has been read. */
  stop(): Promise<void>;
  summary(): TraceSummary;
}

/** What to trace: a definition in the kernel's language, or an event that exists (`sched:sched_switch`). */
export type TraceTarget =
  | { readonly definition: string }
  | { readonly event: { readonly group: string; readonly name: string } };

export interface TraceOptions {
  /** Ends the session as `stop` does. */
  readonly signal?: AbortSignal;
  /** Kilobytes per CPU. */
  readonly bufferSizeKb?: number;
  /** Milliseconds between looks at the buffers, default 50. */
  readonly pollIntervalMs?: number;
  /**
   * Has the kernel note the process of each thread, where it can: for `TraceSession.processOf`. It keeps a table for that until
   * it ends, four bytes for each possible thread.
   */
  readonly processes?: boolean;
  /**
   * A filter in the kernel's words over the fields of each event (`count > 100 && name == "passwd"`): hits that it does not
   * let through are neither records nor lost. Bytes, one per character.
   */
  readonly filter?: string;
}

/** Attaches events to one kind of kernel. A bad definition rejects with a `BackendError` that carries the diagnostics. */
export interface Backend {
  readonly name: string;
  open(kernel: Kernel, targets: readonly TraceTarget[], options?: TraceOptions): Promise<TraceSession>;
}
