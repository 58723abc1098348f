import type { SimMemory } from './memory.js';

/** Start of the direct map of physical memory on x86-64 with four levels of page tables. */
const directMapStart = 0xffff_8880_0000_0000n;
/** Where the heap begins in it: the first megabytes of a machine hold other things. */
const heapOffset = 0x0410_0000n;

/**
 * Hands out kernel memory in the direct map. Freed blocks are reused last in, first out, by size, and stay readable,
 * as on a real kernel: a pointer kept too long shows what is there now.
 */
export class SimHeap {
  private next = directMapStart + heapOffset;
  private readonly free = new Map<number, bigint[]>();

  constructor(private readonly memory: SimMemory) {}

  /** A zeroed block; at least 8 bytes, aligned to its size class up to 64. */
  allocate(size: number): bigint {
    const rounded = roundSize(size);
    const reused = this.free.get(rounded)?.pop();
    const address = reused ?? this.grow(rounded);
    this.memory.write(address, new Uint8Array(rounded));
    return address;
  }

  /** Gives a block back; `size` as it was asked for. */
  release(address: bigint, size: number): void {
    const rounded = roundSize(size);
    const list = this.free.get(rounded);
    if (list) list.push(address);
    else this.free.set(rounded, [address]);
  }

  private grow(size: number): bigint {
    const address = this.next;
    this.next += BigInt(size);
    this.memory.map(address, size);
    return address;
  }
}

function roundSize(size: number): number {
  const unit = size > 32 ? 64 : 8;
  return Math.max(8, Math.ceil(size / unit) * unit);
}
