import type {
  LostEvents,
  PageRecord,
  RecordReader,
  RecordSink,
  TraceText,
} from '../../../src/records/index.js';
import { latin1 } from '../recorded.js';

/** What a writer made of records, and who wrote them. */
export interface Written {
  readonly text: string;
  /** Records that were handed over one by one. */
  readonly singly: number;
  readonly unknown: number;
  readonly damages: readonly string[];
  readonly damaged: number;
}

/** Writes all records, at most so many of them at once, in turns. */
export function write(reader: RecordReader, writer: TraceText, ...most: readonly number[]): Written {
  let singly = 0;
  let text = '';
  const sink: RecordSink = {
    lost: (lost: LostEvents) => writer.lost(lost),
    record: (record: PageRecord) => {
      singly++;
      writer.record(record);
    },
    machine: writer.machine,
  };
  for (let turn = 0; reader.visit(sink, most[turn % most.length]!); turn++) text += latin1(writer.take());
  text += latin1(writer.take());
  const { unknownRecords: unknown, damagedPages: damaged, damages } = reader;
  return { text, singly, unknown, damaged, damages: damages.map(({ message }) => message) };
}
