import { type Descriptor, readArrayMap } from '../../host/sys/index.js';
import { tooLongOffset } from './own-memory.js';

/** Hits of one event that became no record. */
export interface EventLosses {
  /** By CPU: no room in the ring buffer. */
  readonly full: readonly number[];
  /** By CPU: the texts were too long for a record. */
  readonly tooLong: readonly number[];
}

/** The programs' own memory: a per-CPU array with an element for each. */
export interface OwnMemory {
  readonly map: Descriptor;
  readonly valueSize: number;
  /** Processors that the machine may have: so many values an element has. */
  readonly cpus: number;
}

/** Reads what a program counted, `at` so many bytes of its memory: a value for each possible CPU. Throws a `SysError`. */
export function readLosses({ map, valueSize, cpus }: OwnMemory, index: number, at: number): EventLosses {
  const bytes = readArrayMap(map, index, cpus * valueSize);
  const view = new DataView(bytes.buffer);
  const column = (offset: number) =>
    Array.from({ length: cpus }, (_, cpu) => Number(view.getBigUint64(cpu * valueSize + offset, true)));
  return { full: column(at), tooLong: column(at + tooLongOffset) };
}
