import { closeSync, openSync, readSync } from 'node:fs';

const HEADER = 64;
const PROGRAM_HEADER = 56;
const MOST_PROGRAM_HEADERS = 4096;
const LOADED = 1;

/**
 * The 64-bit word at an address of the running kernel, as `/proc/kcore` shows it to root: an ELF core file of the kernel's
 * memory. `undefined` where it cannot be read: to other users, under lockdown, in containers, outside of what it holds.
 */
export function readKernelWord(address: bigint, path = '/proc/kcore'): bigint | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const header = readAt(file, 0n, HEADER);
    if (header.getUint32(0) !== 0x7f454c46 || header.getUint8(4) !== 2) return undefined;
    const little = header.getUint8(5) === 1;
    const table = header.getBigUint64(32, little);
    const count = Math.min(header.getUint16(56, little), MOST_PROGRAM_HEADERS);
    const segments = readAt(file, table, count * PROGRAM_HEADER);
    for (let at = 0; at < count * PROGRAM_HEADER; at += PROGRAM_HEADER) {
      const start = segments.getBigUint64(at + 16, little);
      const isHere = address >= start && address + 8n <= start + segments.getBigUint64(at + 32, little);
      if (segments.getUint32(at, little) !== LOADED || !isHere) continue;
      const offset = segments.getBigUint64(at + 8, little) + (address - start);
      return readAt(file, offset, 8).getBigUint64(0, little);
    }
    return undefined;
  } catch {
    // Whatever is in the way, the word is not known: that is all a caller can say of it.
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Throws at the end of the file. */
function readAt(file: number, position: bigint, length: number): DataView {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const got = readSync(file, bytes, done, length - done, position + BigInt(done));
    if (got === 0) throw new RangeError('the file ends early');
    done += got;
  }
  return new DataView(bytes.buffer);
}
