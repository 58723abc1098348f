import { createWriteStream } from 'node:fs';
import { cannotWrite, Output } from './output.js';
import { streamOf, writeNow } from './standard-streams.js';

/** Where a trace's records go. */
export type TraceOutput = Pick<Output, 'closed' | 'write' | 'finish'>;

/**
 * Standard output, or a file that is replaced: nobody waits for a reader without an ear for signals. `onClosed` is called when
 * nobody reads any more.
 */
export function openTraceOutput(path: string | undefined, onClosed: () => void): TraceOutput {
  if (path === undefined) return new StandardOutput(onClosed);
  return new Output(createWriteStream(path), onClosed, path);
}

/** Written without Node's stream until somebody has to be waited for: that is long in being loaded. */
export class StandardOutput implements TraceOutput {
  readonly #onClosed: () => void;
  #isClosed = false;
  #stream: Output | undefined;

  constructor(onClosed: () => void = () => {}) {
    this.#onClosed = onClosed;
  }

  get closed(): boolean {
    return this.#isClosed || this.#stream?.closed === true;
  }

  /** Writes text or bytes, and waits while the reader is behind. Throws a `CommandError` `output`. */
  async write(chunk: string | Uint8Array): Promise<void> {
    if (this.closed) return;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const written = this.#stream === undefined ? this.#writeNow(bytes) : 0;
    if (written === bytes.length) return;
    this.#stream ??= new Output(streamOf(1), this.#onClosed);
    await this.#stream.write(bytes.subarray(written));
  }

  async finish(): Promise<void> {
    await this.#stream?.finish();
  }

  #writeNow(bytes: Uint8Array): number {
    try {
      return writeNow(1, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw cannotWrite('to standard output', error);
      this.#isClosed = true;
      this.#onClosed();
      return bytes.length;
    }
  }
}
