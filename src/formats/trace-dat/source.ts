/** Bytes that can be read anywhere: a file, or what is in memory. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`, both inside `size`. The caller may keep them. */
  read(offset: number, length: number): Uint8Array;
  /** As `read`, into these bytes, from their start. A source that has its bytes in memory needs no such way. */
  readInto?(offset: number, length: number, target: Uint8Array): void;
}

/** Bytes in memory; what is read are views of them. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** Decompresses one stream to exactly `size` bytes; throws when that is not what comes out. */
export type Decompress = (packed: Uint8Array, size: number) => Uint8Array;

/** By the name that a trace.dat gives the algorithm: `zlib`, `zstd`. */
export type Decompressors = Readonly<Record<string, Decompress | undefined>>;
