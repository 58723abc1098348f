import { writeSync } from 'node:fs';

/** Milliseconds between two tries where a reader that is behind makes the kernel refuse. */
const PAUSE = 2;

const nobody = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes bytes to a descriptor, at the speed of who reads them. Throws the system's error, `EPIPE` when nobody reads any
 * more.
 */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      // Who shares a pipe with us may have made it one that is not waited for.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(nobody, 0, 0, PAUSE);
    }
  }
}
