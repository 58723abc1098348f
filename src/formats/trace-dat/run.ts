import {
  type EventTable,
  type PageFormat,
  PageRecord,
  type RecordBatch,
  type RecordError,
  RecordReader,
  type RecordSink,
  type TracedEvent,
} from '../../records/index.js';
import type { RecordingSlice, SliceBorder, SliceRun } from '../slices.js';
import type { BufferData } from './contents.js';
import { type CpuDataFile, readCpuData } from './cpu-data.js';

/** What a run reads. */
export interface TraceDatRunOptions {
  readonly file: CpuDataFile;
  readonly buffer: BufferData;
  readonly format: PageFormat;
  readonly events: readonly TracedEvent[] | EventTable;
  /** The name of a pid; one function for all readings of a recording. */
  readonly commOf: (pid: number) => string | undefined;
  readonly shift: ((time: bigint) => bigint) | undefined;
  /** Room that readings one after another share. */
  readonly spare?: Map<number, Uint8Array>;
}

/** One reading of a buffer: each CPU's data are read as far as the merge needs them, so memory does not grow with the file. */
export class TraceDatRun implements SliceRun {
  readonly begin: readonly SliceBorder[];
  readonly #reader: RecordReader;
  /** Records stay valid while there is another one. */
  #keeps: boolean;
  readonly #starts: ReadonlyMap<number, number>;
  readonly #shift: ((time: bigint) => bigint) | undefined;

  constructor(options: TraceDatRunOptions, slice?: RecordingSlice) {
    const { file, buffer, format, events, commOf, shift, spare = new Map() } = options;
    this.#starts = new Map(buffer.cpus.map(({ cpu }, index) => [cpu, slice?.starts[index] ?? 0]));
    const keeps = () => this.#keeps;
    const pieces = new Map(
      buffer.cpus.map((data, index) => {
        const [start, end] = [slice?.starts[index], slice?.ends[index]];
        return [data.cpu, readCpuData(file, buffer, data, { keeps, spare, start, end })];
      }),
    );
    this.#shift = shift;
    this.#keeps = slice === undefined;
    this.#reader = new RecordReader({
      format,
      cpus: pieces.keys(),
      events,
      commOf,
      pieces,
      until: slice?.until,
    });
    if (slice?.from !== undefined) this.#skipTo(slice.from);
    this.begin = slice === undefined ? [] : this.border();
  }

  border(): readonly SliceBorder[] {
    return this.#reader.state().map(({ cpu, position, lost }) => ({
      cpu,
      position: position === undefined ? undefined : this.#starts.get(cpu)! + position,
      lost,
    }));
  }

  #skipTo(from: bigint | readonly SliceBorder[]): void {
    if (typeof from === 'bigint') {
      const [high, low] = [Number(from >> 32n), Number(from & 0xffff_ffffn)];
      this.#reader.skip(({ timeHigh, timeLow }) => timeHigh > high || (timeHigh === high && timeLow >= low));
      return;
    }
    const places = new Map(from.map(({ cpu, position }) => [cpu, (position ?? 0) - this.#starts.get(cpu)!]));
    this.#reader.skip(({ cpu, position }) => position >= places.get(cpu)!);
    for (const { lost } of from) if (lost !== undefined) this.#reader.lose(lost);
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
      {
        lost: lost => sink.lost(lost),
        record: record => sink.record(shiftedRecord(record, shift)),
        get isFull() {
          return sink.isFull;
        },
      },
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
