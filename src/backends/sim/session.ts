import type { Kernel } from '../../kernel/index.js';
import type { FetchState } from '../../language/index.js';
import {
  COMMON_PAGE_FORMAT,
  PageRecord,
  type RecordBatch,
  RecordReader,
  type TracedEvent,
} from '../../records/index.js';
import { stopOnAbort } from '../abort.js';
import { Pauses } from '../pauses.js';
import { RecordCounts } from '../record-counts.js';
import type { TraceSession, TraceSummary } from '../session.js';
import type { Recorder } from './recorder.js';
import type { SimKernel } from './sim-kernel.js';
import type { Workload } from './workload.js';

/** What a session is made of once everything is attached. */
export interface SimSessionParts {
  readonly sim: SimKernel;
  readonly workload: Workload;
  readonly recorder: Recorder;
  readonly events: readonly TracedEvent[];
  /** Virtual and, when paced, real milliseconds between looks at the buffers. */
  readonly pollInterval: number;
  readonly paced: boolean;
  readonly maxSteps: number;
  readonly signal: AbortSignal | undefined;
  /** Undoes all that opening did. */
  readonly detach: () => void;
}

const nanosecondsPerMillisecond = 1_000_000;
/** Between two of these others get their turn, however long the slice is. */
const maxStepsPerSlice = 2_000;

/** A run of the simulated kernel, read slice by slice through the same road as a real kernel's buffers. */
export class SimSession implements TraceSession {
  readonly backend = 'sim';
  readonly events: readonly TracedEvent[];
  /** The kernel that runs, for those who want to change it meanwhile. */
  readonly sim: SimKernel;
  private readonly reader: RecordReader;
  private readonly counts: RecordCounts;
  private readonly pauses: Pauses;
  /** By CPU: what the bytes of records that were fed but not yet given out cannot say. */
  private readonly states: ReadonlyMap<string, FetchState>[][];
  private readonly forgetSignal: () => void;
  private steps = 0;
  private stopping = false;
  private disposed = false;

  constructor(private readonly parts: SimSessionParts) {
    const { sim, events, workload, paced, pollInterval, signal } = parts;
    this.sim = sim;
    this.events = events;
    this.counts = new RecordCounts(events);
    const pause = paced ? pollInterval : 0;
    this.pauses = new Pauses(pause, pause);
    this.states = sim.cpus.map(() => []);
    this.reader = new RecordReader({
      format: COMMON_PAGE_FORMAT,
      cpus: sim.cpus.map(cpu => cpu.index),
      events,
      commOf: pid => workload.commOf(pid),
    });
    this.forgetSignal = stopOnAbort(signal, () => this.stopNow());
  }

  get kernel(): Kernel {
    return this.sim.kernel;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch, void, undefined> {
    while (!this.stopping && !this.disposed) {
      this.runSlice();
      this.readBuffers();
      yield* this.take(() => this.reader.settled());
      if (!this.parts.recorder.isRecording || this.steps >= this.parts.maxSteps) break;
      if (!this.stopping) await this.pauses.wait();
    }
    if (this.disposed) return;
    this.readBuffers();
    yield* this.take(() => this.reader.rest());
  }

  async stop(): Promise<void> {
    this.stopNow();
  }

  summary(): TraceSummary {
    const perCpu = this.parts.recorder.losses();
    const lost = perCpu.reduce((sum, { overrun, dropped }) => sum + overrun + dropped, 0);
    const { damagedPages } = this.reader;
    return { ...this.counts.summary(), lost, perCpu, damagedPages };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    this.stopNow();
    this.forgetSignal();
    this.parts.detach();
  }

  private stopNow(): void {
    this.stopping = true;
    this.parts.recorder.stop();
    this.pauses.cutShort();
  }

  private runSlice(): void {
    const { sim, workload, recorder, pollInterval, maxSteps } = this.parts;
    const end = sim.now + BigInt(Math.round(pollInterval * nanosecondsPerMillisecond));
    for (let step = 0; step < maxStepsPerSlice; step++) {
      if (sim.now >= end || this.steps >= maxSteps || !recorder.isRecording) return;
      workload.step();
      this.steps++;
    }
  }

  private readBuffers(): void {
    const { sim, recorder } = this.parts;
    for (const { index } of sim.cpus) {
      const { pages, states } = recorder.take(index);
      for (const page of pages) this.reader.feed(index, page);
      for (const one of states) this.states[index]!.push(one);
      this.reader.markEmpty(index, sim.now);
    }
  }

  private *take(next: () => RecordBatch | undefined): Iterable<RecordBatch> {
    for (let batch = next(); batch; batch = next()) {
      const taken = this.states.map(() => 0);
      for (const record of batch.records) {
        // The buffers give each CPU's records back in the order in which they went in.
        const states = this.states[record.cpu]![taken[record.cpu]!++];
        if (record instanceof PageRecord) record.states = states;
      }
      for (const [cpu, count] of taken.entries()) this.states[cpu]!.splice(0, count);
      this.counts.add(batch.records);
      yield batch;
      if (this.disposed) return;
    }
  }
}
