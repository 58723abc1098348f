import { KernelError } from './error.js';
import { newline } from './text.js';

const firstRoom = 1 << 16;

/** A text of lines that comes in pieces and is read no further than somebody asks. */
export class GrowingText implements Disposable {
  #pieces: Iterator<Uint8Array> | undefined;
  #released = false;
  #bytes = new Uint8Array(firstRoom);
  #length = 0;
  #lines = 0;

  constructor(pieces: Iterator<Uint8Array>) {
    this.#pieces = pieces;
  }

  /** The whole lines of what came; all of it once nothing more comes. Stays as it is when more comes. */
  get lines(): Uint8Array {
    return this.#bytes.subarray(0, this.#lines);
  }

  /** Takes the next piece; false when there is none. Throws a `KernelError` with code `released` once disposed. */
  grow(): boolean {
    if (this.#released)
      throw new KernelError('released', 'the kernel was disposed while its symbols were read');
    const next = this.#pieces?.next();
    if (next === undefined || next.done === true) {
      this.#pieces = undefined;
      this.#lines = this.#length;
      return false;
    }
    this.#add(next.value);
    const end = this.#bytes.subarray(0, this.#length).lastIndexOf(newline);
    this.#lines = Math.max(this.#lines, end + 1);
    return true;
  }

  /** All of it. Throws as `grow` does. */
  whole(): Uint8Array {
    while (this.grow());
    return this.lines;
  }

  /** Gives up what was not read. */
  [Symbol.dispose](): void {
    if (this.#pieces === undefined) return;
    this.#released = true;
    this.#pieces.return?.();
    this.#pieces = undefined;
  }

  #add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }
}
