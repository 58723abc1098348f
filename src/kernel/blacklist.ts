import { KernelError } from './error.js';
import { kernelText } from './text.js';

/** Ranges of kernel code where no kprobe may stand. */
export class ProbeBlacklist {
  readonly #starts: readonly bigint[];
  /** The highest end of this and all ranges before it: ranges may overlap. */
  readonly #ends: readonly bigint[];

  /** `text`: `/sys/kernel/debug/kprobes/blacklist`, lines `0xSTART-0xEND` TAB NAME. Throws a `KernelError`, `bad-line`. */
  constructor(bytes: Uint8Array | undefined) {
    const lines = kernelText(bytes)
      .split('\n')
      .filter(line => line.trim() !== '');
    const ranges = lines.map(parseRange).sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    this.#starts = ranges.map(range => range.start);
    let end = 0n;
    this.#ends = ranges.map(range => {
      if (range.end > end) end = range.end;
      return end;
    });
  }

  /** True when a range covers the address; ends are exclusive. */
  covers(address: bigint): boolean {
    let from = 0;
    let to = this.#starts.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#starts[middle]! <= address) from = middle + 1;
      else to = middle;
    }
    return from > 0 && address < this.#ends[from - 1]!;
  }
}

function parseRange(line: string): { start: bigint; end: bigint } {
  const parts = /^0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})(\s|$)/i.exec(line);
  if (parts === null) {
    throw new KernelError('bad-line', `kprobes blacklist: ${JSON.stringify(line.slice(0, 120))} is no range`);
  }
  return { start: BigInt(`0x${parts[1]}`), end: BigInt(`0x${parts[2]}`) };
}
