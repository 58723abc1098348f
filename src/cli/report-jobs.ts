import type { SlicedRecording } from '../formats/index.js';
import type { LostEvents } from '../records/index.js';
import type { ResultOutput } from './file-output.js';
import { sinkOf } from './record-batches.js';
import type { RecordWriter } from './record-writer.js';
import { AT_ONCE } from './report-slice.js';
import type { RunTroubles } from './report-summary.js';
import type { ReportWorkers } from './report-workers.js';
import { SharedTurns } from './shared-turns.js';
import { type SliceTroubles, SliceWriter } from './slice-writer.js';

/** Bytes of a slice: many enough that what each costs beside its records is little, and few enough that what waits for its turn takes little memory. */
export const SLICE_BYTES = 1 << 17;
/** Kept errors, as `RecordReader` does. */
const KEPT_ERRORS = 16;

/** What the threads share beside the slices. */
export interface JobsOptions {
  readonly sliced: SlicedRecording;
  readonly writer: RecordWriter;
  readonly output: ResultOutput;
  /** Where all of them write: the output's. */
  readonly descriptor: number;
  readonly lost: (lost: LostEvents) => void;
  readonly workers: Pick<ReportWorkers, 'begin' | 'finished' | 'failure' | 'troubles'>;
}

/**
 * Writes a recording with several threads, each of which takes slice after slice and writes it in its turn; the bytes are
 * those that one thread would write. When slices do not fit, because times step back in the recording, or a thread fails,
 * this one goes on alone. Throws a `CommandError` for output that cannot be written.
 */
export async function writeWithJobs(options: JobsOptions): Promise<RunTroubles> {
  const { output, descriptor, workers } = options;
  const { slices } = options.sliced;
  const turns = SharedTurns.forCpus(slices[0]!.starts.length);
  const own: SliceTroubles[] = [];
  const onTroubles = (troubles: SliceTroubles): void => void own.push(troubles);
  workers.begin(slices, turns, descriptor);
  const failure = (await ownFailure(options, turns, onTroubles)) ?? workers.failure;
  if (failure !== undefined) throwUnlessMended(failure, turns, output);
  const troubles = [...own, ...workers.troubles].sort((left, right) => left.index - right.index);
  for (const { lost } of troubles) for (const one of lost) options.lost(one);
  const isWhole = turns.written === slices.length || output.closed;
  return joined(isWhole ? troubles : [...troubles, await writeRest(turns, options)]);
}

/** Writes what falls to this thread and waits for the others. Returns what was thrown here. */
async function ownFailure(
  { sliced, writer, descriptor, workers }: JobsOptions,
  turns: SharedTurns,
  onTroubles: (troubles: SliceTroubles) => void,
): Promise<unknown> {
  let failure: unknown;
  try {
    const slices = new SliceWriter({ turns, sliced, writer, descriptor, onTroubles });
    while (slices.step()) {
      // Lets messages in: one may be that another thread has failed.
      await new Promise(resolve => setImmediate(resolve));
    }
  } catch (error) {
    failure = error;
    turns.stop();
  }
  await workers.finished();
  return failure;
}

/** Throws a failure that one thread cannot make good: that of the output, or one in the middle of writing. */
function throwUnlessMended(failure: unknown, turns: SharedTurns, output: ResultOutput): void {
  const isOutput = (failure as NodeJS.ErrnoException).syscall === 'write';
  const error = isOutput ? output.failure?.(failure) : turns.isWriting ? failure : undefined;
  if (error !== undefined) throw error;
}

/** Goes on in this thread alone. */
async function writeRest(
  { border }: SharedTurns,
  { sliced, writer, output, ...options }: JobsOptions,
): Promise<RunTroubles> {
  const rest = border === undefined ? sliced.slices[0]! : sliced.rest(border);
  const run = sliced.read({ ...rest, until: undefined });
  const written = sinkOf(writer);
  const sink = {
    lost: (lost: LostEvents) => {
      options.lost(lost);
      written.lost(lost);
    },
    record: written.record.bind(written),
  };
  // Begins with what was printed and does not follow.
  writer.take();
  while (run.visit(sink, AT_ONCE) && !output.closed) await output.write(writer.take());
  await output.write(writer.take());
  return run;
}

function joined(all: readonly RunTroubles[]): RunTroubles {
  return {
    unknownRecords: all.reduce((sum, { unknownRecords }) => sum + unknownRecords, 0),
    damagedPages: all.reduce((sum, { damagedPages }) => sum + damagedPages, 0),
    damages: all.flatMap(({ damages }) => damages).slice(0, KEPT_ERRORS),
  };
}
