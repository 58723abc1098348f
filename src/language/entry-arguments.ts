import type { FetchOp, FetchProgram } from './program.js';

const wordSize = 8;

/** Function arguments that a return event saves at entry: one word each, in order of first use (spec 02 section 2.1). */
export class EntryArguments {
  private readonly indexes: number[] = [];

  /** Byte offset of an argument's slot in the entry buffer; the same argument shares its slot. */
  store(index: number): number {
    let slot = this.indexes.indexOf(index);
    if (slot < 0) slot = this.indexes.push(index) - 1;
    return slot * wordSize;
  }

  /** Bytes of the entry buffer. */
  get size(): number {
    return this.indexes.length * wordSize;
  }

  /** The program to run at function entry; empty when nothing is saved. */
  program(): FetchProgram {
    if (this.indexes.length === 0) return [];
    const saves = this.indexes.flatMap((index, slot): FetchOp[] => [
      { op: 'ARG', index },
      { op: 'ST_EDATA', offset: slot * wordSize },
    ]);
    return [...saves, { op: 'END' }];
  }
}
