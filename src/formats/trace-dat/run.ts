import {
  type PageFormat,
  PageRecord,
  type RecordBatch,
  type RecordError,
  RecordReader,
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

const END_OF_TIME = 0xffff_ffff_ffff_ffffn;

/** One reading of a buffer: each CPU's data are read as far as the merge needs them, so memory does not grow with the file. */
export class TraceDatRun implements RecordingRun {
  readonly #reader: RecordReader;
  readonly #pieces: Map<number, Generator<Uint8Array, void, undefined>>;
  readonly #shift: ((time: bigint) => bigint) | undefined;

  constructor({ file, buffer, format, events, comms, shift }: TraceDatRunOptions) {
    const { cpus } = buffer;
    this.#pieces = new Map(cpus.map(data => [data.cpu, readCpuData(file, buffer, data)]));
    this.#shift = shift;
    this.#reader = new RecordReader({
      format,
      cpus: this.#pieces.keys(),
      events,
      commOf: pid => comms.get(pid),
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
    do {
      for (let batch = reader.settled(); batch !== undefined; batch = reader.settled())
        yield this.#shifted(batch);
    } while (this.#feed());
    for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) yield this.#shifted(batch);
  }

  /** Gives each CPU that has nothing left its next piece. False when all pieces were given. */
  #feed(): boolean {
    for (const cpu of this.#reader.starved()) {
      const piece = this.#pieces.get(cpu)?.next().value;
      if (piece) {
        this.#reader.feed(cpu, piece);
      } else if (this.#pieces.delete(cpu)) {
        this.#reader.markEmpty(cpu, END_OF_TIME);
      }
    }
    return this.#pieces.size > 0;
  }

  #shifted(batch: RecordBatch): RecordBatch {
    const shift = this.#shift;
    if (shift === undefined) return batch;
    const records = batch.records.map(traceRecord => {
      const record = PageRecord.of(traceRecord);
      const { event, cpu, pid, comm, source, view, start, end } = record;
      const time = shift(record.time);
      const [high, low] = [Number(time >> 32n), Number(time & 0xffff_ffffn)];
      return new PageRecord(event, cpu, pid, comm, source, view, start, end, high, low);
    });
    return { records, lost: batch.lost };
  }
}
