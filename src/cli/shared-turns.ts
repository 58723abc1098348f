import type { SliceBorder } from '../formats/index.js';

/** Indices of `numbers`. */
const NEXT = 0;
const TURN = 1;
const WRITING = 2;
const STOPPED = 3;

/** What stands for a position or a loss that there is not, and for a loss that the kernel did not count. */
const NONE = -1;
const UNCOUNTED = -2;
/** Numbers of one CPU's border: CPU, position, loss. */
const EACH = 3;

/** Shared memory: can be sent to another thread. */
export interface TurnsMemory {
  readonly numbers: Int32Array;
  /** Where the slice that was written last ended. */
  readonly border: Float64Array;
}

/**
 * What threads that write slices share: which slice is the next to take, and whose turn it is to write. A slice is written
 * when all before it are, and when it begins where they end.
 */
export class SharedTurns {
  readonly memory: TurnsMemory;

  constructor(memory: TurnsMemory) {
    this.memory = memory;
  }

  static forCpus(count: number): SharedTurns {
    return new SharedTurns({
      numbers: new Int32Array(new SharedArrayBuffer(4 * 4)),
      border: new Float64Array(new SharedArrayBuffer(8 * EACH * count)),
    });
  }

  /** The number of a slice that nobody else takes. */
  take(): number {
    return Atomics.add(this.memory.numbers, NEXT, 1);
  }

  /** Slices that are written. */
  get written(): number {
    return Atomics.load(this.memory.numbers, TURN);
  }

  /** Nobody is to write any more. */
  get isStopped(): boolean {
    return Atomics.load(this.memory.numbers, STOPPED) === 1;
  }

  /** A thread is within a turn. */
  get isWriting(): boolean {
    return Atomics.load(this.memory.numbers, WRITING) === 1;
  }

  /** Where the last one that was written ended; `undefined` when there was none. */
  get border(): readonly SliceBorder[] | undefined {
    return this.written === 0 ? undefined : readBorder(this.memory.border);
  }

  stop(): void {
    Atomics.store(this.memory.numbers, STOPPED, 1);
    Atomics.notify(this.memory.numbers, TURN);
  }

  /** Waits while so many are written, at most so many milliseconds. */
  wait(written: number, milliseconds: number): void {
    if (!this.isStopped) Atomics.wait(this.memory.numbers, TURN, written, milliseconds);
  }

  /** Writes the slice whose turn it is, which ends here. */
  write(end: readonly SliceBorder[], write: () => void): void {
    const { numbers, border } = this.memory;
    Atomics.store(numbers, WRITING, 1);
    write();
    writeBorder(end, border);
    Atomics.store(numbers, WRITING, 0);
    Atomics.add(numbers, TURN, 1);
    Atomics.notify(numbers, TURN);
  }
}

function writeBorder(border: readonly SliceBorder[], to: Float64Array): void {
  border.forEach(({ cpu, position = NONE, lost }, index) => {
    to.set([cpu, position, lost === undefined ? NONE : (lost.count ?? UNCOUNTED)], index * EACH);
  });
}

function readBorder(from: Float64Array): SliceBorder[] {
  return Array.from({ length: from.length / EACH }, (_, index) => {
    const [cpu, position, loss] = from.subarray(index * EACH) as unknown as [number, number, number];
    return {
      cpu,
      position: position === NONE ? undefined : position,
      lost: loss === NONE ? undefined : { cpu, count: loss === UNCOUNTED ? undefined : loss },
    };
  });
}
