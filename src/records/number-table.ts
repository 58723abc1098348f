/** How many numbers have a place: those of 16 bits. */
const PLACES = 1 << 16;

/**
 * Values by small numbers. Engines keep an array with wide gaps as a hash table, which takes several times as long to read: this one has no
 * gaps.
 */
export class NumberTable<T> {
  readonly #places: (T | undefined)[] = [];

  /** No number from here on has a value. */
  get length(): number {
    return this.#places.length;
  }

  at(number: number): T | undefined {
    return this.#places[number];
  }

  /** A number that 16 bits do not hold has no place: its value is not kept. */
  set(number: number, value: T): void {
    if (!(number >= 0 && number < PLACES)) return;
    while (this.#places.length <= number) this.#places.push(undefined);
    this.#places[number] = value;
  }
}
