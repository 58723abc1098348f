import { decodeByteString, type LostEvents, type RecordBatch, type TraceRecord } from '../records/index.js';
import type {
  Call,
  CallEnd,
  Moment,
  TimelineArgument,
  TimelineCounter,
  TimelineSink,
  TimelineValue,
} from './timeline/sink.js';
import type { TimelineThread } from './timeline/thread.js';
import { Timeline, type TimelineOptions } from './timeline/timeline.js';

/** No thread has this number: `pid_max` cannot be larger. It stands for what belongs to no thread. */
const NO_PROCESS = 1 << 22;
/** A trace that starts later is shown from 0 on: beyond 2^53 ns a reader's numbers lose digits. */
const LATEST_START = 1n << 52n;
const encoder = new TextEncoder();

/**
 * Writes a timeline as JSON in the form of Chrome's trace events, which ui.perfetto.dev and chrome://tracing open: calls
 * are complete slices, all else are instants; docs/exports.md. Times are microseconds with three decimals.
 */
export class ChromeTrace {
  readonly #timeline: Timeline;
  readonly #drawing: ChromeDrawing;

  constructor(options: TimelineOptions) {
    this.#drawing = new ChromeDrawing(options.clockName);
    this.#timeline = new Timeline(options, this.#drawing);
  }

  /** The bytes written so far, UTF-8; they are the caller's. */
  take(): Uint8Array {
    return this.#drawing.take();
  }

  /** Draws the records of a batch. */
  batch(batch: RecordBatch): void {
    this.#timeline.batch(batch);
  }

  /** Tells that a CPU lost events before its next record. */
  lost(lost: LostEvents): void {
    this.#timeline.lost(lost);
  }

  /** Draws a record. */
  record(record: TraceRecord): void {
    this.#timeline.record(record);
  }

  /** Draws what is still open and closes the document. */
  end(): void {
    this.#timeline.finish();
    this.#drawing.close();
  }
}

class ChromeDrawing implements TimelineSink {
  readonly #clockName: string | undefined;
  readonly #processes = new Map<number, string>();
  readonly #losing = new Set<number>();
  #text = '';
  #isFirst = true;
  /** What is taken off all times. */
  #base = 0n;

  constructor(clockName: string | undefined) {
    this.#clockName = clockName;
  }

  take(): Uint8Array {
    const bytes = encoder.encode(this.#text);
    this.#text = '';
    return bytes;
  }

  start(time: bigint): void {
    if (time > LATEST_START) this.#base = time;
    const other = { writer: 'btfprobe', clock: this.#clockName ?? 'unknown', startNs: `${this.#base}` };
    this.#text += `{"displayTimeUnit":"ns","otherData":${JSON.stringify(other)},"traceEvents":[\n`;
  }

  close(): void {
    this.#text += '\n]}\n';
  }

  thread(thread: TimelineThread): void {
    const { pid, name, idleCpu } = thread;
    const tid = tidOf(thread);
    if (idleCpu !== undefined) this.#nameProcess(0, 'swapper');
    else if (pid === tid) this.#nameProcess(pid, name);
    if (name !== '') this.#write({ name: 'thread_name', ph: 'M', pid, tid, args: { name } });
  }

  begin(): void {
    // A slice is written with its end.
  }

  end({ event, name, thread, time, args }: Call, end: CallEnd): void {
    this.#write({
      name,
      cat: decodeByteString(event.group).text,
      ph: 'X',
      ts: micros(time - this.#base),
      dur: micros(end.time - time),
      pid: thread.pid,
      tid: tidOf(thread),
      args: argsOf([...args, ...end.args]),
    });
  }

  instant({ event, thread, time, args }: Moment): void {
    this.#write({
      name: decodeByteString(event.name).text,
      cat: decodeByteString(event.group).text,
      ph: 'i',
      s: 't',
      ts: micros(time - this.#base),
      pid: thread.pid,
      tid: tidOf(thread),
      args: argsOf(args),
    });
  }

  counter({ name }: TimelineCounter, time: bigint, value: number | bigint): void {
    this.#nameProcess(NO_PROCESS, 'btfprobe');
    const ts = micros(time - this.#base);
    this.#write({ name, ph: 'C', ts, pid: NO_PROCESS, args: { value: Number(value) } });
  }

  lost(cpu: number, count: number | undefined, time: bigint): void {
    const place = { pid: NO_PROCESS, tid: NO_PROCESS + cpu };
    if (!this.#losing.has(cpu)) {
      this.#losing.add(cpu);
      this.#nameProcess(NO_PROCESS, 'btfprobe');
      this.#write({ name: 'thread_name', ph: 'M', ...place, args: { name: `lost events, CPU ${cpu}` } });
    }
    const ts = micros(time - this.#base);
    this.#write({ name: 'lost events', ph: 'i', s: 't', ts, ...place, args: { count: count ?? null } });
  }

  #nameProcess(pid: number, name: string): void {
    if (name === '' || this.#processes.get(pid) === name) return;
    this.#processes.set(pid, name);
    this.#write({ name: 'process_name', ph: 'M', pid, args: { name } });
  }

  #write(event: object): void {
    this.#text += `${this.#isFirst ? '' : ',\n'}${JSON.stringify(event)}`;
    this.#isFirst = false;
  }
}

/** An idle CPU is shown as a thread of process 0 with the CPU's number. */
function tidOf({ tid, idleCpu }: TimelineThread): number {
  return idleCpu ?? tid;
}

/** Nanoseconds in microseconds. */
function micros(ns: bigint): number {
  return Number(ns) / 1000;
}

function argsOf(args: readonly TimelineArgument[]): object {
  return Object.fromEntries(args.map(({ name, value }) => [name, jsonOf(value)]));
}

function jsonOf(value: TimelineValue): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : `${value}`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if ('pointer' in value) return value.symbol ?? `0x${value.pointer.toString(16)}`;
  return value.map(jsonOf);
}
