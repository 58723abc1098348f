import type { CpuStream } from '../cpu-stream.js';
import type { EngineMemory } from './engine-memory.js';
import { layout, OVERSHOOT, streamEntry } from './layout.js';

/** Bytes of sub-buffers that are copied at once: of one CPU, and of all together where they are many. */
const WINDOW = 1 << 16;
const ALL_WINDOWS = 1 << 22;
/** Bytes in all at most. */
const MOST_BYTES = 1 << 25;

/** Bytes of whole sub-buffers that are copied at once. */
function windowSize(cpus: number, pageSize: number): number {
  return pageSize * Math.max(1, Math.floor(Math.min(WINDOW, ALL_WINDOWS / cpus) / pageSize));
}

/** Bytes from `layout.streams` on for so many CPUs with sub-buffers of that size; `undefined` where that is too much. */
export function streamsSize(cpus: number, pageSize: number): number | undefined {
  const size = cpus * (4 + streamEntry.size + windowSize(cpus, pageSize)) + OVERSHOOT;
  return size > MOST_BYTES ? undefined : size;
}

/** What was copied of a stream's bytes. */
interface Window {
  /** `loads` of the walker then. */
  loads: number;
  start: number;
  end: number;
}

/** CPUs' streams as the loop over records has them: each with a copy of the sub-buffers that it stands in and that follow. */
export class StreamEntries {
  readonly #memory: EngineMemory;
  readonly #streams: readonly CpuStream[];
  readonly #pageSize: number;
  readonly #windowSize: number;
  readonly #places: ReadonlyMap<CpuStream, number>;
  readonly #windows: readonly Window[];

  constructor(memory: EngineMemory, streams: readonly CpuStream[]) {
    this.#memory = memory;
    this.#streams = [...streams];
    this.#pageSize = streams[0]?.walker.format.size ?? 0;
    this.#windowSize = windowSize(streams.length, this.#pageSize);
    this.#places = new Map(streams.map((stream, place) => [stream, place]));
    this.#windows = streams.map(() => ({ loads: -1, start: 0, end: 0 }));
    this.forgetSenders();
  }

  get count(): number {
    return this.#streams.length;
  }

  /** Addresses of senders' texts are not valid any more. */
  forgetSenders(): void {
    for (const place of this.#streams.keys()) this.#memory.setInt(this.#entry(place) + streamEntry.sender, 0);
  }

  /** Takes the streams of a heap as they stand. */
  load(heap: readonly CpuStream[]): void {
    for (let index = 0; index < heap.length; index++) {
      const stream = heap[index]!;
      this.#memory.setInt(layout.streams + index * 4, this.#entry(this.#places.get(stream)!));
      this.put(stream);
    }
  }

  /** The streams of a heap of that many, as they stand now; the first one may have ended, which the loop does not know. */
  unload(count: number, hasEnded: boolean): CpuStream[] {
    const heap: CpuStream[] = [];
    for (let index = 0; index < count; index++) {
      const stream = this.at(index);
      heap.push(stream);
      if (index === 0 && hasEnded) continue;
      this.take(stream);
      stream.floorHigh = stream.walker.timeHigh;
      stream.floorLow = stream.walker.timeLow;
    }
    return heap;
  }

  /** The stream whose record is the earliest, as it stands now. */
  first(): CpuStream {
    const stream = this.at(0);
    this.take(stream);
    return stream;
  }

  /** Tells the loop how a stream stands. */
  put(stream: CpuStream): void {
    const memory = this.#memory;
    const place = this.#places.get(stream)!;
    const { walker } = stream;
    const { pageStart } = walker;
    const window = this.#windows[place]!;
    const isCopied = window.loads === walker.loads && pageStart >= window.start && pageStart < window.end;
    if (!isCopied) this.#copy(stream, place);
    const entry = this.#entry(place);
    const moved = this.#window(place) - window.start;
    memory.setHalves(entry + streamEntry.time, walker.timeHigh, walker.timeLow);
    memory.setInt(entry + streamEntry.cpu, stream.cpu);
    memory.setInt(entry + streamEntry.position, walker.end + moved);
    memory.setInt(entry + streamEntry.limit, walker.limit + moved);
    memory.setInt(entry + streamEntry.start, walker.start + moved);
    memory.setInt(entry + streamEntry.end, walker.end + moved);
    memory.setInt(entry + streamEntry.page, pageStart + moved);
    memory.setInt(entry + streamEntry.window, window.end + moved);
    memory.setInt(entry + streamEntry.lost, stream.lost === undefined ? 0 : 1);
  }

  /** Copies whole sub-buffers from the open one on. */
  #copy({ walker }: CpuStream, place: number): void {
    const { bytes, loads, pageStart } = walker;
    const room = Math.min(this.#windowSize, bytes.length - pageStart);
    const window = this.#windows[place]!;
    window.loads = loads;
    window.start = pageStart;
    window.end = pageStart + room - (room % this.#pageSize);
    this.#memory.bytes.set(bytes.subarray(window.start, window.end), this.#window(place));
  }

  /** Moves a stream to where the loop has it. */
  take(stream: CpuStream): void {
    const { view } = this.#memory;
    const place = this.#places.get(stream)!;
    const entry = this.#entry(place);
    const { walker } = stream;
    const moved = this.#window(place) - this.#windows[place]!.start;
    const page = view.getInt32(entry + streamEntry.page, true) - moved;
    if (page !== walker.pageStart) stream.reopen(page);
    const high = view.getUint32(entry + streamEntry.time + 4, true);
    const low = view.getUint32(entry + streamEntry.time, true);
    const start = view.getInt32(entry + streamEntry.start, true) - moved;
    walker.stand(start, view.getInt32(entry + streamEntry.end, true) - moved, high, low);
  }

  /** The stream at a place of the heap; where it stands may be told by the loop only. */
  at(index: number): CpuStream {
    const address = this.#memory.int(layout.streams + index * 4);
    const place = (address - this.#entry(0)) / streamEntry.size;
    return this.#streams[place]!;
  }

  /** The time at a place of the heap. */
  timeOf(index: number): { readonly high: number; readonly low: number } {
    const { view } = this.#memory;
    const time = this.#memory.int(layout.streams + index * 4) + streamEntry.time;
    return { high: view.getUint32(time + 4, true), low: view.getUint32(time, true) };
  }

  #entry(place: number): number {
    return layout.streams + this.#streams.length * 4 + place * streamEntry.size;
  }

  #window(place: number): number {
    return this.#entry(this.#streams.length) + place * this.#windowSize;
  }
}
