import { createMap, type Descriptor, Mapping, MapType } from '../../host/sys/index.js';

const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;
const LENGTH = 0x3fff_ffff;
const HEADER = 8;
const pageBytes = 4096;

/** Records taken out of a ring buffer: a copy of the memory, and where each begins and ends in it. */
export interface TakenRecords {
  readonly bytes: Uint8Array;
  /** Start and end of each, one after another. */
  readonly bounds: readonly number[];
}

/** Bytes of a ring buffer of at least so many: a power of two, whole pages. */
export function ringSize(bytes: number): number {
  let size = pageBytes;
  while (size < bytes && size < 1 << 30) size *= 2;
  return size;
}

/** A BPF ring buffer and its reader (spec 15.5). Nobody is woken: whoever reads looks by himself. */
export class RingBuffer implements Disposable {
  readonly map: Descriptor;
  readonly #size: number;
  readonly #consumer: Mapping;
  /** The producer's page, then the data twice in a row. */
  readonly #data: Mapping;
  #position = 0n;
  /** Ends of what was there at earlier looks, with the times before which it was. */
  readonly #looks: { readonly end: bigint; readonly time: bigint }[] = [];
  #completeTo = 0n;

  /** `size` as `ringSize` gives it. Throws a `SysError`. */
  constructor(size: number) {
    this.#size = size;
    const ring = { type: MapType.ringBuffer, keySize: 0, valueSize: 0, entries: size, name: 'btfprobe_ring' };
    this.map = createMap(ring);
    let consumer: Mapping | undefined;
    try {
      consumer = new Mapping(this.map, 0, pageBytes, true);
      this.#data = new Mapping(this.map, pageBytes, pageBytes + 2 * size, false);
    } catch (error) {
      consumer?.[Symbol.dispose]();
      this.map[Symbol.dispose]();
      throw error;
    }
    this.#consumer = consumer;
  }

  /**
   * Takes what has been written. `now` is a time before this look: once everything that was there at some look has been
   * taken, whatever comes later was reserved after that look's time (`completeTo`).
   */
  take(now: bigint): TakenRecords {
    const end = this.#data.loadWord(0);
    this.#looks.push({ end, time: now });
    const start = this.#position;
    const bounds: number[] = [];
    const origin = Number(start & BigInt(this.#size - 1));
    const available = Number(end - start);
    let at = 0;
    while (at < available) {
      const head = this.#data.loadHalf(pageBytes + ((origin + at) & (this.#size - 1)));
      if ((head & BUSY) !== 0) break;
      const length = head & LENGTH;
      if ((head & DISCARDED) === 0) bounds.push(at + HEADER, at + HEADER + length);
      at += Math.ceil((HEADER + length) / 8) * 8;
    }
    const bytes = this.#data.copy(pageBytes + origin, pageBytes + origin + at);
    this.#position = start + BigInt(at);
    // Only what was copied is given back: the kernel writes over it at once.
    if (at > 0) this.#consumer.storeWord(0, this.#position);
    while (this.#looks.length > 0 && this.#looks[0]!.end <= this.#position)
      this.#completeTo = this.#looks.shift()!.time;
    return { bytes, bounds };
  }

  /** Everything reserved before this time has been taken. */
  get completeTo(): bigint {
    return this.#completeTo;
  }

  /** True when nothing is left, not even what is being written. */
  get isEmpty(): boolean {
    return this.#data.loadWord(0) === this.#position;
  }

  [Symbol.dispose](): void {
    this.#consumer[Symbol.dispose]();
    this.#data[Symbol.dispose]();
    this.map[Symbol.dispose]();
  }
}
