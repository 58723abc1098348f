import type { ByteText, FixedText } from '../byte-text.js';
import type { CpuStream } from '../cpu-stream.js';
import type { EventTable } from '../event-table.js';
import type { BodyCall } from '../generated-text.js';
import type { TimeMerge } from '../merge.js';
import { PageRecord } from '../page-record.js';
import type { RecordSink, TracedEvent } from '../record.js';
import { EngineMemory } from './engine-memory.js';
import { EventBodies, type EventLine } from './event-bodies.js';
import { frequentEvents } from './first-events.js';
import { type WasmHost, type WasmImports, webAssembly } from './host.js';
import { KeptTexts } from './kept-texts.js';
import { bodyEntry, layout, NOT_WRITTEN, OUT_SIZE, OVERSHOOT, state } from './layout.js';
import { lineLoopModule, Resume, SENDERS, Stop } from './line-loop.js';
import { StreamEntries, streamsSize } from './stream-entries.js';
import { putTables } from './tables.js';

/** Who knows how lines are written. */
export interface LineTexts {
  /** Where the lines go. */
  readonly out: ByteText;
  lineOf(event: TracedEvent): EventLine;
  /** The text of who made a record; `undefined` where its line must be written otherwise. */
  sender(pid: number, cpu: number, comm: string): FixedText | undefined;
  /** The flags column by `common_flags << 8 | common_preempt_count`. */
  flags(key: number): FixedText;
  /** How times are written in seconds, for lines that have them. */
  readonly seconds?: SecondTexts;
}

export interface SecondTexts {
  /** Writes a time at the end of `out`. */
  putTime(high: number, low: number): void;
  /** The second that the last time was in: its beginning, how many nanoseconds have its text, and that. */
  last(): { readonly start: bigint; readonly limit: bigint; readonly text: FixedText };
}

/** A reading of recorded sub-buffers, whose records are to be written. */
export interface LineReading {
  readonly streams: readonly CpuStream[];
  /** Streams that stand on a record. */
  readonly merge: TimeMerge<CpuStream>;
  readonly events: EventTable;
  readonly until: bigint | undefined;
  /** The name of a pid; it does not change. Readings of one recording have the same function. */
  readonly commOf: (pid: number) => string | undefined;
  comm(pid: number): string;
  /** The record that a stream stands on. */
  record(stream: CpuStream): PageRecord;
  /** Is told of records that are not wanted. */
  unknown(count: number): void;
}

type Run = (resume: number) => number;

/** What `print` answers when `out` is full. */
const FULL = -1;
/** The largest CPU number that has a kind of texts. */
const MOST_CPU = 1 << 20;

/**
 * Writes the lines of recorded sub-buffers with generated WebAssembly: it walks them, merges the CPUs and prints the
 * records, all in one memory. What it has no code for, what is damaged and what was lost it leaves to the reader and the
 * writer, record by record.
 */
export class LineEngine {
  readonly #host: WasmHost;
  readonly #texts: LineTexts;
  #parts: EngineParts | undefined;
  #isImpossible = false;
  #isFull = false;

  private constructor(host: WasmHost, texts: LineTexts) {
    this.#host = host;
    this.#texts = texts;
  }

  /** `undefined` where there is no WebAssembly. */
  static of(texts: LineTexts): LineEngine | undefined {
    return webAssembly === undefined ? undefined : new LineEngine(webAssembly, texts);
  }

  /**
   * Writes the next lines, at most so many. Answers how many of them are left for the reader to go on with, or a number below 0
   * when `out` is full.
   */
  print(reading: LineReading, sink: RecordSink, most: number): number {
    const parts = this.#partsFor(reading);
    const left = parts === undefined ? most : parts.print(reading, sink, most);
    this.#isFull = left === FULL;
    return left;
  }

  /** Whether the next line may not have fitted in `out` when lines were last written. */
  get isFull(): boolean {
    return this.#isFull;
  }

