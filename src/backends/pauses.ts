/**
 * Pauses between looks at a buffer. The first is short, as somebody waits for the first record; each that follows is twice as
 * long as the one before it.
 */
export class Pauses {
  readonly #longest: number;
  #next: number;
  #end: (() => void) | undefined;

  /** Milliseconds, of the first pause and of the longest. */
  constructor(first: number, longest: number) {
    this.#longest = longest;
    this.#next = first;
  }

  /** One pause, of at most so many milliseconds. */
  wait(most: number = this.#longest): Promise<void> {
    const length = Math.min(this.#next, this.#longest, most);
    this.#next = length * 2;
    return new Promise(resolve => {
      const end = (): void => {
        clearTimeout(timer);
        this.#end = undefined;
        resolve();
      };
      const timer = setTimeout(end, length);
      this.#end = end;
    });
  }

  /** Ends the pause that is on. */
  cutShort(): void {
    this.#end?.();
  }
}
