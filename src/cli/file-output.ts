import { closeSync, createWriteStream, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { cannotWrite, Output } from './output.js';

/** Where results go. */
export interface ResultOutput {
  /** Nobody reads any more. */
  readonly closed: boolean;
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
  if (isFile(1)) return new FileOutput(1, undefined);
  return new StreamOutput(new Output(process.stdout));
}

/** A file that never has to be waited for: the bytes are handed to the kernel as they are, not copied for later. */
class FileOutput implements ResultOutput {
  readonly closed = false;
  readonly #file: number;
  /** `undefined`: standard output, which is not closed here. */
  readonly #path: string | undefined;

  constructor(file: number, path: string | undefined) {
    this.#file = file;
    this.#path = path;
  }

  async write(chunk: string | Uint8Array): Promise<void> {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw cannotWrite(this.#path ?? 'to standard output', error);
    }
  }

  async finish(): Promise<void> {
    if (this.#path === undefined) return;
    try {
      closeSync(this.#file);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }
}

/** A pipe or terminal. The stream holds what it is given until somebody reads: that must be a copy. */
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

function isFile(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() || (stats.isCharacterDevice() && !isatty(descriptor));
  } catch {
    // Closed: the stream says so.
    return false;
  }
}
