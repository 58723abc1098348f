import { CpuStream } from './cpu-stream.js';
import type { RecordError } from './error.js';
import { EventTable } from './event-table.js';
import { TimeMerge } from './merge.js';
import type { PageFormat } from './page-format.js';
import { PageRecord } from './page-record.js';
import type { PageWalker } from './pages.js';
import type { LostEvents, RecordBatch, RecordSink, TracedEvent } from './record.js';
import type { LineReading } from './wasm/line-engine.js';

/** What a `RecordReader` needs to know of the buffer it reads. */
export interface RecordReaderOptions {
  readonly format: PageFormat;
  /** The CPUs whose pages will be fed; `settled` waits for each of them. */
  readonly cpus: Iterable<number>;
  /** Events whose records are wanted; each must have an id. A table is used as it is. */
  readonly events: Iterable<TracedEvent> | EventTable;
  /** The command name of a pid above 0, as bytes one per character; `undefined` when not known. */
  readonly commOf: (pid: number) => string | undefined;
  /** Most records of one batch, default 8192. */
  readonly batchSize?: number;
  /** Where bytes of a CPU come from, instead of being fed: asked when the ones before are used up. */
  readonly pieces?: ReadonlyMap<number, Iterator<Uint8Array>>;
  /** `visit` stops before the records of this time and later ones. */
  readonly until?: bigint | undefined;
}

/** Where a reader stands with one CPU: two that stand alike give the same records from there on. */
export interface StreamState {
  readonly cpu: number;
  /** Bytes to the next record from the first one that was read; `undefined` when there is none. */
  readonly position: number | undefined;
  /** Events that were lost before it. */
  readonly lost: LostEvents | undefined;
}

/** A record that is told one after another. */
type Movable = { -readonly [Key in keyof PageRecord]: PageRecord[Key] };

const DEFAULT_BATCH = 8192;
const KEPT_ERRORS = 16;

/**
 * Turns the sub-buffers of all CPUs into batches of records in time order (spec 11 section 9).
 *
 * Feed bytes as they are read, then take batches until `undefined`: with `settled` while more may come, with `rest` at
 * the end. A batch's `lost` belongs before its first record, so a batch ends where a loss begins. Bytes that were fed
 * are kept, not copied: a reader of files must feed fresh arrays.
 */
export class RecordReader {
  /** Records of events that were not asked for. */
  unknownRecords = 0;
  /** Sub-buffers that were damaged and given up, wholly or from some event on. */
  damagedPages = 0;
  /** The first few damages. */
  readonly damages: RecordError[] = [];

  readonly #streams = new Map<number, CpuStream>();
  readonly #streamList: CpuStream[] = [];
  readonly #merge = new TimeMerge<CpuStream>();
  readonly #events: EventTable;
  readonly #untilHigh: number;
  readonly #untilLow: number;
  #isSkipping = false;
  readonly #commOf: (pid: number) => string | undefined;
  readonly #comms = new Map<number, string>();
  readonly #batchSize: number;
  readonly #format: PageFormat;
  readonly #reading: LineReading;
  readonly #pieces: ReadonlyMap<number, Iterator<Uint8Array>> | undefined;
  #visited: PageRecord | undefined;

  constructor(options: RecordReaderOptions) {
    this.#format = options.format;
    this.#commOf = options.commOf;
    this.#batchSize = options.batchSize ?? DEFAULT_BATCH;
    this.#pieces = options.pieces;
    const { events, until } = options;
    this.#events = events instanceof EventTable ? events : new EventTable(events);
    this.#untilHigh = until === undefined ? Number.POSITIVE_INFINITY : Number(until >> 32n);
    this.#untilLow = until === undefined ? 0 : Number(until & 0xffffffffn);
    for (const cpu of options.cpus) this.#streamOf(cpu);
    this.#reading = this.#lineReading(until);
  }

  #lineReading(until: bigint | undefined): LineReading {
    return {
      streams: this.#streamList,
      merge: this.#merge,
      events: this.#events,
      until,
      commOf: this.#commOf,
      comm: pid => this.#comm(pid),
      record: stream => {
        const { view, start } = stream.walker;
        const type = view.getUint16(start + this.#events.typeOffset, this.#format.littleEndian);
        return this.#recordAt(stream, this.#events.byType.at(type)!, type);
      },
      unknown: count => {
        this.unknownRecords += count;
      },
    };
  }

