import type { Recording, RecordingRun } from '../src/formats/index.js';
import { type RecordSink, TraceText } from '../src/records/index.js';
import { constants } from './inputs.js';

/** Two who write the same lines: batch by batch without WebAssembly, and as recordings are written where there is some. */
export interface ComparedTexts {
  readonly plain: TraceText;
  readonly engine: TraceText;
}

/** Thrown where they do not write the same. */
export class LinesDiffer extends Error {}

/** What came of a recording. */
interface Lines {
  readonly text: Buffer;
  readonly records: number;
  readonly troubles: string;
}

/** Lines that are written record by record before there is WebAssembly for the events met so far. */
const WORTH_MACHINE = 64;
/** Records that are handed out at once, in turns. */
const AT_ONCE = [1000, 1, 7];

export function plainText(recording: Recording): TraceText {
  return new TraceText({ ...recording, constants, engine: false });
}

export function engineText(recording: Recording): TraceText {
  return new TraceText({ ...recording, constants });
}

/** Reads a recording in both ways. Throws `LinesDiffer`. */
export function compareLines(recording: Recording, texts: ComparedTexts, turn = 0): void {
  compareTo(batchLines(recording, texts.plain), recording, texts.engine, turn);
}

/** Reads a recording once, and then so often that there is code of every kind for all its events. Throws `LinesDiffer`. */
export function compareLinesOften(recording: Recording, { plain, engine }: ComparedTexts): void {
  const expected = batchLines(recording, plain);
  const turns = expected.records === 0 ? 1 : Math.ceil(WORTH_MACHINE / expected.records) + 2;
  for (let turn = 0; turn < turns; turn++) compareTo(expected, recording, engine, turn);
}

function compareTo(expected: Lines, recording: Recording, engine: TraceText, turn: number): void {
  const lines = visitedLines(recording, engine, AT_ONCE[turn % AT_ONCE.length]!);
  if (!lines.text.equals(expected.text))
    throw new LinesDiffer(`lines differ: ${firstDifference(expected.text, lines.text)}`);
  if (lines.troubles !== expected.troubles)
    throw new LinesDiffer(`troubles differ: ${expected.troubles}, ${lines.troubles}`);
}

function batchLines(recording: Recording, writer: TraceText): Lines {
  const pieces: Uint8Array[] = [];
  let records = 0;
  const run = recording.read(recording.events);
  for (const batch of run) {
    writer.batch(batch);
    records += batch.records.length;
    pieces.push(writer.take().slice());
  }
  return { text: Buffer.concat(pieces), records, troubles: troublesOf(run) };
}

function visitedLines(recording: Recording, writer: TraceText, most: number): Lines {
  const pieces: Uint8Array[] = [];
  const run = recording.read(recording.events);
  let records = 0;
  const sink: RecordSink = {
    lost: lost => writer.lost(lost),
    record: record => {
      records++;
      writer.record(record);
    },
    engine: writer.engine,
  };
  let isMore = true;
  while (isMore) {
    isMore = run.visit(sink, most);
    pieces.push(writer.take().slice());
  }
  return { text: Buffer.concat(pieces), records, troubles: troublesOf(run) };
}

function troublesOf({ unknownRecords, damagedPages, damages }: RecordingRun): string {
  return [unknownRecords, damagedPages, ...damages.map(({ message }) => message)].join('; ');
}

/** The first line that is not the same, in both texts. */
function firstDifference(one: Buffer, other: Buffer): string {
  const [left, right] = [one, other].map(text => text.toString('latin1').split('\n'));
  const at = left!.findIndex((line, index) => line !== right![index]);
  return [left, right].map(lines => JSON.stringify(lines![at]?.slice(0, 500))).join(', ');
}
