import { CsvLines, JsonLines, type Recording } from '../src/formats/index.js';
import { type RecordBatch, TraceText } from '../src/records/index.js';
import { constants } from './inputs.js';

/** Writes records as text, JSON and CSV. */
export type Writers = readonly { batch(batch: RecordBatch): void; take(): Uint8Array }[];

/** The ways to write records. */
export const WAYS = ['text', 'json', 'csv'] as const;

export function writersOf(recording: Recording, ways: readonly string[] = WAYS): Writers {
  const options = { ...recording, constants };
  const made = {
    text: () => new TraceText(options),
    json: () => new JsonLines({ ...options, values: 'rich' }),
    csv: () => new CsvLines({ ...options, values: 'rich' }),
  };
  return WAYS.filter(way => ways.includes(way)).map(way => made[way]());
}

/** Reads a recording to its end and writes it in every way. */
export function writeAll(recording: Recording, writers = writersOf(recording)): void {
  for (const batch of recording.read(recording.events)) {
    for (const writer of writers) {
      writer.batch(batch);
      writer.take();
    }
  }
}
