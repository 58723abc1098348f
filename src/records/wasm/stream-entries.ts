import type { CpuStream } from '../cpu-stream.js';
import { layout, OVERSHOOT, streamEntry } from './layout.js';
import type { MachineMemory } from './machine-memory.js';

/** Bytes of all sub-buffers at most. */
const MOST_BYTES = 1 << 25;

/** Bytes from `layout.streams` on for so many CPUs with sub-buffers of that size; `undefined` where that is too much. */
export function streamsSize(cpus: number, pageSize: number): number | undefined {
  const size = cpus * (4 + streamEntry.size + pageSize) + OVERSHOOT;
  return size > MOST_BYTES ? undefined : size;
}

/** CPUs' streams as the loop over records has them: each with a copy of the sub-buffer that it stands in. */
export class StreamEntries {
  readonly #memory: MachineMemory;
  readonly #streams: readonly CpuStream[];
  readonly #pageSize: number;
  readonly #places: ReadonlyMap<CpuStream, number>;
  /** By place: which of the walker's sub-buffers was copied. */
  readonly #copied: number[];

  constructor(memory: MachineMemory, streams: readonly CpuStream[]) {
    this.#memory = memory;
    this.#streams = streams;
    this.#pageSize = streams[0]?.walker.format.size ?? 0;
    this.#places = new Map(streams.map((stream, place) => [stream, place]));
    this.#copied = streams.map(() => -1);
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
    for (const [index, stream] of heap.entries()) {
      this.#memory.setInt(layout.streams + index * 4, this.#entry(this.#places.get(stream)!));
      this.put(stream);
    }
  }

  /** The streams of a heap of that many, as they stand now; the first one may have ended, which the loop does not know. */
  unload(count: number, hasEnded: boolean): CpuStream[] {
    return Array.from({ length: count }, (_, index) => {
      const stream = this.at(index);
      if (index === 0 && hasEnded) return stream;
      this.take(stream);
      stream.floorHigh = stream.walker.timeHigh;
      stream.floorLow = stream.walker.timeLow;
      return stream;
    });
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
    if (this.#copied[place] !== walker.opened) {
      const page = walker.bytes.subarray(walker.pageStart, walker.limit);
      memory.bytes.set(page, this.#page(place));
      this.#copied[place] = walker.opened;
    }
    const entry = this.#entry(place);
    const moved = this.#page(place) - walker.pageStart;
    memory.setHalves(entry + streamEntry.time, walker.timeHigh, walker.timeLow);
    memory.setInt(entry + streamEntry.cpu, stream.cpu);
    memory.setInt(entry + streamEntry.position, walker.end + moved);
    memory.setInt(entry + streamEntry.limit, walker.limit + moved);
    memory.setInt(entry + streamEntry.start, walker.start + moved);
    memory.setInt(entry + streamEntry.end, walker.end + moved);
    memory.setInt(entry + streamEntry.lost, stream.lost === undefined ? 0 : 1);
  }

  /** Moves a stream to where the loop has it. */
  take(stream: CpuStream): void {
    const { view } = this.#memory;
    const place = this.#places.get(stream)!;
    const entry = this.#entry(place);
    const { walker } = stream;
    const moved = this.#page(place) - walker.pageStart;
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

  #page(place: number): number {
    return this.#entry(this.#streams.length) + place * this.#pageSize;
  }
}
