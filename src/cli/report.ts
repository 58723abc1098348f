import type { Recording, RecordingRun, SlicedRecording, ValuesStyle } from '../formats/index.js';
import {
  type LostEvents,
  type PageRecord,
  type RecordSink,
  SelectedRecords,
  type TracedEvent,
} from '../records/index.js';
import { CommandError } from './error.js';
import { ExitCode } from './exit-code.js';
import { openOutput, outputFile, type ResultOutput } from './file-output.js';
import { note } from './paint.js';
import { sinkOf } from './record-batches.js';
import { isRich, type RecordFormat, recordFormats } from './record-formats.js';
import { checkFormat, openWriter, type RecordWriter } from './record-writer.js';
import { chooseEvents } from './report-events.js';
import { type InputOptions, openRecording } from './report-input.js';
import { SLICE_BYTES, writeWithJobs } from './report-jobs.js';
import { refuseOverwriting } from './report-refusal.js';
import { AT_ONCE } from './report-slice.js';
import { ReportCounts, type RunTroubles } from './report-summary.js';
import { clockTime } from './report-time.js';
import type { ReportTask } from './report-worker.js';
import { ReportWorkers } from './report-workers.js';

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
  /** Threads to work with. */
  readonly jobs?: number;
  readonly output?: string;
  /** Name of an instance's buffer. */
  readonly buffer?: string;
  readonly kernel?: string;
  readonly constant?: ReadonlyMap<string, bigint>;
}

/** `btfprobe report`: prints the records of a recording, or how many there are. */
export async function report(path: string, options: ReportOptions): Promise<ExitCode> {
  const format = options.json ? 'json' : options.format;
  const file = outputFile(options.output);
  const wanted = { format, values: options.values, counter: options.counter };
  if (options.summary !== true) await checkFormat(wanted, file);
  const { buffer, kernel, constant } = options;
  const opening: InputOptions = {
    ...(buffer !== undefined && { buffer }),
    ...(kernel !== undefined && { kernel }),
    types: isRich(format, options.values),
    ...(constant !== undefined && { constants: constant }),
  };
  // They open the recording while this thread does.
  using workers = startWorkers(options, { path, wanted, event: options.event, input: opening });
  using input = await openRecording(path, opening);
  const { recording, constants, text } = input;
  refuseOverwriting(path, file);
  if (text !== undefined) return await printText(text, file, options);
  const events = chooseEvents(recording.events, options.event);
  const run = recording.read(events);
  const counts = new ReportCounts(events);
  const lines = options.summary ? undefined : await openWriter(wanted, { ...recording, events, constants });
  const written = lines && sinkOf(lines);
  const sink = written === undefined ? counts : new WrittenRecords(counts, written);
  const selected = selectionOf(options, recording.clock, sink);
  const output = openOutput(file);
  if (format === 'text' && lines !== undefined) await output.write(input.header);
  const { descriptor } = output;
  const sliced = workers && lines && slicesFor(recording, events, lines);
  let troubles: RunTroubles = run;
  if (sliced && workers && lines && descriptor !== undefined) {
    await output.write(lines.take());
    const lost = (one: LostEvents): void => counts.lost(one);
    troubles = await writeWithJobs({ sliced, workers, writer: lines, output, descriptor, lost });
  } else {
    await visitAll(run, selected ?? sink, lines, output, selected);
    selected?.end();
    written?.flush?.();
  }
  if (lines === undefined) {
    await output.write(format === 'json' ? counts.json(run) : counts.text(run));
  } else {
    lines.end?.();
    await output.write(lines.take());
    for (const line of counts.troubles(troubles, events.length === recording.events.length)) note(line);
  }
  await output.finish();
  return ExitCode.ok;
}

/** Hands over all records, or those that a selection asks for, and writes what becomes of them. */
async function visitAll(
  run: RecordingRun,
  sink: RecordSink,
  lines: RecordWriter | undefined,
  output: ResultOutput,
  selected: SelectedRecords | undefined,
): Promise<void> {
  while (run.visit(sink, AT_ONCE)) {
    if (lines !== undefined) await output.write(lines.take());
    if (output.closed || selected?.done === true) break;
  }
}

/** Threads that help, where they are wanted and can: formats that draw timelines need all records in order. */
function startWorkers(options: ReportOptions, task: ReportTask): ReportWorkers | undefined {
  const { jobs = 1, summary, from, to, count } = options;
  const { timeline, binary } = recordFormats[task.wanted.format];
  const isDivided = summary !== true && (from ?? to ?? count) === undefined && !timeline && !binary;
  return jobs > 1 && isDivided ? new ReportWorkers(task, jobs - 1) : undefined;
}

/** The slices for several threads; `undefined` where one does it all. */
function slicesFor(
  recording: Recording,
  events: readonly TracedEvent[],
  writer: RecordWriter,
): SlicedRecording | undefined {
  if (recording.slices === undefined || writer.record === undefined) return undefined;
  const sliced = recording.slices(events, SLICE_BYTES);
  return sliced.slices.length === 1 ? undefined : sliced;
}

/** Writes records and counts what was lost. */
class WrittenRecords implements RecordSink {
  readonly #counts: ReportCounts;
  readonly #writer: RecordSink;

  constructor(counts: ReportCounts, writer: RecordSink) {
    this.#counts = counts;
    this.#writer = writer;
  }

  lost(lost: LostEvents): void {
    this.#counts.lost(lost);
    this.#writer.lost(lost);
  }

  record(record: PageRecord): void {
    this.#writer.record(record);
  }

  get engine(): RecordSink['engine'] {
    return this.#writer.engine;
  }

  get isFull(): boolean {
    return this.#writer.isFull === true;
  }
}

function selectionOf(
  { from, to, count }: ReportOptions,
  clock: 'ns' | 'raw',
  sink: RecordSink,
): SelectedRecords | undefined {
  if (from === undefined && to === undefined && count === undefined) return undefined;
  const first = clockTime('--from', from, clock);
  const last = clockTime('--to', to, clock);
  if (first !== undefined && last !== undefined && first > last)
    throw new CommandError('usage', `--from ${from} is later than --to ${to}`);
  return new SelectedRecords(sink, { from: first, to: last, count });
}

/** A recording that is the kernel's text already can only be handed on. */
async function printText(
  text: Uint8Array,
  file: string | undefined,
  { format, json, event, from, to, count, summary }: ReportOptions,
): Promise<ExitCode> {
  if (json || format !== 'text' || event.length > 0 || (from ?? to ?? count ?? summary) !== undefined) {
    throw new CommandError('usage', 'this recording is text already: it can only be printed as it is');
  }
  const output = openOutput(file);
  await output.write(text);
  await output.finish();
  return ExitCode.ok;
}
