import type { Machine } from './machine.js';

/**
 * A machine's memory, looked up without making an object: what was found last is at `bytes[at]` and on, until the next
 * look-up. Addresses are halves of 64 bits, as signed or unsigned 32-bit integers alike.
 */
export interface DirectMemory {
  readonly bytes: Uint8Array;
  readonly at: number;
  /** Looks up kernel memory; false when any of the bytes cannot be read. */
  findKernel(high: number, low: number, length: number): boolean;
  /** As `findKernel`, of the current task's user memory. */
  findUser(high: number, low: number, length: number): boolean;
}

/** The memory of a machine that has no direct one: each look-up is one read of the machine. */
class ReadMemory implements DirectMemory {
  bytes: Uint8Array = new Uint8Array(0);
  readonly at = 0;
  machine: Machine | undefined;

  findKernel(high: number, low: number, length: number): boolean {
    return this.#take(this.machine?.readKernel(joinHalves(high, low), length));
  }

  findUser(high: number, low: number, length: number): boolean {
    return this.#take(this.machine?.readUser(joinHalves(high, low), length));
  }

  #take(bytes: Uint8Array | undefined): boolean {
    if (bytes === undefined) return false;
    this.bytes = bytes;
    return true;
  }
}

// One for all: programs do not run inside of each other, and nothing is kept between look-ups.
const shared = new ReadMemory();

/** The memory of a machine, direct where it has that; valid until it is asked for another machine's. */
export function memoryOf(machine: Machine): DirectMemory {
  if (machine.direct !== undefined) return machine.direct;
  shared.machine = machine;
  return shared;
}

/** A 64-bit word of its halves. */
export function joinHalves(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
