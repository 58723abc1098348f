import { statSync } from 'node:fs';
import type { TraceSession } from '../backends/index.js';
import { TraceDatWriter } from '../formats/index.js';
import { FileSink, HostError } from '../host/index.js';
import type { RecordBatch, TracedEvent } from '../records/index.js';
import { CommandError } from './error.js';
import { ExitCode } from './exit-code.js';
import type { Interrupts } from './interrupts.js';
import { type SessionOptions, withSession } from './open-session.js';
import { note } from './paint.js';
import { processFinder } from './process-finder.js';
import { isTerminal, say } from './standard-streams.js';
import { summaryJson, summaryText } from './trace-summary.js';

export interface RecordCommandOptions extends SessionOptions {
  readonly output: string;
  readonly json?: boolean;
  readonly count?: number;
  /** Milliseconds. */
  readonly duration?: number;
}

/** What is in memory goes to the file this often: as much is lost when the process is killed. */
const FLUSH_MS = 500;

/** `btfprobe record`: attaches, writes records into a trace.dat until something ends it, takes everything down. */
export async function record(given: readonly string[], options: RecordCommandOptions): Promise<ExitCode> {
  refusePipe(options.output);
  return await withSession(
    given,
    { ...options, processes: true },
    options.json ? 'json' : 'text',
    (session, interrupts) => write(session, interrupts, options),
  );
}

/** Opening a pipe would wait for its reader, with no ear for signals. Throws a `CommandError`. */
function refusePipe(output: string): void {
  if (output !== '-' && statSync(output, { throwIfNoEntry: false })?.isFIFO() !== true) return;
  const name = output === '-' ? 'standard output' : output;
  throw new CommandError('usage', `a trace.dat is written back and forth: ${name} cannot be one`, [
    'trace writes records in one go: btfprobe trace --json',
  ]);
}

async function write(
  session: TraceSession,
  interrupts: Interrupts,
  { output, count = Number.POSITIVE_INFINITY, duration, json }: RecordCommandOptions,
): Promise<ExitCode> {
  using file = new FileSink(output);
  const { kernel, events } = session;
  const writer = new TraceDatWriter(file, {
    events,
    cpus: Array.from({ length: kernel.possibleCpus }, (_, cpu) => cpu),
    release: kernel.release,
    machine: kernel.arch,
    clock: 'mono',
    symbols: kernel.symbols,
    ...(session.backend !== 'sim' && { processOf: processFinder(session) }),
  });
  if (isTerminal(2)) note(`recording into ${output}; Ctrl-C ends it`);
  const counts = new Counts(events);
  const timer = duration === undefined ? undefined : setTimeout(() => interrupts.end(), duration);
  try {
    let flushed = performance.now();
    for await (const batch of session) {
      writer.batch(counts.take(batch, count));
      if (performance.now() - flushed > FLUSH_MS) {
        writer.flush();
        flushed = performance.now();
      }
      if (counts.records >= count) break;
    }
    writer.finish();
  } catch (error) {
    if (error instanceof HostError && error.file === output) {
      note(`${counts.records} records were taken; those written to ${output} before can be read`);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
  if (writer.tooLong > 0)
    note(`${writer.tooLong} records are longer than a page of the file: it tells them as lost`);
  await session.stop();
  const summary = session.summary();
  say(json ? summaryJson(counts, summary) : summaryText(counts, summary));
  return ExitCode.ok;
}

/** Records taken so far. */
class Counts {
  records = 0;
  readonly perEvent = new Map<TracedEvent, number>();

  constructor(events: readonly TracedEvent[]) {
    for (const event of events) this.perEvent.set(event, 0);
  }

  /** Counts a batch, cut where there would be more than `most`. */
  take(batch: RecordBatch, most: number): RecordBatch {
    const records = batch.records.slice(0, Math.max(0, most - this.records));
    this.records += records.length;
    for (const { event } of records) this.perEvent.set(event, (this.perEvent.get(event) ?? 0) + 1);
    return { records, lost: batch.lost };
  }
}
