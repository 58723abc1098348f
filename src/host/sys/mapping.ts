import type { Descriptor } from './descriptor.js';
import { systemCall, viewOf } from './ffi.js';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

/**
 * Shared memory of a descriptor. Touching a view of it after it was unmapped would end the process without a word, so no
 * view leaves: numbers and copies do.
 */
export class Mapping implements Disposable {
  readonly length: number;
  #address: bigint;
  #bytes: Uint8Array | undefined;
  #words: BigUint64Array | undefined;
  #halves: Int32Array | undefined;

  constructor(file: Descriptor, offset: number, length: number, writable: boolean) {
    const protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    this.length = length;
    this.#address = BigInt(
      systemCall('mmap', 'mmap', 0, length, protection, MAP_SHARED, file.number, offset),
    );
    const memory = viewOf(this.#address, length);
    this.#bytes = new Uint8Array(memory);
    this.#words = new BigUint64Array(memory);
    this.#halves = new Int32Array(memory);
  }

  /** The aligned word at a byte offset, with all that was written before it (on machines that keep to that order). */
  loadWord(offset: number): bigint {
    return Atomics.load(held(this.#words), offset >>> 3);
  }

  /** Stores an aligned word behind all that was read and written before. */
  storeWord(offset: number, value: bigint): void {
    Atomics.store(held(this.#words), offset >>> 3, value);
  }

  /** The aligned unsigned 32 bits at a byte offset. */
  loadHalf(offset: number): number {
    return Atomics.load(held(this.#halves), offset >>> 2) >>> 0;
  }

  /** Bytes from `start` up to `end`, copied. */
  copy(start: number, end: number): Uint8Array {
    return held(this.#bytes).slice(start, end);
  }

  [Symbol.dispose](): void {
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    this.#words = undefined;
    this.#halves = undefined;
    systemCall('munmap', 'munmap', this.#address, this.length);
  }
}

function held<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('the memory was unmapped');
  return value;
}
