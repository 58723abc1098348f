import { createWriteStream } from 'node:fs';
import type { ValuesStyle } from '../formats/index.js';
import { selectRecords } from '../records/index.js';
import { CommandError } from './error.js';
import { ExitCode } from './exit-code.js';
import { Output } from './output.js';
import { note } from './paint.js';
import { isRich, type RecordFormat } from './record-formats.js';
import { checkFormat, openWriter } from './record-writer.js';
import { chooseEvents } from './report-events.js';
import { openRecording } from './report-input.js';
import { ReportCounts } from './report-summary.js';
import { clockTime } from './report-time.js';

export interface ReportOptions {
  readonly format: RecordFormat;
  readonly values?: ValuesStyle;
  readonly json?: boolean;
  /** `EVENT.ARG`, each. */
  readonly counter: readonly string[];
  readonly event: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly count?: number;
  readonly summary?: boolean;
  readonly output?: string;
  /** Name of an instance's buffer. */
  readonly buffer?: string;
  readonly kernel?: string;
  readonly constant?: ReadonlyMap<string, bigint>;
}

/** `btfprobe report`: prints the records of a recording, or how many there are. */
export async function report(path: string, options: ReportOptions): Promise<ExitCode> {
  const format = options.json ? 'json' : options.format;
  const wanted = { format, values: options.values, counter: options.counter };
  if (options.summary !== true) checkFormat(wanted, options.output);
  using input = await openRecording(path, {
    ...options,
    types: isRich(format, options.values),
    ...(options.constant !== undefined && { constants: options.constant }),
  });
  const { recording, constants, text } = input;
  if (text !== undefined) return await printText(text, options);
  const events = chooseEvents(recording.events, options.event);
  const run = recording.read(events);
  const counts = new ReportCounts(events);
  const selection = {
    from: clockTime('--from', options.from, recording.clock),
    to: clockTime('--to', options.to, recording.clock),
    count: options.count,
  };
  const output = new Output(
    options.output === undefined ? process.stdout : createWriteStream(options.output),
  );
  const lines = options.summary ? undefined : await openWriter(wanted, { ...recording, events, constants });
  if (format === 'text' && lines !== undefined) await output.write(input.header);
  for (const batch of selectRecords(run, selection)) {
    counts.add(batch);
    if (lines !== undefined) {
      lines.batch(batch);
      // The bytes are a view into a buffer that the next batch overwrites, and the stream may still hold them then.
      await output.write(lines.take().slice());
    }
    if (output.closed) break;
  }
  if (lines === undefined) {
    await output.write(format === 'json' ? counts.json(run) : counts.text(run));
  } else {
    lines.end?.();
    await output.write(lines.take().slice());
    for (const line of counts.troubles(run, events.length === recording.events.length)) note(line);
  }
  await output.finish();
  return ExitCode.ok;
}

/** A recording that is the kernel's text already can only be handed on. */
async function printText(text: Uint8Array, options: ReportOptions): Promise<ExitCode> {
  const { format, json, event, from, to, count, summary, output: file } = options;
  if (json || format !== 'text' || event.length > 0 || (from ?? to ?? count ?? summary) !== undefined) {
    throw new CommandError('usage', 'this recording is text already: it can only be printed as it is');
  }
  const output = new Output(file === undefined ? process.stdout : createWriteStream(file));
  await output.write(text);
  await output.finish();
  return ExitCode.ok;
}
