import type { TraceSession } from '../backends/index.js';
import type { RecordBatch, TracedEvent } from '../records/index.js';
import { kernelConstants, runningConstants } from './kernel-constants.js';
import { processFinder } from './process-finder.js';
import { openWriter, type RecordWriter, type WantedFormat } from './record-writer.js';
import type { TraceOutput } from './trace-output.js';

/** Records written so far. */
export interface WrittenRecords {
  readonly records: number;
  readonly perEvent: ReadonlyMap<TracedEvent, number>;
}

/** Prints a session's records until it ends, so many are printed, or nobody reads any more. */
export class RecordPrinter implements WrittenRecords {
  readonly #session: TraceSession;
  readonly #output: TraceOutput;
  readonly #lines: RecordWriter;
  readonly #perEvent = new Map<TracedEvent, number>();
  #records = 0;

  /** Throws a `CommandError` for a format that cannot be written as it is wanted. */
  static async open(
    session: TraceSession,
    wanted: WantedFormat,
    output: TraceOutput,
  ): Promise<RecordPrinter> {
    const { backend, kernel, events, stringAt } = session;
    const lines = await openWriter(wanted, {
      events,
      clock: 'ns',
      // Every backend's times are of this clock.
      clockName: 'mono',
      symbols: kernel.symbols,
      littleEndian: kernel.types?.littleEndian ?? true,
      lazyResched: kernel.config.has('CONFIG_ARCH_HAS_PREEMPT_LAZY'),
      constants: kernel.name === 'live' ? runningConstants(kernel) : kernelConstants(kernel),
      ...(stringAt !== undefined && { stringAt }),
      ...(backend !== 'sim' && { processOf: processFinder(session) }),
    });
    return new RecordPrinter(session, lines, output);
  }

  private constructor(session: TraceSession, lines: RecordWriter, output: TraceOutput) {
    this.#lines = lines;
    this.#session = session;
    this.#output = output;
    for (const event of session.events) this.#perEvent.set(event, 0);
  }

  get records(): number {
    return this.#records;
  }

  get perEvent(): ReadonlyMap<TracedEvent, number> {
    return this.#perEvent;
  }

  /** Prints at most `most` records. */
  async print(most: number): Promise<void> {
    for await (const batch of this.#session) {
      await this.#printBatch(atMost(batch, most - this.#records));
      if (this.#records >= most || this.#output.closed) break;
    }
    this.#lines.end?.();
    await this.#output.write(this.#lines.take().slice());
  }

  async #printBatch(batch: RecordBatch): Promise<void> {
    this.#lines.batch(batch);
    this.#records += batch.records.length;
    for (const { event } of batch.records) this.#perEvent.set(event, (this.#perEvent.get(event) ?? 0) + 1);
    // The bytes are a view into a buffer that the next batch overwrites, and the output may still hold them then.
    await this.#output.write(this.#lines.take().slice());
  }
}

function atMost(batch: RecordBatch, most: number): RecordBatch {
  return batch.records.length <= most ? batch : { ...batch, records: batch.records.slice(0, most) };
}
