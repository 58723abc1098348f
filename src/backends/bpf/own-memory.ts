import { filterSlack } from './filter.js';
import { lastTextStart, longestText, type WireLayout } from './wire-layout.js';

// What each program has of its own on each processor, an element of a per-CPU array: first the record, where it is made apart,
// behind it what became none.

/** Bytes of a program's losses: hits without room in the ring buffer, and hits whose texts are too long for a record. */
export const lossBytes = 16;
/** Where the second of them stands. */
export const tooLongOffset = 8;

/** Where the losses stand: behind all that can be written or compared of a record. */
export function lossesOffset({ recordStart }: WireLayout, apart: boolean): number {
  return apart ? recordStart + lastTextStart + 1 + longestText + filterSlack : 0;
}
