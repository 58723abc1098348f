import { systemCall } from './ffi.js';

/** A file descriptor that is closed once. What the kernel keeps alive by it goes with the last one, or the process. */
export class Descriptor implements Disposable {
  #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  /** Throws once closed. */
  get number(): number {
    if (this.#number < 0) throw new RangeError('the descriptor is closed');
    return this.#number;
  }

  [Symbol.dispose](): void {
    if (this.#number < 0) return;
    const number = this.#number;
    this.#number = -1;
    systemCall('close', 'close', number);
  }
}