  #partsFor(reading: LineReading): EngineParts | undefined {
    if (this.#parts?.isFor(reading)) return this.#parts;
    const { streams } = reading;
    const [first] = streams;
    if (this.#isImpossible || first === undefined) return undefined;
    if (streams.some(({ cpu }) => cpu < 0 || cpu >= MOST_CPU)) return undefined;
    const { format } = first.walker;
    const size = streamsSize(streams.length, format.size);
    if (size === undefined || !format.littleEndian) return undefined;
    if (this.#parts === undefined || this.#parts.size < size) {
      try {
        this.#parts = new EngineParts(this.#host, this.#texts, size);
      } catch (error) {
        // A page's policy may forbid to compile, and memory may be short.
        if (!isRefusal(error)) throw error;
        this.#isImpossible = true;
      }
    }
    return this.#parts;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === 'CompileError');
}

/** An engine with its memory. */
class EngineParts {
  /** Bytes for streams. */
  readonly size: number;
  readonly #lines: LineTexts;
  readonly #memory: EngineMemory;
  readonly #texts: KeptTexts;
  readonly #bodies: EventBodies;
  readonly #calls: BodyCall[] = [];
  readonly #run: Run;
  /** Lines as JavaScript writes them. */
  readonly #outBytes: Uint8Array;
  readonly #outView: DataView;
  #reading: LineReading | undefined;
  #entries: StreamEntries | undefined;

  constructor(host: WasmHost, lines: LineTexts, size: number) {
    this.size = size;
    this.#lines = lines;
    this.#memory = new EngineMemory(host, size);
    const { memory, table, bytes } = this.#memory;
    putTables(bytes);
    this.#outBytes = bytes.subarray(layout.out, layout.out + OUT_SIZE - OVERSHOOT);
    this.#outView = new DataView(memory.buffer, layout.out, OUT_SIZE - OVERSHOOT);
    this.#texts = new KeptTexts(
      this.#memory,
      (cpu, pid) => lines.sender(pid, cpu, this.#reading!.comm(pid)),
      () => this.#entries?.forgetSenders(),
    );
    const imports: WasmImports = {
      ...{ memory, table },
      text: (kind: number, value: bigint) => this.#texts.find(kind, value, SENDERS),
      call: (call: number, start: number, end: number, place: number) => this.#call(call, start, end, place),
      flags: (key: number) => this.#flags(key),
      time: (place: number, time: bigint) => this.#time(place, time),
    };
    const hostNumbers = {
      kindOf: this.#texts.kindOf,
      callOf: (call: BodyCall) => this.#calls.push(call) - 1,
    };
    this.#bodies = new EventBodies(host, this.#memory, event => lines.lineOf(event), hostNumbers, imports);
    const loop = new host.Instance(new host.Module(lineLoopModule()), { host: imports });
    this.#run = loop.exports['run'] as Run;
  }

  /** Whether this is the reading that it is at. */
  isFor(reading: LineReading): boolean {
    return reading === this.#reading && this.#entries?.count === reading.streams.length;
  }

  print(reading: LineReading, sink: RecordSink, most: number): number {
    if (!this.#takeOut()) return most;
    const memory = this.#memory;
    const { out } = this.#lines;
    const { merge } = reading;
    const entries = this.#begin(reading);
    entries.load(merge.heap);
    memory.setInt(layout.state + state.heap, merge.heap.length);
    memory.setInt(layout.state + state.left, most);
    let resume: Resume = Resume.same;
    let isFull = false;
    while (this.#hasOut) {
      memory.setInt(layout.state + state.place, layout.out + out.length);
      const stop = this.#run(resume);
      resume = Resume.same;
      out.length = memory.int(layout.state + state.place) - layout.out;
      isFull = stop === Stop.full;
      if (isFull || stop === Stop.done || stop === Stop.empty || stop === Stop.until) break;
      const stream = entries.first();
      resume = this.#handle(stop, stream, reading, sink);
      if (resume !== Resume.ended) entries.put(stream);
    }
    merge.replace(entries.unload(memory.int(layout.state + state.heap), resume === Resume.ended));
    if (resume === Resume.moved) merge.firstMoved();
    if (resume === Resume.ended) merge.firstEnded();
    reading.unknown(memory.int(layout.state + state.unknown));
    memory.setInt(layout.state + state.unknown, 0);
    return isFull ? FULL : memory.int(layout.state + state.left);
  }

  /** Does what the loop stopped for with the stream that it is about. */
  #handle(stop: number, stream: CpuStream, reading: LineReading, sink: RecordSink): Resume {
    if (stop === Stop.lost) {
      sink.lost(stream.lost!);
      stream.lost = undefined;
      return Resume.same;
    }
    if (stop === Stop.record) {
      const record = reading.record(stream);
      sink.record(record);
      const left = layout.state + state.left;
      this.#memory.setInt(left, this.#memory.int(left) - 1);
      this.#bodies.met(record.event);
    }
    return stream.advance() ? Resume.moved : Resume.ended;
  }

  #begin(reading: LineReading): StreamEntries {
    this.#bodies.use(reading.events);
    const entries = this.isFor(reading) ? this.#entries : undefined;
    const before = this.#reading;
    this.#reading = reading;
    const { streams, events, until } = reading;
    const { format, smallestPayload } = streams[0]!.walker;
    const memory = this.#memory;
    // They change where an event is added.
    memory.setInt(layout.state + state.typeOffset, events.typeOffset);
    memory.setInt(layout.state + state.pidOffset, events.pidOffset);
    memory.setInt(layout.state + state.smallestPayload, smallestPayload);
    if (entries !== undefined) return entries;
    if (before?.commOf !== reading.commOf) this.#texts.forget();
    memory.setInt(layout.state + state.pageSize, format.size);
    memory.setInt(layout.state + state.dataOffset, format.dataOffset);
    memory.setInt(layout.state + state.hasUntil, until === undefined ? 0 : 1);
    memory.view.setBigUint64(layout.state + state.until, until ?? 0n, true);
    if (before === undefined) this.#bodies.expect(frequentEvents(reading.merge.heap, events));
    this.#entries = new StreamEntries(memory, streams);
    return this.#entries;
  }

  /** Whether lines go where the engine writes them. */
  get #hasOut(): boolean {
    return this.#lines.out.bytes === this.#outBytes;
  }

