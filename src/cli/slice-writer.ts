import { doMeet, type SlicedRecording } from '../formats/index.js';
import type { LostEvents } from '../records/index.js';
import { sinkOf, type WriterSink } from './record-batches.js';
import type { RecordWriter } from './record-writer.js';
import { type WrittenSlice, writeSlice } from './report-slice.js';
import type { RunTroubles } from './report-summary.js';
import type { SharedTurns } from './shared-turns.js';
import { writeFully } from './write-fully.js';

/** Slices that a thread has printed and that wait for their turn: more of them even out how long slices take, and need memory. */
const WAITING = 2;
/** Milliseconds after which somebody who waits for a turn looks up. */
const LOOK_UP = 100;

/** Bytes that memory for them is a multiple of, so that it fits the next ones, too. */
const ROOM = 1 << 18;

/** What was met in a slice beside records: plain data. */
export interface SliceTroubles extends RunTroubles {
  readonly index: number;
  readonly lost: readonly LostEvents[];
}

export interface SliceWriterOptions {
  readonly turns: SharedTurns;
  readonly sliced: SlicedRecording;
  readonly writer: RecordWriter;
  /** Where all threads write. */
  readonly descriptor: number;
  /** Told of each slice that was written and had any. */
  readonly onTroubles: (troubles: SliceTroubles) => void;
}

interface WaitingSlice extends WrittenSlice {
  readonly index: number;
}

/** One thread's part of writing a recording slice by slice: it takes one after the other, and writes each in its turn. */
export class SliceWriter {
  readonly #options: SliceWriterOptions;
  readonly #sink: WriterSink;
  readonly #waiting: WaitingSlice[] = [];
  /** Memory that slices waited in before: fresh memory costs more than a copy. */
  readonly #spare: Uint8Array[] = [];

  constructor(options: SliceWriterOptions) {
    this.#options = options;
    this.#sink = sinkOf(options.writer);
  }

  /** Prints the next slice, or waits a while for a turn. False when there is nothing left to do, or all have to stop. */
  step(): boolean {
    const { turns, sliced, writer } = this.#options;
    if (turns.isStopped) return false;
    if (!this.#writeOut(WAITING - 1)) return true;
    const index = turns.take();
    const slice = sliced.slices[index];
    if (slice === undefined) return !this.#writeOut(0);
    const printed = { index, ...writeSlice(sliced, slice, writer, this.#sink) };
    this.#writeOut(WAITING);
    if (turns.written === index) this.#write(printed);
    else this.#keep(printed);
    return true;
  }

  /** Writes what waits, until its turn is far and no more than so many wait. False when that takes long. */
  #writeOut(most: number): boolean {
    const { turns } = this.#options;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { written } = turns;
      if (turns.isStopped) return false;
      if (written === first.index) {
        this.#write(first);
        this.#spare.push(new Uint8Array(first.bytes.buffer));
        this.#waiting.shift();
      } else if (this.#waiting.length <= most) {
        return true;
      } else {
        turns.wait(written, LOOK_UP);
        if (turns.written === written) return false;
      }
    }
    return true;
  }

  #keep(printed: WaitingSlice): void {
    const { length } = printed.bytes;
    const before = this.#spare.pop();
    const isEnough = before !== undefined && before.length >= length;
    const memory = isEnough ? before : new Uint8Array(Math.ceil(length / ROOM) * ROOM);
    memory.set(printed.bytes);
    this.#waiting.push({ ...printed, bytes: memory.subarray(0, length) });
  }

  #write({ index, begin, end, bytes, ...troubles }: WaitingSlice): void {
    const { turns, descriptor, onTroubles } = this.#options;
    const { border, isStopped } = turns;
    if (isStopped) return;
    if (border !== undefined && !doMeet(border, begin)) {
      turns.stop();
      return;
    }
    turns.write(end, () => {
      writeFully(descriptor, bytes);
      const { lost, unknownRecords, damagedPages } = troubles;
      if (lost.length > 0 || unknownRecords > 0 || damagedPages > 0) onTroubles({ index, ...troubles });
    });
  }
}
