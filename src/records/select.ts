import type { RecordBatch, TraceRecord } from './record.js';

/** Which records of a recording are wanted. Times are in the unit of the buffer's clock. */
export interface RecordSelection {
  /** The earliest time, itself included. */
  readonly from?: bigint | undefined;
  /** The latest time, itself included. */
  readonly to?: bigint | undefined;
  /** At most so many records. */
  readonly count?: number | undefined;
}

/**
 * Takes the wanted records out of batches in time order, and stops asking for batches once no more can follow. A loss is
 * passed on with the record that it was reported before, and dropped with it.
 */
export function* selectRecords(
  batches: Iterable<RecordBatch>,
  { from, to, count = Number.POSITIVE_INFINITY }: RecordSelection,
): Generator<RecordBatch, void, undefined> {
  let left = count;
  const isWanted = ({ time }: TraceRecord) =>
    (from === undefined || time >= from) && (to === undefined || time <= to);
  const all = from === undefined && to === undefined;
  for (const batch of batches) {
    if (left <= 0) return;
    const [first] = batch.records;
    // A clock may step back a little inside a batch: only one that begins behind the end is the last.
    if (to !== undefined && first !== undefined && first.time > to) return;
    const wanted = all ? batch.records : batch.records.filter(isWanted);
    const records = wanted.length > left ? wanted.slice(0, left) : wanted;
    const lost = all || (first !== undefined && isWanted(first)) ? batch.lost : [];
    left -= records.length;
    if (records.length > 0 || lost.length > 0) yield { records, lost };
  }
}
