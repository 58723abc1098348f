import { parseSavedTgids } from '../../records/index.js';
import type { FileOption } from './contents.js';
import { untilNul } from './cursor.js';

/** The text of `saved_tgids`, where GPUVis keeps it; trace-cmd writes none and skips it. */
export const TGIDS_OPTION = 32;

/** The process of each thread, by the thread's number. */
export function readTgids(options: readonly FileOption[]): ReadonlyMap<number, number> {
  const data = options.find(({ id }) => id === TGIDS_OPTION)?.data;
  return parseSavedTgids(data === undefined ? '' : untilNul(data));
}
