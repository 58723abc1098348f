import type { Writable } from 'node:stream';
import { CommandError, systemReason } from './error.js';
import { isStandard } from './standard-streams.js';

/**
 * Where a command's results go, at the speed of who reads them. A reader that went away (`| head`) is no error: `closed`
 * turns true and further writes do nothing.
 */
export class Output {
  readonly #stream: Writable;
  readonly #name: string;
  #closed = false;
  #failure: Error | undefined;

  /** `name` is for messages. `onClosed` is called when nothing more can be written: whoever has nothing to write now learns it, too. */
  constructor(stream: Writable, onClosed: () => void = () => {}, name = 'to standard output') {
    this.#stream = stream;
    this.#name = name;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      if (error.code !== 'EPIPE') this.#failure = error;
      onClosed();
    });
  }

  /** Nobody reads any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Writes text or bytes, and waits while the reader is behind. Throws a `CommandError` `output`. */
  async write(chunk: string | Uint8Array): Promise<void> {
    this.#check();
    if (this.#closed || chunk.length === 0) return;
    if (!this.#stream.write(chunk)) await this.#drained();
    this.#check();
  }

  /** Waits until all is written. For a file: closes it. */
  async finish(): Promise<void> {
    // A stream that failed may have closed long ago.
    if (!isStandard(this.#stream) && !this.#stream.closed) {
      await new Promise<void>(resolve => {
        this.#stream.once('close', resolve);
        this.#stream.end();
      });
    } else if (this.#stream.writableLength > 0) {
      await new Promise<void>(resolve => this.#stream.write('', () => resolve()));
    }
    this.#check();
  }

  #check(): void {
    if (this.#failure === undefined) return;
    throw cannotWrite(this.#name, this.#failure);
  }

  #drained(): Promise<void> {
    const stream = this.#stream;
    return new Promise(resolve => {
      const done = (): void => {
        stream.off('drain', done).off('error', done);
        resolve();
      };
      stream.on('drain', done).on('error', done);
    });
  }
}

/** The error of output that cannot be written; `name` tells where to. */
export function cannotWrite(name: string, error: unknown): CommandError {
  return new CommandError('output', `cannot write ${name}: ${systemReason(error)}`, [], error);
}
