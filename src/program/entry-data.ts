import type { FetchProgram } from '../language/index.js';
import { load } from './load.js';
import type { Machine } from './machine.js';

/**
 * Runs the programs that save arguments at function entry (`ARG n; ST_EDATA o` ..., spec 02 section 2.1).
 *
 * @returns the saved words, for `Machine.entryData` at the return; `undefined` when the event saves none
 */
export function saveEntryData(program: FetchProgram, machine: Machine): DataView | undefined {
  let end = 0;
  for (const op of program) if (op.op === 'ST_EDATA') end = Math.max(end, op.offset + 8);
  if (end === 0) return undefined;
  const saved = new DataView(new ArrayBuffer(end));
  let value = 0n;
  for (const op of program) {
    if (op.op === 'ST_EDATA') saved.setBigUint64(op.offset, value, true);
    else value = load(op, machine) ?? value;
  }
  return saved;
}
