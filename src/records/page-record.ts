import type { FetchState } from '../language/index.js';
import type { TracedEvent, TraceRecord } from './record.js';

/**
 * A record inside the bytes of a sub-buffer. `time` and `bytes` are made when asked for; who prints many records reads
 * the halves and offsets instead.
 */
export class PageRecord implements TraceRecord {
  readonly event: TracedEvent;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  /** The bytes that the payload is part of. */
  readonly source: Uint8Array;
  readonly view: DataView;
  /** Where the payload starts in `source`. */
  readonly start: number;
  /** Where the payload ends. */
  readonly end: number;
  /** Upper 32 bits of the time, unsigned. */
  readonly timeHigh: number;
  /** Lower 32 bits of the time, unsigned. */
  readonly timeLow: number;
  /** The event's number as the record has it, for tables by event; 0 where the maker does not say it. */
  readonly type: number;
  /** Set by a source that knows it after the record was read. */
  states: ReadonlyMap<string, FetchState> | undefined = undefined;

  constructor(
    event: TracedEvent,
    cpu: number,
    pid: number,
    comm: string,
    source: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    timeHigh: number,
    timeLow: number,
    type = 0,
  ) {
    this.event = event;
    this.cpu = cpu;
    this.pid = pid;
    this.comm = comm;
    this.source = source;
    this.view = view;
    this.start = start;
    this.end = end;
    this.timeHigh = timeHigh;
    this.timeLow = timeLow;
    this.type = type;
  }

  get time(): bigint {
    return (BigInt(this.timeHigh) << 32n) | BigInt(this.timeLow);
  }

  get bytes(): Uint8Array {
    return this.source.subarray(this.start, this.end);
  }

  /** The same record as an object that stays what it is, with its bytes. */
  copy(): PageRecord {
    const { event, cpu, pid, comm, timeHigh, timeLow, type } = this;
    // Not `slice`, which copies nothing where the source is a `Buffer`.
    const bytes = Uint8Array.from(this.source.subarray(this.start, this.end));
    const view = new DataView(bytes.buffer);
    const made = new PageRecord(event, cpu, pid, comm, bytes, view, 0, bytes.length, timeHigh, timeLow, type);
    made.states = this.states;
    return made;
  }

  /** A record of any origin in this form; the bytes are not copied. */
  static of(record: TraceRecord): PageRecord {
    if (record instanceof PageRecord) return record;
    const { bytes, time } = record;
    const made = new PageRecord(
      record.event,
      record.cpu,
      record.pid,
      record.comm,
      bytes,
      new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      0,
      bytes.length,
      Number(BigInt.asUintN(32, time >> 32n)),
      Number(BigInt.asUintN(32, time)),
    );
    made.states = record.states;
    return made;
  }
}