  /** Wants the records of one more event. An event without an id has no records yet and is ignored. */
  addEvent(event: TracedEvent): void {
    this.#events.add(event);
    for (const { walker } of this.#streams.values()) this.#guard(walker);
  }

  /** Takes bytes read from a CPU's buffer: sub-buffers one after another, cut anywhere. */
  feed(cpu: number, bytes: Uint8Array): void {
    this.#streamOf(cpu).feed(bytes);
  }

  /**
   * Says that a CPU's buffer was found empty at `now` (the buffer's clock, taken before looking), so that `settled`
   * need not wait for it.
   */
  markEmpty(cpu: number, now: bigint): void {
    this.#streamOf(cpu).emptyAt(Number(BigInt.asUintN(32, now >> 32n)), Number(BigInt.asUintN(32, now)));
  }

  /** The next records that nothing read later can precede (spec 11 R11-45); `undefined` when there are none yet. */
  settled(): RecordBatch | undefined {
    return this.#take(true);
  }

  /** CPUs that have no record left, once `settled` answered `undefined`: those that it waits for. */
  starved(): number[] {
    return [...this.#streams.values()].filter(({ ready }) => !ready).map(({ cpu }) => cpu);
  }

  /** The next records, whatever may follow; `undefined` when all were taken. Losses without a record behind come last. */
  rest(): RecordBatch | undefined {
    const batch = this.#take(false);
    if (batch !== undefined) return batch;
    const lost = this.#endStreams();
    return lost.length === 0 ? undefined : { records: [], lost };
  }

  /**
   * Hands at most so many of the next records to `sink`, fewer when it is full: as `rest`, but nothing is made for a record.
   * False when there are no more, or none before `until`.
   */
  visit(sink: RecordSink, most: number): boolean {
    const merge = this.#merge;
    const { littleEndian } = this.#format;
    const { byType, typeOffset, pidOffset } = this.#events;
    const untilHigh = this.#untilHigh;
    const untilLow = this.#untilLow;
    this.#advanceStreams();
    this.#forgetComms();
    let left = sink.engine?.print(this.#reading, sink, most) ?? most;
    if (left < 0) return true;
    while (left > 0) {
      const stream = merge.first();
      if (stream === undefined) {
        // Where there is an `until`, somebody else reads on.
        if (untilHigh === Number.POSITIVE_INFINITY) for (const lost of this.#endStreams()) sink.lost(lost);
        return false;
      }
      const { walker } = stream;
      const { view, start, timeHigh } = walker;
      if (timeHigh >= untilHigh && (timeHigh > untilHigh || walker.timeLow >= untilLow)) return false;
      const type = view.getUint16(start + typeOffset, littleEndian);
      const event = byType.at(type);
      if (event === undefined) {
        this.unknownRecords++;
      } else {
        if (stream.lost !== undefined) {
          sink.lost(stream.lost);
          stream.lost = undefined;
        }
        const pid = view.getInt32(start + pidOffset, littleEndian);
        if (pid !== stream.pid) this.#name(stream, pid);
        this.#visited ??= this.#recordAt(stream, event, type);
        const record = this.#visited as Movable;
        record.event = event;
        record.type = type;
        record.cpu = stream.cpu;
        record.pid = pid;
        record.comm = stream.comm;
        // Telling the collector of references that change takes long; these stay for a sub-buffer.
        if (record.view !== view) {
          record.source = walker.bytes;
          record.view = view;
        }
        record.start = start;
        record.end = walker.end;
        record.timeHigh = walker.timeHigh;
        record.timeLow = walker.timeLow;
        sink.record(record);
        left--;
        if (sink.isFull === true) left = 0;
      }
      if (stream.advance()) merge.firstMoved();
      else merge.firstEnded();
    }
    return true;
  }

  /**
   * Passes over each CPU's first records up to the one that `isPast` accepts, as if another reader had given them: what was
   * lost or damaged before is not told. To be called before anything is taken.
   */
  skip(isPast: (stream: CpuStream) => boolean): void {
    this.#isSkipping = true;
    const { byType, typeOffset } = this.#events;
    for (const stream of this.#streams.values()) {
      while (stream.advance()) {
        const { view, start } = stream.walker;
        if (isPast(stream)) {
          this.#merge.add(stream);
          break;
        }
        if (byType.at(view.getUint16(start + typeOffset, this.#format.littleEndian)) !== undefined)
          stream.lost = undefined;
      }
    }
    this.#isSkipping = false;
  }

  /** Events that a CPU is known to have lost before its next record. */
  lose(lost: LostEvents): void {
    this.#streamOf(lost.cpu).lost = lost;
  }

  /** Where the reader stands. */
  state(): StreamState[] {
    this.#advanceStreams();
    return [...this.#streams.values()].map(({ cpu, ready, position, lost }) => ({
      cpu,
      position: ready ? position : undefined,
      lost,
    }));
  }

  #recordAt(stream: CpuStream, event: TracedEvent, type: number): PageRecord {
    const { bytes, view, start, end, timeHigh, timeLow } = stream.walker;
    const pid = view.getInt32(start + this.#events.pidOffset, this.#format.littleEndian);
    if (pid !== stream.pid) this.#name(stream, pid);
    const { cpu, comm } = stream;
    return new PageRecord(event, cpu, pid, comm, bytes, view, start, end, timeHigh, timeLow, type);
  }

  #name(stream: CpuStream, pid: number): void {
    stream.pid = pid;
    stream.comm = this.#comm(pid);
  }

  /** Names may change between batches: what a pid is called is asked once per batch. */
  #forgetComms(): void {
    this.#comms.clear();
    for (const stream of this.#streams.values()) this.#name(stream, stream.pid);
  }

  #advanceStreams(): void {
    for (const stream of this.#streams.values()) {
      if (!stream.ready && stream.advance()) this.#merge.add(stream);
    }
  }

  /** Losses without a record behind. */
  #endStreams(): LostEvents[] {
    const lost: LostEvents[] = [];
    for (const stream of this.#streams.values()) {
      stream.end();
      if (stream.lost !== undefined) lost.push(stream.lost);
      stream.lost = undefined;
    }
    return lost;
  }

  #take(hold: boolean): RecordBatch | undefined {
    const merge = this.#merge;
    this.#advanceStreams();
    const records: PageRecord[] = [];
    const lost: LostEvents[] = [];
    const floor = { high: Number.POSITIVE_INFINITY, low: 0 };
    if (hold) this.#lowerFloor(floor);
    this.#forgetComms();
    while (records.length < this.#batchSize) {
      const stream = merge.first();
      if (stream === undefined) break;
      const { walker } = stream;
      if (walker.timeHigh > floor.high || (walker.timeHigh === floor.high && walker.timeLow > floor.low))
        break;
      const { view, start } = walker;
      const type = view.getUint16(start + this.#events.typeOffset, this.#format.littleEndian);
      const event = this.#events.byType.at(type);
      if (event === undefined) {
        this.unknownRecords++;
      } else {
        if (stream.lost !== undefined) {
          if (records.length > 0) break;
          lost.push(stream.lost);
          stream.lost = undefined;
        }
        records.push(this.#recordAt(stream, event, type));
      }
      if (stream.advance()) {
        merge.firstMoved();
      } else {
        merge.firstEnded();
        if (hold) this.#lowerFloor(floor);
      }
    }
    return records.length === 0 && lost.length === 0 ? undefined : { records, lost };
  }

  /** The earliest time up to which every CPU that has no record left is complete. */
  #lowerFloor(floor: { high: number; low: number }): void {
    for (const stream of this.#streams.values()) {
      if (stream.ready) continue;
      if (stream.floorHigh < floor.high || (stream.floorHigh === floor.high && stream.floorLow < floor.low)) {
        floor.high = stream.floorHigh;
        floor.low = stream.floorLow;
      }
    }
  }

  #comm(pid: number): string {
    let comm = this.#comms.get(pid);
    if (comm === undefined) {
      comm = pid === 0 ? '<idle>' : pid < 0 ? '<XXX>' : (this.#commOf(pid) ?? '<...>');
      this.#comms.set(pid, comm);
    }
    return comm;
  }

  #streamOf(cpu: number): CpuStream {
    let stream = this.#streams.get(cpu);
    if (stream === undefined) {
      stream = new CpuStream(cpu, this.#format, error => this.#damaged(error), this.#pieces?.get(cpu));
      this.#guard(stream.walker);
      this.#streams.set(cpu, stream);
      this.#streamList.push(stream);
    }
    return stream;
  }

  /** Records that do not hold what is read of every record are damage. */
  #guard(walker: PageWalker): void {
    walker.smallestPayload = Math.max(
      walker.smallestPayload,
      this.#events.typeOffset + 2,
      this.#events.pidOffset + 4,
    );
  }

  #damaged(error: RecordError): void {
    if (this.#isSkipping) return;
    this.damagedPages++;
    if (this.damages.length < KEPT_ERRORS) this.damages.push(error);
  }
}
