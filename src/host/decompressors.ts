import type { Decompress, Decompressors } from '../formats/index.js';

/** Node has it from 22.15 on. */
type Native = (packed: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

/**
 * What decompresses the parts of a trace.dat: zlib, and zstd by Node where it can, else by zstd's own code in a package.
 * With `algorithm`, the name of the one that is needed, nothing is loaded for the other.
 */
export async function loadDecompressors(algorithm?: string): Promise<Decompressors> {
  // With it Node loads all it has of streams: only who decompresses pays for that.
  const zlib = process.getBuiltinModule('node:zlib');
  const inflate = { zlib: bounded(zlib.inflateSync) };
  if (algorithm !== undefined && algorithm !== 'zstd') return inflate;
  const native = (zlib as { readonly zstdDecompressSync?: Native }).zstdDecompressSync;
  return { ...inflate, zstd: native === undefined ? await loadZstd() : bounded(native) };
}

function bounded(decompress: Native): Decompress {
  return (packed, size) => decompress(packed, { maxOutputLength: Math.max(1, size) });
}

async function loadZstd(): Promise<Decompress> {
  const { ZSTDDecoder } = await import('zstddec');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  // Given a size it makes room for no more; of what is damaged it gives back nothing.
  return (packed, size) => decoder.decode(packed, Math.max(1, size));
}
