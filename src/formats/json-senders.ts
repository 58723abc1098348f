import { ByteText, bytesOf, FixedText } from '../records/index.js';
import { JsonText } from './json-text.js';

/** Names of threads that are kept as JSON. */
const MOST_COMMS = 1 << 15;
/** CPUs with a place in a table. */
const MOST_CPUS = 1 << 12;

/** The thread that made a record, on its CPU. */
export interface Sender {
  readonly pid: number;
  readonly comm: string;
  /** From the quote behind the time to the one before the flags. */
  readonly json: FixedText;
  readonly latin1: boolean;
}

/** Who made records, as JSON: the last one of each CPU is kept. */
export class JsonSenders {
  readonly #last: (Sender | undefined)[] = [];
  readonly #comms = new Map<string, { readonly json: string; readonly latin1: boolean }>();

  of(pid: number, cpu: number, comm: string): Sender {
    const last = this.#last[cpu];
    const isLast = last !== undefined && last.pid === pid && last.comm === comm;
    return isLast ? last : this.#make(pid, cpu, comm);
  }

  #make(pid: number, cpu: number, comm: string): Sender {
    const { json: quoted, latin1 } = this.#commOf(comm);
    const json = FixedText.of(`","cpu":${cpu},"pid":${pid},"comm":${quoted},"flags":"`);
    const sender = { pid, comm, json, latin1 };
    if (cpu < MOST_CPUS) this.#last[cpu] = sender;
    return sender;
  }

  #commOf(comm: string): { readonly json: string; readonly latin1: boolean } {
    let known = this.#comms.get(comm);
    if (known === undefined) {
      if (this.#comms.size >= MOST_COMMS) this.#comms.clear();
      const text = new JsonText(new ByteText(64));
      const latin1 = !text.string(bytesOf(comm), 0, comm.length);
      known = { json: new FixedText(text.out.take()).toString(), latin1 };
      this.#comms.set(comm, known);
    }
    return known;
  }
}
