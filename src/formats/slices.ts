import type { LostEvents, TracedEvent } from '../records/index.js';
import type { RecordingRun } from './recording.js';

/**
 * Where one CPU stands between two slices. Two slices fit when the one ends as the other begins: then their records, one
 * after the other, are those of the whole.
 */
export interface SliceBorder {
  readonly cpu: number;
  /** Bytes of the CPU's data up to its next record; `undefined` when there is none. */
  readonly position: number | undefined;
  /** Events that were lost before it. */
  readonly lost: LostEvents | undefined;
}

/** A part of a recording: plain data, that can be sent to another thread. */
export interface RecordingSlice {
  /** For each CPU the bytes of its data before the sub-buffer to begin with. */
  readonly starts: readonly number[];
  /** For each CPU the bytes that are likely read: what lies behind is read when it is needed. */
  readonly ends: readonly number[];
  /** Where it begins: with the records of this time, or exactly here; `undefined`: with all there are. */
  readonly from: bigint | readonly SliceBorder[] | undefined;
  /** The time it ends before; `undefined`: it has all that follow. */
  readonly until: bigint | undefined;
}

/** One reading of a slice. */
export interface SliceRun extends RecordingRun {
  readonly begin: readonly SliceBorder[];
  /** Where it stands now. */
  border(): readonly SliceBorder[];
}

/** A recording that can be read slice by slice, in any order and by several. */
export interface SlicedRecording {
  readonly slices: readonly RecordingSlice[];
  /** Reads a slice; until the next one is read. */
  read(slice: RecordingSlice): SliceRun;
  /** What is left behind a border. */
  rest(border: readonly SliceBorder[]): RecordingSlice;
}

/** Opens a recording for reading in slices of about so many bytes, or in those that were cut before. */
export type OpenSlices = (
  events: readonly TracedEvent[],
  cut: number | readonly RecordingSlice[],
) => SlicedRecording;

/** Do two slices fit at these borders? */
export function doMeet(end: readonly SliceBorder[], begin: readonly SliceBorder[]): boolean {
  return (
    end.length === begin.length &&
    end.every(({ cpu, position, lost }, index) => {
      const other = begin[index]!;
      const sameLoss =
        (lost === undefined) === (other.lost === undefined) && lost?.count === other.lost?.count;
      return cpu === other.cpu && position === other.position && sameLoss;
    })
  );
}
