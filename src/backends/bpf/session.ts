import { monotonicOffset } from '../../host/index.js';
import { type Descriptor, recursionMisses } from '../../host/sys/index.js';
import type { Kernel } from '../../kernel/index.js';
import type { LostEvents, PageRecord, RecordBatch, TracedEvent } from '../../records/index.js';
import { stopOnAbort } from '../abort.js';
import { Pauses } from '../pauses.js';
import { RecordCounts } from '../record-counts.js';
import type { CpuLosses, TraceSession, TraceSummary } from '../session.js';
import { nextTurn } from '../turn.js';
import type { BpfAttachment } from './attachment.js';
import type { RecordFinisher } from './finisher.js';
import { type OwnMemory, readLosses } from './losses.js';
import type { RingBuffer } from './ring.js';
import { wireHead } from './wire-layout.js';

/** A program of the session, by its index. */
export interface RunningProgram {
  readonly program: Descriptor;
  readonly event: TracedEvent;
  /** Where its losses are in its own memory. */
  readonly lossesAt: number;
  readonly finisher: RecordFinisher;
}

/** What a session is made of once everything is attached. */
export interface BpfSessionParts {
  readonly kernel: Kernel;
  readonly events: readonly TracedEvent[];
  readonly attachment: BpfAttachment;
  readonly ring: RingBuffer;
  readonly own: OwnMemory;
  readonly programs: readonly RunningProgram[];
  /** A record's time may be this much older than its place in the ring buffer. Nanoseconds. */
  readonly delay: bigint;
  /** Milliseconds. */
  readonly pollInterval: number;
  readonly signal: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 1;
/** How long a program that still writes its record after the end is waited for. */
const LAST_WRITER_NS = 200_000_000n;

/** Records of one run, taken from its ring buffer by a timer, in time order. */
export class BpfSession implements TraceSession {
  readonly backend = 'bpf';
  readonly kernel: Kernel;
  readonly events: readonly TracedEvent[];

  readonly #parts: BpfSessionParts;
  readonly #counts: RecordCounts;
  readonly #pauses: Pauses;
  readonly #clockOffset = monotonicOffset();
  readonly #forgetSignal: () => void;
  /** Taken and not yet handed out: something older may follow. In time order. */
  #waiting: PageRecord[] = [];
  #damaged = 0;
  #summary: TraceSummary | undefined;
  #stopping = false;
  #disposed = false;

  constructor(parts: BpfSessionParts) {
    this.#parts = parts;
    this.kernel = parts.kernel;
    this.events = parts.events;
    this.#counts = new RecordCounts(parts.events);
    this.#pauses = new Pauses(FIRST_PAUSE_MS, parts.pollInterval);
    this.#forgetSignal = stopOnAbort(parts.signal, () => this.#stopNow());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch, void, undefined> {
    while (!this.#stopping && !this.#disposed) {
      const quiet = !this.#take();
      const batch = this.#settled(this.#parts.ring.completeTo - this.#parts.delay);
      if (batch !== undefined) yield batch;
      await (quiet && !this.#stopping ? this.#pauses.wait() : nextTurn());
    }
    if (this.#disposed) return;
    const deadline = process.hrtime.bigint() + LAST_WRITER_NS;
    while (this.#take() || (!this.#parts.ring.isEmpty && process.hrtime.bigint() < deadline)) {
      await nextTurn();
      if (this.#disposed) return;
    }
    const lost = this.#finalLosses();
    const rest = this.#settled(undefined);
    this.#end();
    if (rest !== undefined) yield rest;
    if (lost.length > 0) yield { records: [], lost };
  }

  async stop(): Promise<void> {
    this.#stopNow();
  }

  summary(): TraceSummary {
    return this.#summary ?? this.#summarize();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopNow();
    this.#end();
  }

  #stopNow(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#parts.attachment.detach();
    this.#pauses.cutShort();
  }

  /** Gives everything back. What was counted is read before. */
  #end(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#forgetSignal();
    // Given back last to first, also when what was counted cannot be read.
    using _attachment = this.#parts.attachment;
    using _ring = this.#parts.ring;
    this.#summary = this.#summarize();
  }

  /** Takes what is there; false when there was nothing. */
  #take(): boolean {
    const { ring, programs } = this.#parts;
    const now = process.hrtime.bigint() - this.#clockOffset;
    const { bytes, bounds } = ring.take(now);
    const view = new DataView(bytes.buffer);
    let sorted = true;
    const waiting = this.#waiting;
    let last = waiting.at(-1);
    for (let at = 0; at < bounds.length; at += 2) {
      const [start, end] = [bounds[at]!, bounds[at + 1]!];
      const running =
        end - start < wireHead.end ? undefined : programs[view.getUint32(start + wireHead.index, true)];
      const record = running?.finisher.finish(bytes, view, start, end);
      if (record === undefined) {
        this.#damaged++;
        continue;
      }
      if (last !== undefined && isBefore(record, last)) sorted = false;
      waiting.push(record);
      last = record;
    }
    if (!sorted) waiting.sort(compareTimes);
    return bounds.length > 0;
  }

  /** The waiting records before a time, or all. */
  #settled(before: bigint | undefined): RecordBatch | undefined {
    const waiting = this.#waiting;
    let count = waiting.length;
    if (before !== undefined) while (count > 0 && waiting[count - 1]!.time >= before) count--;
    if (count === 0) return undefined;
    const records = count === waiting.length ? waiting : waiting.slice(0, count);
    this.#waiting = waiting.slice(count);
    this.#counts.add(records);
    return { records, lost: [] };
  }

  #finalLosses(): readonly LostEvents[] {
    return this.#summarize()
      .perCpu.filter(({ dropped }) => dropped > 0)
      .map(({ cpu, dropped }) => ({ cpu, count: dropped }));
  }

  #summarize(): TraceSummary {
    const { programs, own } = this.#parts;
    const { cpus } = own;
    const dropped = Array<number>(cpus).fill(0);
    const lostPerEvent = new Map<TracedEvent, number>(this.events.map(event => [event, 0]));
    let missed = 0;
    programs.forEach(({ program, event, lossesAt }, index) => {
      const { full, tooLong } = readLosses(own, index, lossesAt);
      let lost = Number(recursionMisses(program));
      missed += lost;
      for (let cpu = 0; cpu < cpus; cpu++) {
        const here = full[cpu]! + tooLong[cpu]!;
        dropped[cpu]! += here;
        lost += here;
      }
      lostPerEvent.set(event, lostPerEvent.get(event)! + lost);
    });
    const perCpu: CpuLosses[] = dropped.map((count, cpu) => ({
      cpu,
      overrun: 0,
      commitOverrun: 0,
      dropped: count,
    }));
    return {
      ...this.#counts.summary(),
      lost: dropped.reduce((sum, count) => sum + count, missed),
      perCpu,
      damagedPages: this.#damaged,
      lostPerEvent,
    };
  }
}

function isBefore(a: PageRecord, b: PageRecord): boolean {
  return a.timeHigh < b.timeHigh || (a.timeHigh === b.timeHigh && a.timeLow < b.timeLow);
}

function compareTimes(a: PageRecord, b: PageRecord): number {
  return a.timeHigh - b.timeHigh || a.timeLow - b.timeLow;
}
