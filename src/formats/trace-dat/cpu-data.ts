import { decompress, readFrom } from './access.js';
import type { BufferData, CpuData } from './contents.js';
import { Cursor } from './cursor.js';
import { TraceDatError } from './error.js';
import type { ByteSource, Decompressors } from './source.js';

/** Bytes read at once. */
const PIECE = 1 << 16;

/** What all CPUs' data of one file have in common. */
export interface CpuDataFile {
  readonly source: ByteSource;
  readonly littleEndian: boolean;
  readonly compression: string;
  readonly decompressors: Decompressors;
}

/** How the data of a CPU are read. */
export interface CpuReading {
  /** Whether pieces that were handed out stay in use. */
  readonly keeps: () => boolean;
  /** Room for pieces by CPU, where they do not. */
  readonly spare: Map<number, Uint8Array>;
  /** Bytes to pass over; 0 where they are compressed. */
  readonly start?: number | undefined;
  /** Bytes that are likely read of the data: no piece passes them but those that lie behind. */
  readonly end?: number | undefined;
}

/**
 * Reads the sub-buffers of one CPU piece by piece; each piece is one more array, but for a reader that says it keeps none
 * when it asks for the next. Data that passes the end of the file,
 * as in one that was not finished, ends there. Throws `damaged` or `compression`.
 */
export function* readCpuData(
  file: CpuDataFile,
  { compressed }: BufferData,
  data: CpuData,
  { keeps, spare, start = 0, end: likely }: CpuReading,
): Generator<Uint8Array, void, undefined> {
  if (data.size === 0) return;
  const { source } = file;
  const { size } = source;
  if (data.offset > size)
    throw new TraceDatError('truncated', `CPU ${data.cpu} begins behind the end of the file`, data.offset);
  if (compressed) {
    // The size leaves out the number of pieces (spec 13 section 4).
    yield* readPieces(file, data.offset, data.offset + 4 + data.size, `the data of CPU ${data.cpu}`);
    return;
  }
  const end = Math.min(data.offset + data.size, size);
  const most = likely === undefined ? end : data.offset + likely;
  let length = 0;
  for (let offset = data.offset + start; offset < end; offset += length) {
    length = Math.min(PIECE, (offset < most ? Math.min(most, end) : end) - offset);
    if (keeps() || source.readInto === undefined) {
      yield source.read(offset, length);
    } else {
      const again = spare.get(data.cpu) ?? new Uint8Array(PIECE);
      spare.set(data.cpu, again);
      source.readInto(offset, length, again);
      yield again.subarray(0, length);
    }
  }
}

/** Decompresses what is stored up to `end` in pieces with their number before them. Throws as `readCpuData` does. */
export function* readPieces(
  file: CpuDataFile,
  offset: number,
  end: number,
  what: string,
): Generator<Uint8Array, void, undefined> {
  const { source, littleEndian, compression, decompressors } = file;
  const numbers = (at: number, length: number) => new Cursor(readFrom(source, at, length), littleEndian, at);
  let at = offset + 4;
  for (let left = numbers(offset, 4).u32(); left > 0; left--) {
    const head = numbers(at, 8);
    const packed = head.u32();
    const unpacked = head.u32();
    if (packed === 0 || unpacked === 0) throw new TraceDatError('damaged', `an empty piece of ${what}`, at);
    if (at + 8 + packed > end) throw new TraceDatError('damaged', `a piece passes the end of ${what}`, at);
    yield decompress(decompressors, compression, readFrom(source, at + 8, packed), unpacked, at);
    at += 8 + packed;
  }
}
