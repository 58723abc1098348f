import { decodeByteString } from '../../records/index.js';
import type { OpenCall } from './calls.js';

/** A thread, or a CPU while it idles. */
export interface TimelineThread {
  /** Of the process where it is known, else the thread's own; 0 of an idle CPU. */
  readonly pid: number;
  /** 0 of an idle CPU. */
  readonly tid: number;
  /** Set for a CPU that idles. */
  readonly idleCpu: number | undefined;
  /** As last known, '' when not known. */
  readonly name: string;
}

/** A thread and the calls that it is in. */
export interface ThreadState extends TimelineThread {
  name: string;
  comm: string;
  readonly calls: OpenCall[];
}

/** The threads that records were of. */
export class Threads {
  readonly #threads = new Map<number, ThreadState>();
  readonly #idle: ThreadState[] = [];
  readonly #processOf: (tid: number) => number | undefined;
  readonly #changed: (thread: ThreadState) => void;

  /** `changed` is called for each new thread and each new name. */
  constructor(processOf: (tid: number) => number | undefined, changed: (thread: ThreadState) => void) {
    this.#processOf = processOf;
    this.#changed = changed;
  }

  /** The thread of a record. */
  of(tid: number, comm: string, cpu: number): ThreadState {
    if (tid === 0) return this.#idleOf(cpu);
    let thread = this.#threads.get(tid);
    if (thread === undefined) {
      const pid = this.#processOf(tid) ?? tid;
      thread = { pid, tid, idleCpu: undefined, name: '', comm: '', calls: [] };
      this.#threads.set(tid, thread);
      this.#rename(thread, comm);
      this.#changed(thread);
    } else if (thread.comm !== comm && comm !== '<...>') {
      this.#rename(thread, comm);
      this.#changed(thread);
    }
    return thread;
  }

  *[Symbol.iterator](): Generator<ThreadState, void, undefined> {
    yield* this.#threads.values();
    for (const thread of this.#idle) if (thread !== undefined) yield thread;
  }

  #rename(thread: ThreadState, comm: string): void {
    thread.comm = comm;
    if (comm !== '<...>') thread.name = decodeByteString(comm).text;
  }

  #idleOf(cpu: number): ThreadState {
    let thread = this.#idle[cpu];
    if (thread === undefined) {
      thread = { pid: 0, tid: 0, idleCpu: cpu, name: `swapper/${cpu}`, comm: '', calls: [] };
      this.#idle[cpu] = thread;
      this.#changed(thread);
    }
    return thread;
  }
}
