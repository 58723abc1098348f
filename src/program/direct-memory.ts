import { halves, highHalf, lowHalf, word } from './halves.js';
import type { Machine } from './machine.js';

/**
 * A machine's memory, looked up without making an object: what was found last is at `bytes[at]` and on, until the next
 * look-up. Addresses are halves of 64 bits, as signed or unsigned 32-bit integers alike.
 */
export interface DirectMemory {
  readonly bytes: Uint8Array;
  readonly at: number;
  /** The machine's `taskSize`, as unsigned halves. */
  readonly taskHigh: number;
  readonly taskLow: number;
  /** Looks up kernel memory; false when any of the bytes cannot be read. */
  findKernel(high: number, low: number, length: number): boolean;
  /** As `findKernel`, of the current task's user memory. */
  findUser(high: number, low: number, length: number): boolean;
}

/** The memory of a machine that has no direct one: each look-up is one read of the machine. */
class ReadMemory implements DirectMemory {
  bytes: Uint8Array = new Uint8Array(0);
  readonly at = 0;
  taskHigh = 0;
  taskLow = 0;
  #machine: Machine | undefined;

  attach(machine: Machine): void {
    this.#machine = machine;
    word[0] = machine.taskSize;
    this.taskHigh = halves[highHalf]! >>> 0;
    this.taskLow = halves[lowHalf]! >>> 0;
  }

  findKernel(high: number, low: number, length: number): boolean {
    return this.#take(this.#machine?.readKernel(joinHalves(high, low), length));
  }

  findUser(high: number, low: number, length: number): boolean {
    return this.#take(this.#machine?.readUser(joinHalves(high, low), length));
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
  shared.attach(machine);
  return shared;
}

/** Looks up memory by the rules of plain reads (spec 04 section 1); `userSpace` as the machine says. */
export function findPlain(
  memory: DirectMemory,
  userSpace: boolean,
  high: number,
  low: number,
  length: number,
): boolean {
  if (userSpace) return findUser(memory, high, low, length);
  return isBelowTaskSize(memory, high, low)
    ? memory.findUser(high, low, length)
    : memory.findKernel(high, low, length);
}

/** Looks up memory by the rules of user reads. */
export function findUser(memory: DirectMemory, high: number, low: number, length: number): boolean {
  const hasRange = memory.taskHigh !== 0 || memory.taskLow !== 0;
  if (hasRange && !isBelowTaskSize(memory, high, low)) return false;
  return memory.findUser(high, low, length);
}

export function isBelowTaskSize({ taskHigh, taskLow }: DirectMemory, high: number, low: number): boolean {
  const unsigned = high >>> 0;
  return unsigned < taskHigh || (unsigned === taskHigh && low >>> 0 < taskLow);
}

/** A 64-bit word of its halves. */
export function joinHalves(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
