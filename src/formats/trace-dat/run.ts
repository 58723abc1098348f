import {
  type PageFormat,
  PageRecord,
  type RecordBatch,
  type RecordError,
  RecordReader,
  type RecordSink,
  type TracedEvent,
} from '../../records/index.js';
import type { RecordingRun } from '../recording.js';
import type { BufferData } from './contents.js';
import { type CpuDataFile, readCpuData } from './cpu-data.js';

/** What a run reads. */
export interface TraceDatRunOptions {
  readonly file: CpuDataFile;
  readonly buffer: BufferData;
  readonly format: PageFormat;
  readonly events: readonly TracedEvent[];
  readonly comms: ReadonlyMap<number, string>;
  readonly shift: ((time: bigint) => bigint) | undefined;
}

/** One reading of a buffer: each CPU's data are read as far as the merge needs them, so memory does not grow with the file. */
export class TraceDatRun implements RecordingRun {
  readonly #reader: RecordReader;
  /** Records stay valid while there is another one. */
  #keeps = true;
  readonly #shift: ((time: bigint) => bigint) | undefined;

  constructor({ file, buffer, format, events, comms, shift }: TraceDatRunOptions) {
    const pieces = new Map(
      buffer.cpus.map(data => [data.cpu, readCpuData(file, buffer, data, () => this.#keeps)]),
    );
    this.#shift = shift;
    this.#reader = new RecordReader({
      format,
      cpus: pieces.keys(),
      events,
      commOf: pid => comms.get(pid),
      pieces,
    });
  }

  get unknownRecords(): number {
    return this.#reader.unknownRecords;
  }

  get damagedPages(): number {
    return this.#reader.damagedPages;
  }

  get damages(): readonly RecordError[] {
    return this.#reader.damages;
  }

  *[Symbol.iterator](): Generator<RecordBatch, void, undefined> {
    const reader = this.#reader;
    this.#keeps = true;
    for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) yield this.#shifted(batch);
  }

  visit(sink: RecordSink, most: number): boolean {
    this.#keeps = false;
    const shift = this.#shift;
    if (shift === undefined) return this.#reader.visit(sink, most);
    return this.#reader.visit(
      { lost: lost => sink.lost(lost), record: record => sink.record(shiftedRecord(record, shift)) },
      most,
    );
  }

  #shifted(batch: RecordBatch): RecordBatch {
    const shift = this.#shift;
    if (shift === undefined) return batch;
    const records = batch.records.map(record => shiftedRecord(PageRecord.of(record), shift));
    return { records, lost: batch.lost };
  }
}

function shiftedRecord(record: PageRecord, shift: (time: bigint) => bigint): PageRecord {
  const { event, cpu, pid, comm, source, view, start, end, type } = record;
  const time = shift(record.time);
  const [high, low] = [Number(time >> 32n), Number(time & 0xffff_ffffn)];
  return new PageRecord(event, cpu, pid, comm, source, view, start, end, high, low, type);
}
