import { type CpuStats, monotonicOffset } from '../../host/index.js';
import type { Kernel } from '../../kernel/index.js';
import type { PageFormat, RecordBatch, TracedEvent } from '../../records/index.js';
import { RecordReader } from '../../records/index.js';
import { stopOnAbort } from '../abort.js';
import { Pauses } from '../pauses.js';
import { RecordCounts } from '../record-counts.js';
import type { CpuLosses, TraceSession, TraceSummary } from '../session.js';
import { nextTurn } from '../turn.js';
import type { Attachment, CpuPipe } from './attachment.js';
import type { CommandNames } from './command-names.js';
import type { Made } from './definer.js';
import { unprotect } from './emergency.js';
import type { ThreadProcesses } from './thread-processes.js';

/** What a session is made of once everything is attached and recording. */
export interface SessionParts {
  /** Name of the backend. */
  readonly backend: string;
  readonly kernel: Kernel;
  readonly attachment: Attachment;
  readonly events: readonly Made[];
  readonly stringAt: (address: bigint) => string | undefined;
  readonly pageFormat: PageFormat;
  readonly names: CommandNames;
  readonly processes: ThreadProcesses | undefined;
  /** Milliseconds. */
  readonly pollInterval: number;
  readonly signal: AbortSignal | undefined;
}

/** Sub-buffers read from one CPU before the others get their turn. */
const PAGES_PER_TURN = 64;
/** A look that found fewer sub-buffers of a CPU may be followed by a pause. */
const BUSY_PAGES = 4;
/** Sub-buffers of the arrays read into: one array serves many reads of few bytes. */
const PAGES_PER_CHUNK = 16;
const FIRST_PAUSE_MS = 5;
/** A record becomes readable a little after its time: a CPU counts as complete only up to this long ago. */
const COMMIT_DELAY_NS = 10_000_000n;
/** After this pause a record that was there is complete. */
const COMMIT_PAUSE_MS = 11;

/** Records of one run, read from every CPU of its instance by a timer (spec 11 R11-26). */
export class TracefsSession implements TraceSession {
  readonly backend: string;
  readonly kernel: Kernel;
  readonly events: readonly TracedEvent[];
  readonly stringAt: (address: bigint) => string | undefined;
  readonly processOf: (tid: number) => number | undefined;

  readonly #made: readonly Made[];
  readonly #attachment: Attachment;
  readonly #reader: RecordReader;
  readonly #names: CommandNames;
  readonly #chunks = new Map<number, { bytes: Uint8Array; used: number }>();
  readonly #pageSize: number;
  readonly #littleEndian: boolean;
  readonly #counts: RecordCounts;
  readonly #pauses: Pauses;
  #stopping = false;
  readonly #forgetSignal: () => void;
  /** From our clock to that of the records. */
  readonly #clockOffset = monotonicOffset();

