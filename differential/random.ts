/** A choice and how often it is taken compared with its neighbours. */
export type Weighted<T> = readonly [weight: number, choice: T];

/** Chance that is the same for the same seed on every machine (xorshift128). */
export class Random {
  #state: [number, number, number, number];

  constructor(seed: number) {
    this.#state = [seed >>> 0, 0x9e3779b9, 0x243f6a88, Math.floor(seed / 2 ** 32) ^ 0xb7e15162];
    for (let i = 0; i < 40; i++) this.#next();
  }

  #next(): number {
    const [a, b, c] = this.#state;
    let t = this.#state[3];
    t ^= t << 11;
    t ^= t >>> 8;
    const next = (t ^ a ^ (a >>> 19)) >>> 0;
    this.#state = [next, a, b, c];
    return next;
  }

  /** From 0 up to, not including, `end`. */
  below(end: number): number {
    return Math.floor((this.#next() / 2 ** 32) * end);
  }

  /** From `first` to `last`, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True in `probability` of the calls, 0 to 1. */
  chance(probability: number): boolean {
    return this.#next() / 2 ** 32 < probability;
  }

  /** One of a list that is not empty; of a text one of its characters. */
  pick<T>(list: ArrayLike<T>): T {
    return list[this.below(list.length)]!;
  }

  weighted<T>(choices: readonly Weighted<T>[]): T {
    let left = (this.#next() / 2 ** 32) * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return choices[choices.length - 1]![1];
  }

  /** A C identifier of exactly `length` characters. */
  identifier(length: number): string {
    let word = this.pick('abcdefghijklmnopqrstuvwxyz_ABCXYZ');
    while (word.length < length) word += this.pick('abcdefghijklmnopqrstuvwxyz_0123456789');
    return word;
  }
}
