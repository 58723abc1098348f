/** A stream of one CPU's records in time order, as the merge sees it: the time of its next record. */
export interface TimedSource {
  readonly cpu: number;
  /** Upper 32 bits, unsigned. */
  readonly timeHigh: number;
  /** Lower 32 bits, unsigned. */
  readonly timeLow: number;
}

/**
 * Finds the source whose next record comes first: the earliest time, at equal times the lowest CPU number (spec 11
 * R11-44). Times are read from the sources, so that nothing is copied per record.
 */
export class TimeMerge<Source extends TimedSource> {
  readonly #heap: Source[] = [];

  /** The source of the earliest record; `undefined` when no source has one. */
  first(): Source | undefined {
    return this.#heap[0];
  }

  /** The sources as a heap: none is earlier than the one at half its place (of places from 1 on). */
  get heap(): readonly Source[] {
    return this.#heap;
  }

  /** Takes sources whose order was kept up elsewhere. */
  replace(heap: Iterable<Source>): void {
    this.#heap.splice(0, this.#heap.length, ...heap);
  }

  /** Adds a source that has a next record. */
  add(source: Source): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(source);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(source, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = source;
  }

  /** To be called when the first source has moved to its next record. */
  firstMoved(): void {
    const heap = this.#heap;
    const source = heap[0]!;
    const length = heap.length;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, source)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = source;
  }

  /** To be called when the first source has no further record. */
  firstEnded(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.firstMoved();
  }
}

function isBefore(a: TimedSource, b: TimedSource): boolean {
  if (a.timeHigh !== b.timeHigh) return a.timeHigh < b.timeHigh;
  if (a.timeLow !== b.timeLow) return a.timeLow < b.timeLow;
  return a.cpu < b.cpu;
}
