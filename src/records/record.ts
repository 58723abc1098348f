import type { FieldType, RecordLayout, ResolvedAddress } from '../kernel/index.js';
import type { FetchState } from '../language/index.js';
import type { PageRecord } from './page-record.js';
import type { LineEngine } from './wasm/line-engine.js';

/**
 * One hit of an event as the kernel recorded it. The bytes are a view: valid until the batch that holds it is
 * released by asking the session for the next one; copy what must live longer.
 */
export interface TraceRecord {
  readonly event: TracedEvent;
  readonly cpu: number;
  /** Nanoseconds of the buffer's clock (or that clock's own unit, spec 11 section 8). */
  readonly time: bigint;
  readonly pid: number;
  /** Command name of the pid as known when the batch was made; bytes, one per character. `<...>` when not known. */
  readonly comm: string;
  /** The payload, from `common_type` on. */
  readonly bytes: Uint8Array;
  /**
   * How the fetches went that did not go well, by argument: all others did. `undefined` for a source that cannot tell, as
   * a kernel's ring buffer (spec 03 section 6).
   */
  readonly states?: ReadonlyMap<string, FetchState> | undefined;
}

/** An event whose records are read, with the names the user knows it by. */
export interface TracedEvent {
  /** The user's group; the kernel may know the event under a group of ours. */
  readonly group: string;
  readonly name: string;
  /** The definition as the user wrote it, or `undefined` for an event that existed already. */
  readonly definition: string | undefined;
  readonly layout: RecordLayout;
  /** What is known of the fields beyond the layout, by name. */
  readonly types?: ReadonlyMap<string, FieldType> | undefined;
}

/** Events that a CPU's buffer lost before a point in time; `undefined` count = the kernel did not say how many. */
export interface LostEvents {
  readonly cpu: number;
  readonly count: number | undefined;
}

/** Records in time order, and what was lost since the batch before. */
export interface RecordBatch {
  readonly records: readonly TraceRecord[];
  readonly lost: readonly LostEvents[];
}

/** Who is handed records one by one. */
export interface RecordSink {
  /** Events of a CPU that were lost before the record that comes next. */
  lost(lost: LostEvents): void;
  /** The record and its bytes are valid during the call only: the next one is told by the same object. */
  record(record: PageRecord): void;
  /** It holds as much as it should: a reader stops, and goes on when it was emptied. */
  readonly isFull?: boolean | undefined;
  /** Writes what `record` would for many records at once; a sink that has to see each has none. */
  readonly engine?: LineEngine | undefined;
}

/** Turns addresses into symbols while records are printed. */
export interface SymbolNames {
  resolve(address: bigint): ResolvedAddress | undefined;
  /** No symbol covers an address below this one; absent or `undefined` where none is known. */
  lowest?(): bigint | undefined;
}
