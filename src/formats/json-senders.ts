import { ByteText, bytesOf, FixedText } from '../records/index.js';
import { JsonText } from './json-text.js';

/** Names of threads that are kept as JSON. */
const MOST_COMMS = 1 << 15;
/** CPUs with a place in a table. */
const MOST_CPUS = 1 << 12;

/** No kernel has more pids. */
const PIDS = 1 << 22;
const MOST_SENDERS = 1 << 13;

/** The thread that made a record, on its CPU. */
export interface Sender {
  readonly pid: number;
  readonly cpu: number;
  readonly comm: string;
  /** From the quote behind the time to the one before the flags. */
  readonly json: FixedText;
  readonly latin1: boolean;
}

/** Who made records, as JSON. */
export class JsonSenders {
  /** The last one of each CPU. */
  readonly #last: (Sender | undefined)[] = [];
  readonly #senders = new Map<number, Sender>();
  readonly #comms = new Map<string, { readonly json: string; readonly latin1: boolean }>();

  of(pid: number, cpu: number, comm: string): Sender {
    const last = this.#last[cpu];
    const isLast = last !== undefined && last.pid === pid && last.comm === comm;
    return isLast ? last : this.#find(pid, cpu, comm);
  }

  #find(pid: number, cpu: number, comm: string): Sender {
    const key = pid + cpu * PIDS;
    let sender = this.#senders.get(key);
    if (sender === undefined || sender.pid !== pid || sender.cpu !== cpu || sender.comm !== comm) {
      if (this.#senders.size >= MOST_SENDERS) this.#senders.clear();
      sender = this.#make(pid, cpu, comm);
      this.#senders.set(key, sender);
    }
    if (cpu < MOST_CPUS) this.#last[cpu] = sender;
    return sender;
  }

  #make(pid: number, cpu: number, comm: string): Sender {
    const { json: quoted, latin1 } = this.#commOf(comm);
    const json = FixedText.of(`","cpu":${cpu},"pid":${pid},"comm":${quoted},"flags":"`);
    return { pid, cpu, comm, json, latin1 };
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
