import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { RecordingSlice } from '../formats/index.js';
import { openWriter, type WantedFormat } from './record-writer.js';
import { chooseEvents } from './report-events.js';
import { type InputOptions, openRecording } from './report-input.js';
import { SharedTurns, type TurnsMemory } from './shared-turns.js';
import { type SliceTroubles, SliceWriter } from './slice-writer.js';

/** What a worker is to open. */
export interface ReportTask {
  readonly path: string;
  readonly wanted: WantedFormat;
  readonly event: readonly string[];
  readonly input: InputOptions;
}

/** What a worker is to write, and where. */
export interface SliceWork {
  readonly slices: readonly RecordingSlice[];
  readonly turns: TurnsMemory;
  readonly descriptor: number;
}

/** What a worker tells of a slice; 'done': all that it has written was told. */
export type WorkerNews = SliceTroubles | 'done';

/** Opens a recording, then takes slices of it and writes them, until there are none. */
export async function runReportWorker(): Promise<void> {
  const port = parentPort!;
  const tell = (news: WorkerNews): void => port.postMessage(news);
  const work = once(port, 'message');
  const { path, wanted, event, input: options } = workerData as ReportTask;
  using input = await openRecording(path, options);
  const { recording, constants } = input;
  const events = chooseEvents(recording.events, event);
  const writer = await openWriter(wanted, { ...recording, events, constants });
  // What a format begins with is written by the main thread.
  writer.take();
  const [{ slices, turns: memory, descriptor }] = (await work) as [SliceWork];
  const sliced = recording.slices!(events, slices);
  const turns = new SharedTurns(memory);
  const slicesOfThis = new SliceWriter({ turns, sliced, writer, descriptor, onTroubles: tell });
  while (slicesOfThis.step());
  tell('done');
}
