import type { LostEvents, PageRecord, RecordSink } from '../records/index.js';
import type { RecordWriter } from './record-writer.js';

/** Most records of a batch. */
const MOST = 8192;

/** A sink whose records a writer gets. To be flushed at the end. */
export interface WriterSink extends RecordSink {
  flush?(): void;
}

/** Hands records to a writer, one by one where it takes them so. */
export function sinkOf(writer: RecordWriter): WriterSink {
  const isOneByOne = writer.record !== undefined && writer.lost !== undefined;
  return isOneByOne ? (writer as RecordSink) : new Batches(writer);
}

/** Gathers records that are valid for a moment into batches that stay. */
class Batches implements WriterSink {
  readonly #writer: RecordWriter;
  #records: PageRecord[] = [];
  #lost: LostEvents[] = [];

  constructor(writer: RecordWriter) {
    this.#writer = writer;
  }

  lost(lost: LostEvents): void {
    if (this.#records.length > 0) this.flush();
    this.#lost.push(lost);
  }

  record(record: PageRecord): void {
    this.#records.push(record.copy());
    if (this.#records.length >= MOST) this.flush();
  }

  flush(): void {
    if (this.#records.length === 0 && this.#lost.length === 0) return;
    this.#writer.batch({ records: this.#records, lost: this.#lost });
    this.#records = [];
    this.#lost = [];
  }
}