  constructor(parts: SessionParts) {
    this.backend = parts.backend;
    this.kernel = parts.kernel;
    this.#made = parts.events;
    this.events = parts.events.map(({ event }) => event);
    this.stringAt = parts.stringAt;
    this.processOf = tid => parts.processes?.of(tid);
    this.#attachment = parts.attachment;
    this.#names = parts.names;
    this.#pauses = new Pauses(FIRST_PAUSE_MS, parts.pollInterval);
    this.#pageSize = parts.pageFormat.size;
    this.#littleEndian = parts.pageFormat.littleEndian;
    this.#counts = new RecordCounts(this.events);
    this.#reader = new RecordReader({
      format: parts.pageFormat,
      cpus: parts.attachment.pipes.map(({ cpu }) => cpu),
      events: this.events,
      commOf: pid => this.#names.find(pid),
    });
    this.#forgetSignal = stopOnAbort(parts.signal, () => this.#stopNow());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch, void, undefined> {
    while (this.#attachment.exists) {
      // What was recorded before a stop is all there when the stop is seen before looking.
      const last = this.#stopping;
      const quiet = this.#lookOrTakeDown(last);
      yield* this.#take(() => this.#reader.settled());
      if (last && quiet) break;
      await (quiet && !this.#stopping ? this.#pause() : nextTurn());
    }
    this.#takeDown();
    yield* this.#take(() => this.#reader.rest());
  }

  /** Once the first record is there, no longer than until it can be given out. */
  #pause(): Promise<void> {
    const isThere = this.#reader.starved().length < this.#attachment.pipes.length;
    return this.#pauses.wait(isThere && this.#counts.isEmpty ? COMMIT_PAUSE_MS : undefined);
  }

  async stop(): Promise<void> {
    this.#stopNow();
  }

  summary(): TraceSummary {
    const perCpu = [...this.#attachment.stats()].map(([cpu, stats]) => lossesOf(cpu, stats));
    const lostPerEvent = this.#missed();
    const lost =
      perCpu.reduce((sum, one) => sum + one.overrun + one.commitOverrun + one.dropped, 0) +
      [...lostPerEvent.values()].reduce((sum, missed) => sum + missed, 0);
    const { damagedPages } = this.#reader;
    return { ...this.#counts.summary(), lost, perCpu, damagedPages, lostPerEvent };
  }

  /** Hits that never reached a buffer; whose records a buffer lost it does not tell. */
  #missed(): Map<TracedEvent, number> {
    const missed = this.#attachment.missed();
    const counts = this.#made.map(({ kernelEvent: { group, name }, event }) => {
      return [event, missed.get(`${group}/${name}`) ?? 0] as const;
    });
    return new Map(counts.filter(([, count]) => count > 0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    this.#pauses.cutShort();
    const failures = this.#takeDown();
    if (failures.length > 0) throw new AggregateError(failures, failures[0]!.message);
  }

  #stopNow(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    try {
      this.#attachment.stopRecording();
    } catch {
      // Taking down tries it again, and `dispose` tells what could not be undone.
    }
    this.#pauses.cutShort();
  }

  #takeDown(): Error[] {
    this.#forgetSignal();
    const failures = this.#attachment.takeDown();
    // What could not be removed now is tried once more when the process exits.
    if (!this.#attachment.exists) unprotect(this.#attachment);
    return failures;
  }

  /** As `#look`; when a buffer cannot be read, nothing is left attached. */
  #lookOrTakeDown(last: boolean): boolean {
    try {
      return this.#look(last);
    } catch (error) {
      this.#takeDown();
      throw error;
    }
  }

  /**
   * Reads what is there now: what was recorded before the look, or, the last time, until every CPU is found empty. True
   * when nothing more needs to be read soon, or at all.
   */
  #look(last: boolean): boolean {
    this.#names.startBatch();
    let quiet = true;
    for (const pipe of this.#attachment.pipes) {
      const now = process.hrtime.bigint() - this.#clockOffset;
      const pages = this.#readCpu(pipe, last ? undefined : now);
      if (pages < PAGES_PER_TURN) this.#reader.markEmpty(pipe.cpu, now - COMMIT_DELAY_NS);
      if (pages >= (last ? PAGES_PER_TURN : BUSY_PAGES)) quiet = false;
    }
    return quiet;
  }

  /**
   * Reads one CPU for a turn, until it is empty or a sub-buffer begins after `until`: reading may itself be traced, and
   * then never finds the buffer empty. Answers how many sub-buffers, `PAGES_PER_TURN` when more may be left.
   */
  #readCpu({ cpu, pipe }: CpuPipe, until: bigint | undefined): number {
    for (let pages = 0; pages < PAGES_PER_TURN; pages++) {
      let chunk = this.#chunks.get(cpu);
      if (chunk === undefined || chunk.bytes.length - chunk.used < this.#pageSize) {
        chunk = { bytes: new Uint8Array(this.#pageSize * PAGES_PER_CHUNK), used: 0 };
        this.#chunks.set(cpu, chunk);
      }
      const room = chunk.bytes.subarray(chunk.used);
      const count = pipe.read(room);
      if (count === 0) return pages;
      chunk.used += count;
      this.#reader.feed(cpu, room.subarray(0, count));
      if (until !== undefined && pages + 1 < PAGES_PER_TURN && this.#beginOf(room) > until) return pages + 1;
    }
    return PAGES_PER_TURN;
  }

  /** The time of a sub-buffer's first event (spec 11 section 2). */
  #beginOf(page: Uint8Array): bigint {
    return new DataView(page.buffer, page.byteOffset).getBigUint64(0, this.#littleEndian);
  }

  *#take(next: () => RecordBatch | undefined): Generator<RecordBatch, void, undefined> {
    for (let batch = next(); batch !== undefined; batch = next()) {
      this.#counts.add(batch.records);
      yield batch;
    }
  }
}

function lossesOf(cpu: number, { overrun, commitOverrun, dropped }: CpuStats): CpuLosses {
  return { cpu, overrun, commitOverrun, dropped };
}
