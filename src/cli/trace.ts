import { createWriteStream } from 'node:fs';
import { BackendError, type TraceSession } from '../backends/index.js';
import type { ValuesStyle } from '../formats/index.js';
import { ExitCode } from './exit-code.js';
import { Interrupts } from './interrupts.js';
import { Output } from './output.js';
import { note, paintFor } from './paint.js';
import type { RecordFormat } from './record-formats.js';
import { checkFormat, type WantedFormat } from './record-writer.js';
import { type BackendName, chooseBackend } from './trace-backend.js';
import { RecordPrinter } from './trace-records.js';
import { traceErrorJson, traceErrorText } from './trace-refusal.js';
import { summaryJson, summaryText } from './trace-summary.js';
import { traceTargets } from './trace-target.js';

export interface TraceCommandOptions {
  readonly backend: BackendName;
  readonly format: RecordFormat;
  readonly values?: ValuesStyle;
  readonly json?: boolean;
  /** `EVENT.ARG`, each. */
  readonly counter: readonly string[];
  readonly count?: number;
  /** Milliseconds. */
  readonly duration?: number;
  readonly output?: string;
  /** Kilobytes per CPU. */
  readonly bufferSize?: number;
  readonly kernel?: string;
}

/** `btfprobe trace`: attaches, prints records until something ends it, takes everything down, tells what it saw. */
export async function trace(given: readonly string[], options: TraceCommandOptions): Promise<ExitCode> {
  const targets = traceTargets(given);
  const format = options.json ? 'json' : options.format;
  const wanted = { format, values: options.values, counter: options.counter };
  checkFormat(wanted, options.output);
  const chosen = await chooseBackend(options.backend, options.kernel, targets);
  using kernel = chosen.kernel;
  // What is attached goes on exit as well, without waiting for a reader that does not read.
  using interrupts = new Interrupts(() => process.exit(ExitCode.interrupted));
  let session: TraceSession;
  try {
    session = await chosen.backend.open(kernel, targets, {
      signal: interrupts.signal,
      ...(options.bufferSize !== undefined && { bufferSizeKb: options.bufferSize }),
    });
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return refused(error, format);
  }
  return await follow(session, interrupts, wanted, options);
}

async function follow(
  session: TraceSession,
  interrupts: Interrupts,
  wanted: WantedFormat,
  { output: file, count, duration }: TraceCommandOptions,
): Promise<ExitCode> {
  await using attached = session;
  if (process.stderr.isTTY) note('tracing; Ctrl-C ends it');
  const output = new Output(file === undefined ? process.stdout : createWriteStream(file), () =>
    interrupts.end(),
  );
  const printer = await RecordPrinter.open(attached, wanted, output);
  const timer = duration === undefined ? undefined : setTimeout(() => interrupts.end(), duration);
  try {
    await printer.print(count ?? Number.POSITIVE_INFINITY);
  } finally {
    clearTimeout(timer);
  }
  // Losses are final once recording has stopped.
  await session.stop();
  await output.finish();
  const summary = session.summary();
  const isJson = wanted.format === 'json';
  process.stderr.write(isJson ? summaryJson(printer, summary) : summaryText(printer, summary));
  return ExitCode.ok;
}

/** Says why a trace could not begin, and which exit code that is. */
export function refused(error: BackendError, format: RecordFormat): ExitCode {
  process.stderr.write(
    format === 'json' ? traceErrorJson(error) : traceErrorText(error, paintFor(process.stderr)),
  );
  switch (error.code) {
    case 'definition':
    case 'event':
    case 'attach':
      return ExitCode.refused;
    case 'aborted':
      return ExitCode.interrupted;
    case 'unsupported':
    case 'system':
      return ExitCode.misuse;
    default:
      return error.code satisfies never;
  }
}
