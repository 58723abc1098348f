import type { TraceSession } from '../backends/index.js';
import type { ValuesStyle } from '../formats/index.js';
import { ExitCode } from './exit-code.js';
import { outputFile } from './file-output.js';
import type { Interrupts } from './interrupts.js';
import { type SessionOptions, withSession } from './open-session.js';
import { note } from './paint.js';
import { type RecordFormat, recordFormats } from './record-formats.js';
import { checkFormat, type WantedFormat } from './record-writer.js';
import { isTerminal, say } from './standard-streams.js';
import { openTraceOutput } from './trace-output.js';
import { RecordPrinter } from './trace-records.js';
import { summaryJson, summaryText } from './trace-summary.js';

export interface TraceCommandOptions extends SessionOptions {
  readonly format: RecordFormat;
  readonly values?: ValuesStyle;
  readonly json?: boolean;
  /** `EVENT.ARG`, each. */
  readonly counter: readonly string[];
  readonly count?: number;
  /** Milliseconds. */
  readonly duration?: number;
  readonly output?: string;
}

/** `btfprobe trace`: attaches, prints records until something ends it, takes everything down, tells what it saw. */
export async function trace(given: readonly string[], options: TraceCommandOptions): Promise<ExitCode> {
  const format = options.json ? 'json' : options.format;
  const wanted = { format, values: options.values, counter: options.counter };
  await checkFormat(wanted, outputFile(options.output));
  const { timeline: processes } = recordFormats[format];
  return await withSession(
    given,
    { ...options, processes },
    format === 'json' ? 'json' : 'text',
    (session, interrupts) => follow(session, interrupts, wanted, options),
  );
}

async function follow(
  session: TraceSession,
  interrupts: Interrupts,
  wanted: WantedFormat,
  { output: named, count, duration }: TraceCommandOptions,
): Promise<ExitCode> {
  if (isTerminal(2)) note('tracing; Ctrl-C ends it');
  const output = openTraceOutput(outputFile(named), () => interrupts.end());
  const printer = await RecordPrinter.open(session, wanted, output);
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
  say(isJson ? summaryJson(printer, summary) : summaryText(printer, summary));
  return ExitCode.ok;
}