  /** Has lines go there; false where too much waits in other memory. */
  #takeOut(): boolean {
    const { out } = this.#lines;
    if (this.#hasOut) return true;
    if (out.length > this.#outBytes.length >> 1) return false;
    this.#outBytes.set(out.bytes.subarray(0, out.length));
    out.bytes = this.#outBytes;
    out.view = this.#outView;
    return true;
  }

  #call(call: number, start: number, end: number, place: number): number {
    const { out } = this.#lines;
    const { view } = this.#memory;
    const { events } = this.#reading!;
    const { length } = out;
    out.length = place - layout.out;
    this.#calls[call]!(out, this.#record(start, end));
    const isHere = this.#hasOut;
    const written = layout.out + out.length;
    if (!isHere) {
      out.bytes = this.#outBytes;
      out.view = this.#outView;
    }
    out.length = length;
    const entry = view.getInt32(layout.types + view.getUint16(start + events.typeOffset, true) * 4, true);
    const room = this.#memory.int(entry + bodyEntry.room);
    const strings = this.#memory.int(entry + bodyEntry.strings);
    const isFull = written + room + strings * (end - start) > layout.out + OUT_SIZE - OVERSHOOT;
    return isHere && !isFull ? written : NOT_WRITTEN;
  }

  #record(start: number, end: number): PageRecord {
    const { bytes, view } = this.#memory;
    const { events, comm } = this.#reading!;
    const stream = this.#entries!.at(0);
    const type = view.getUint16(start + events.typeOffset, true);
    const pid = view.getInt32(start + events.pidOffset, true);
    const { high, low } = this.#entries!.timeOf(0);
    const event = events.byType.at(type)!;
    return new PageRecord(event, stream.cpu, pid, comm(pid), bytes, view, start, end, high, low, type);
  }

  #flags(key: number): void {
    this.#lines.flags(key).putAt(this.#memory.view, layout.flags + key * 8);
  }

  #time(place: number, time: bigint): number {
    const { out, seconds } = this.#lines;
    const { view } = this.#memory;
    const { length } = out;
    out.length = place - layout.out;
    seconds!.putTime(Number(BigInt.asUintN(32, time >> 32n)), Number(BigInt.asUintN(32, time)));
    const written = layout.out + out.length;
    out.length = length;
    const { start, limit, text } = seconds!.last();
    view.setBigUint64(layout.state + state.secondStart, start, true);
    // Behind the largest time come the smallest: they are of another second.
    const before = (1n << 64n) - start;
    view.setBigUint64(layout.state + state.secondLimit, limit < before ? limit : before, true);
    view.setInt32(layout.state + state.secondLength, text.length, true);
    text.putAt(view, layout.state + state.secondText);
    return written;
  }
}
