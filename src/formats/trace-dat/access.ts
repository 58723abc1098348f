import { TraceDatError } from './error.js';
import type { ByteSource, Decompressors } from './source.js';

/**
 * What a part may unpack to, whatever its own size: a kernel's list of symbols is 10 MB, a piece of CPU data 40 KB.
 * Larger ones may as far as real ones of their size do, lest a few bytes ask for all memory.
 */
const ALWAYS_UNPACKED = 32 << 20;
const LARGEST_RATIO = 8;

/** Reads bytes of the source. Throws `truncated`. */
export function readFrom(source: ByteSource, offset: number, length: number): Uint8Array {
  if (offset + length > source.size) {
    throw new TraceDatError('truncated', `${length} bytes pass the end of the file`, offset);
  }
  return source.read(offset, length);
}

/** Decompresses to exactly `size` bytes. Throws `compression`, or `damaged` for a size without sense. */
export function decompress(
  decompressors: Decompressors,
  algorithm: string,
  packed: Uint8Array,
  size: number,
  offset: number,
): Uint8Array {
  const run = Object.hasOwn(decompressors, algorithm) ? decompressors[algorithm] : undefined;
  if (run === undefined) {
    throw new TraceDatError('compression', `nothing here decompresses ${JSON.stringify(algorithm)}`, offset);
  }
  if (size > ALWAYS_UNPACKED + LARGEST_RATIO * packed.length)
    throw new TraceDatError('damaged', `a part of ${packed.length} bytes that unpacks to ${size}`, offset);
  let bytes: Uint8Array;
  try {
    bytes = run(packed, size);
  } catch (cause) {
    throw new TraceDatError('compression', `${algorithm} data that cannot be decompressed`, offset, cause);
  }
  if (bytes.length === size) return bytes;
  throw new TraceDatError(
    'compression',
    `${bytes.length} bytes decompressed where ${size} were announced`,
    offset,
  );
}
