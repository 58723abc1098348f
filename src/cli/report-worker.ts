import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { sinkOf } from './record-batches.js';
import { openWriter, type WantedFormat } from './record-writer.js';
import { chooseEvents } from './report-events.js';
import { type InputOptions, openRecording } from './report-input.js';
import { type WrittenSlice, writeSlice } from './report-slice.js';

/** What a worker is to do. */
export interface ReportTask {
  readonly path: string;
  readonly wanted: WantedFormat;
  readonly event: readonly string[];
  readonly input: InputOptions;
  readonly sliceBytes: number;
  /** Two numbers that all threads see: the next slice to take, and the first one not yet written out. */
  readonly shared: SharedArrayBuffer;
  /** Slices that may be taken before those in front of them are written out. */
  readonly ahead: number;
}

/** Places in `ReportTask.shared`. */
export const Shared = { next: 0, written: 1 } as const;

/** A slice that a worker has written. */
export interface WorkerSlice extends WrittenSlice {
  readonly index: number;
}

/** Copies bytes into memory that was used before, where it is large enough: fresh memory costs more than the copy. */
export function copyInto(room: ArrayBuffer | undefined, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isEnough = room !== undefined && room.byteLength >= bytes.length;
  const copy = new Uint8Array(isEnough ? room : new ArrayBuffer(bytes.length * 1.25), 0, bytes.length);
  copy.set(bytes);
  return copy;
}

/** Takes slices of a recording and sends them back written, until there are none. */
export async function runReportWorker(): Promise<void> {
  const { path, wanted, event, input: options, sliceBytes, shared, ahead } = workerData as ReportTask;
  using input = await openRecording(path, options);
  const { recording, constants } = input;
  const events = chooseEvents(recording.events, event);
  const sliced = recording.slices!(events, sliceBytes);
  const writer = await openWriter(wanted, { ...recording, events, constants });
  // What a format begins with is written by the main thread.
  writer.take();
  const sink = sinkOf(writer);
  const state = new Int32Array(shared);
  const port = parentPort!;
  for (;;) {
    const index = Atomics.add(state, Shared.next, 1);
    const slice = sliced.slices[index];
    if (slice === undefined) return;
    for (let written = Atomics.load(state, Shared.written); index >= written + ahead; ) {
      Atomics.wait(state, Shared.written, written);
      written = Atomics.load(state, Shared.written);
    }
    const done = writeSlice(sliced, slice, writer, sink);
    const room = receiveMessageOnPort(port)?.message as ArrayBuffer | undefined;
    const bytes = copyInto(room, done.bytes);
    port.postMessage({ ...done, index, bytes } satisfies WorkerSlice, [bytes.buffer]);
  }
}
