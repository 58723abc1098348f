import { Cursor } from './cursor.js';
import { TraceDatError } from './error.js';
import type { ByteSource } from './source.js';

const MAGIC = [0x17, 0x08, 0x44, 0x74, 0x72, 0x61, 0x63, 0x69, 0x6e, 0x67];
/** The initial part is never longer: its words are short. */
const LONGEST = 4096;
const LARGEST_PAGE = 1 << 26;

/** What a file begins with (spec 13 section 1). */
export interface InitialPart {
  readonly version: 6 | 7;
  readonly littleEndian: boolean;
  readonly longSize: number;
  readonly pageSize: number;
  readonly compression: string;
  /** Version 7: where the first section of options is. */
  readonly optionsOffset: number;
  /** Bytes of the initial part. */
  readonly length: number;
}

/** True for bytes that begin as a trace.dat does. */
export function isTraceDat(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

/** How a trace.dat is compressed: `none`, or the algorithm's name. Throws a `TraceDatError` for what is none. */
export function traceDatCompression(source: ByteSource): string {
  return readInitialPart(source).compression;
}

/** Throws `magic`, `version`, `truncated` or `damaged`. */
export function readInitialPart(source: ByteSource): InitialPart {
  const bytes = source.read(0, Math.min(LONGEST, source.size));
  if (!isTraceDat(bytes)) throw new TraceDatError('magic', 'this is no trace.dat');
  const words = new Cursor(bytes, true, 0, MAGIC.length);
  const version = words.string('the version');
  if (version !== '6' && version !== '7') {
    throw new TraceDatError(
      'version',
      `a trace.dat of version ${JSON.stringify(version)}; 6 and 7 are known`,
    );
  }
  const order = words.u8();
  const longSize = words.u8();
  if (order > 1) throw new TraceDatError('version', `${order} as byte order`);
  if (longSize !== 4 && longSize !== 8) throw new TraceDatError('version', `${longSize} bytes in a long`);
  const littleEndian = order === 0;
  const rest = new Cursor(bytes, littleEndian, 0, words.position);
  const pageSize = checkPageSize(rest.u32());
  const common = { littleEndian, longSize, pageSize };
  if (version === '6') {
    return { ...common, version: 6, compression: 'none', optionsOffset: 0, length: rest.position };
  }
  const compression = rest.string('the name of the compression');
  rest.string('the version of the compression');
  const optionsOffset = rest.size('an offset');
  return { ...common, version: 7, compression, optionsOffset, length: rest.position };
}

/** Bytes of a page or sub-buffer: throws `damaged` for what no kernel has. */
export function checkPageSize(size: number): number {
  if (size >= 64 && size <= LARGEST_PAGE) return size;
  throw new TraceDatError('damaged', `a page of ${size} bytes`);
}
