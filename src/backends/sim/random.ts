/** A small deterministic generator: the same seed gives the same sequence everywhere. Not for secrets. */
export class Random {
  private state: number;

  /** `seed`: any 32-bit integer. */
  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor((this.next() / 0x1_0000_0000) * (high - low + 1));
  }

  /** True once in `n` times on average. */
  oneIn(n: number): boolean {
    return this.between(1, n) === 1;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!;
  }

  /** Weyl sequence with the finalizer of MurmurHash3: 32 well-mixed bits. */
  private next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }
}
