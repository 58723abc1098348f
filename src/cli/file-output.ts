import { closeSync, createWriteStream, openSync, statSync } from 'node:fs';
import type { CommandError } from './error.js';
import { cannotWrite, Output } from './output.js';
import { isTerminal, streamOf } from './standard-streams.js';
import { writeFully } from './write-fully.js';

/** Where results go. */
export interface ResultOutput {
  /** Nobody reads any more. */
  readonly closed: boolean;
  /** Where any thread may write, in its turn; `undefined`: only `write` can. */
  readonly descriptor?: number;
  /** The error of a write to the descriptor that failed; `undefined`: nobody reads any more, which is none. */
  failure?(error: unknown): CommandError | undefined;
  /** Writes text or bytes, which may be used for others once that is done. Throws a `CommandError` `output`. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Waits until all is written. */
  finish(): Promise<void>;
}

/** The file that `--output` names: none for `-`, which is standard output. */
export function outputFile(name: string | undefined): string | undefined {
  return name === '-' ? undefined : name;
}

/** Standard output, or a file that is replaced. */
export function openOutput(path: string | undefined): ResultOutput {
  if (path !== undefined) {
    // Opening a pipe waits for its reader, which may go away again.
    const isPipe = statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
    if (isPipe) return new StreamOutput(new Output(createWriteStream(path), undefined, path));
    return new FileOutput(openFile(path), path);
  }
  return isTerminal(1) ? new StreamOutput(new Output(streamOf(1))) : new FileOutput(1, undefined);
}

/** A file, or a pipe at the speed of its reader: the bytes are handed to the kernel as they are, not copied for later. */
class FileOutput implements ResultOutput {
  readonly descriptor: number;
  closed = false;
  /** `undefined`: standard output, which is not closed here. */
  readonly #path: string | undefined;

  constructor(descriptor: number, path: string | undefined) {
    this.descriptor = descriptor;
    this.#path = path;
  }

  async write(chunk: string | Uint8Array): Promise<void> {
    if (this.closed) return;
    try {
      writeFully(this.descriptor, typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    } catch (error) {
      const failure = this.failure(error);
      if (failure !== undefined) throw failure;
    }
  }

  failure(error: unknown): CommandError | undefined {
    this.closed = (error as NodeJS.ErrnoException).code === 'EPIPE';
    return this.closed ? undefined : cannotWrite(this.#path ?? 'to standard output', error);
  }

  async finish(): Promise<void> {
    if (this.#path === undefined) return;
    try {
      closeSync(this.descriptor);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }
}

/** A terminal, or a pipe that was named. The stream holds what it is given until somebody reads: that must be a copy. */
class StreamOutput implements ResultOutput {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  get closed(): boolean {
    return this.#output.closed;
  }

  write(chunk: string | Uint8Array): Promise<void> {
    return this.#output.write(typeof chunk === 'string' ? chunk : chunk.slice());
  }

  finish(): Promise<void> {
    return this.#output.finish();
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
