import { KernelError } from '../kernel/index.js';

/** No part of a bundle is larger than this when decompressed: an archive that says more is not a kernel's. */
export const maxPartSize = 256 << 20;

/** Decompresses gzip to at most `limit` bytes. Throws a `KernelError` with code `bad-archive`; `where` names the source. */
export function unpack(packed: Uint8Array, limit: number, where: string): Uint8Array {
  // Loaded here alone: with everything in the cache, a run never pays for zlib.
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  try {
    return gunzipSync(packed, { maxOutputLength: limit });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason =
      code === 'ERR_BUFFER_TOO_LARGE' ? `it grows beyond ${limit >> 20} MiB, as no kernel's does` : message;
    throw new KernelError('bad-archive', `cannot decompress ${where}: ${reason}`, { cause });
  }
}

/** In hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex');
}
