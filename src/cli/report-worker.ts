import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { RecordingSlice } from '../formats/index.js';
import { sinkOf } from './record-batches.js';
import { openWriter, type WantedFormat } from './record-writer.js';
import { chooseEvents } from './report-events.js';
import { type InputOptions, openRecording } from './report-input.js';
import { type WrittenSlice, writeSlice } from './report-slice.js';

/** What a worker is to open. */
export interface ReportTask {
  readonly path: string;
  readonly wanted: WantedFormat;
  readonly event: readonly string[];
  readonly input: InputOptions;
}

/** What a worker is to write. */
export interface SliceWork {
  readonly slices: readonly RecordingSlice[];
  /** The next slice to take: one number that all threads share. */
  readonly next: Int32Array;
  /** For each of the worker's slots whether the main thread has yet to write out what is in it: 1, else 0. */
  readonly used: Int32Array;
}

/** Places for slices that a worker has written and that are not written out yet. */
export const SLOTS = 2;

/** A slice that a worker has written. */
export interface WorkerSlice extends WrittenSlice {
  readonly index: number;
  /** Where it lies: shared memory, until the main thread says that it is free. */
  readonly slot: number;
}

/** Memory that was used before where it is large enough, else more: fresh memory costs more than a copy. */
export function roomFor<Memory extends Uint8Array>(
  { length }: Uint8Array,
  before: Memory | undefined,
  make: (size: number) => Memory,
): Memory {
  return before !== undefined && before.length >= length ? before : make(Math.ceil(length * 1.25));
}

/** Opens a recording, then takes slices of it and sends them back written, until there are none. */
export async function runReportWorker(): Promise<void> {
  const port = parentPort!;
  const work = once(port, 'message');
  const { path, wanted, event, input: options } = workerData as ReportTask;
  using input = await openRecording(path, options);
  const { recording, constants } = input;
  const events = chooseEvents(recording.events, event);
  const writer = await openWriter(wanted, { ...recording, events, constants });
  // What a format begins with is written by the main thread.
  writer.take();
  const sink = sinkOf(writer);
  const [{ slices, next, used }] = (await work) as [SliceWork];
  const sliced = recording.slices!(events, slices);
  const memories: Uint8Array[] = [];
  for (let taken = 0; ; taken++) {
    const index = Atomics.add(next, 0, 1);
    const slice = slices[index];
    if (slice === undefined) return;
    const done = writeSlice(sliced, slice, writer, sink);
    const slot = taken % SLOTS;
    Atomics.wait(used, slot, 1);
    const memory = roomFor(done.bytes, memories[slot], size => new Uint8Array(new SharedArrayBuffer(size)));
    memories[slot] = memory;
    memory.set(done.bytes);
    Atomics.store(used, slot, 1);
    const bytes = memory.subarray(0, done.bytes.length);
    port.postMessage({ ...done, index, slot, bytes } satisfies WorkerSlice);
  }
}
