import type { SimMemory } from './memory.js';
import type { KernelObject } from './objects.js';

/** Bytes of a task's kernel stack. */
export const stackBytes = 16384;

/** What the bottom of every kernel stack holds: the registers saved on the way in from user space. */
const savedRegistersBytes = 168;

/** A task: its `task_struct` and what the simulation keeps beside it. */
export class SimTask {
  /** Kernel stack pointer. */
  stackPointer: bigint;
  /** The CPU whose run queue it belongs to. */
  cpu: number;
  /** Virtual time at which it was last put on a CPU, ns. */
  runningSince = 0n;

  constructor(
    readonly object: KernelObject,
    readonly pid: number,
    readonly comm: string,
    /** Lowest address of its kernel stack. */
    readonly stackStart: bigint,
    /** Its user memory; `undefined` for a kernel thread. */
    readonly user: SimMemory | undefined,
    cpu: number,
  ) {
    this.cpu = cpu;
    this.stackPointer = stackStart + BigInt(stackBytes - savedRegistersBytes);
  }

  /** First address above its kernel stack. */
  get stackEnd(): bigint {
    return this.stackStart + BigInt(stackBytes);
  }
}
