import * as zlib from 'node:zlib';
import type { Decompressors } from '../formats/index.js';

/** Node has it from 22.15 on. */
type ZstdDecompress = (packed: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

/** What decompresses the parts of a trace.dat: zlib, and zstd by Node where it can, else by a slower package. */
export async function loadDecompressors(): Promise<Decompressors> {
  const native = (zlib as { zstdDecompressSync?: ZstdDecompress }).zstdDecompressSync;
  const zstd = native === undefined ? await loadZstd() : bounded(native);
  return { zlib: bounded(zlib.inflateSync), zstd };
}

function bounded(decompress: ZstdDecompress): (packed: Uint8Array, size: number) => Uint8Array {
  return (packed, size) => decompress(packed, { maxOutputLength: Math.max(1, size) });
}

async function loadZstd(): Promise<(packed: Uint8Array, size: number) => Uint8Array> {
  const { decompress } = await import('fzstd');
  // Given the room for what is announced, it makes none by itself.
  return (packed, size) => decompress(packed, new Uint8Array(size));
}
