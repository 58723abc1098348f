import { type Descriptor, readArrayMap } from '../../host/sys/index.js';
import { lossBytes, tooLongOffset } from './generate.js';

/** Hits of one event that became no record. */
export interface EventLosses {
  /** By CPU: no room in the ring buffer. */
  readonly full: readonly number[];
  /** By CPU: the texts were too long for a record. */
  readonly tooLong: readonly number[];
}

/** Reads what the programs counted of an event: a value for each possible CPU. Throws a `SysError`. */
export function readLosses(map: Descriptor, index: number, cpus: number): EventLosses {
  const bytes = readArrayMap(map, index, cpus * lossBytes);
  const view = new DataView(bytes.buffer);
  const column = (offset: number) =>
    Array.from({ length: cpus }, (_, cpu) => Number(view.getBigUint64(cpu * lossBytes + offset, true)));
  return { full: column(0), tooLong: column(tooLongOffset) };
}
