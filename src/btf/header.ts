import { BtfError } from './error.js';

/** Where the sections of a raw BTF blob are; byte offsets from the start of the blob. */
export interface BtfHeader {
  readonly littleEndian: boolean;
  readonly typeStart: number;
  readonly typeLength: number;
  readonly stringStart: number;
  readonly stringLength: number;
  /** The section that tells the length of records by kind (spec 07 section 4); length 0 when there is none. */
  readonly layoutStart: number;
  readonly layoutLength: number;
}

const MAGIC = 0xeb9f;
const SHORT_HEADER = 24;
const LAYOUT_HEADER = 32;

/** Reads and checks the header (spec 10 section 2). Throws a `BtfError`. */
export function readHeader(bytes: Uint8Array): BtfHeader {
  if (bytes.length < 2) throw new BtfError('truncated', `${bytes.length} bytes are no BTF header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = view.getUint16(0, true) === MAGIC;
  if (!littleEndian && view.getUint16(0, false) !== MAGIC) {
    throw new BtfError('not-btf', 'the magic number 0xeb9f of BTF is missing');
  }
  if (bytes.length < SHORT_HEADER) {
    throw new BtfError(
      'truncated',
      `the header needs ${SHORT_HEADER} bytes, there are ${bytes.length}`,
      bytes.length,
    );
  }
  const version = view.getUint8(2);
  if (version !== 1) throw new BtfError('newer-format', `BTF version ${version}, known is 1`, 2);
  const flags = view.getUint8(3);
  if (flags !== 0) throw new BtfError('newer-format', `unknown header flags 0x${flags.toString(16)}`, 3);

  const headerLength = view.getUint32(4, littleEndian);
  if (headerLength < SHORT_HEADER) {
    throw new BtfError('bad-header', `header length ${headerLength} is below ${SHORT_HEADER}`, 4);
  }
  if (headerLength > bytes.length) {
    throw new BtfError('truncated', `header length ${headerLength} exceeds the ${bytes.length} bytes`, 4);
  }
  const hasLayout = headerLength >= LAYOUT_HEADER;
  for (let at = hasLayout ? LAYOUT_HEADER : SHORT_HEADER; at < headerLength; at++) {
    if (bytes[at] !== 0)
      throw new BtfError('newer-format', 'the header has fields this reader does not know', at);
  }

  const section = (what: string, at: number): Section => {
    const offset = view.getUint32(at, littleEndian);
    const length = view.getUint32(at + 4, littleEndian);
    const start = headerLength + offset;
    if (start + length > bytes.length) {
      const message = `the ${what} section (offset ${start}, ${length} bytes) exceeds the ${bytes.length} bytes`;
      throw new BtfError('truncated', message, at);
    }
    return { what, start, length };
  };
  const types = section('type', 8);
  const strings = section('string', 16);
  const layout = hasLayout ? section('layout', 24) : { what: 'layout', start: 0, length: 0 };
  if ((types.start - headerLength) % 4 !== 0 || types.length % 4 !== 0) {
    throw new BtfError('bad-header', 'offset and length of the type section must be multiples of 4', 8);
  }
  if (layout.length % 4 !== 0) {
    throw new BtfError('bad-header', 'the length of the layout section must be a multiple of 4', 28);
  }
  refuseOverlap(types, strings);
  refuseOverlap(types, layout);
  refuseOverlap(strings, layout);
  return {
    littleEndian,
    typeStart: types.start,
    typeLength: types.length,
    stringStart: strings.start,
    stringLength: strings.length,
    layoutStart: layout.start,
    layoutLength: layout.length,
  };
}

interface Section {
  readonly what: string;
  readonly start: number;
  readonly length: number;
}

function refuseOverlap(one: Section, other: Section): void {
  if (one.length === 0 || other.length === 0) return;
  if (one.start < other.start + other.length && other.start < one.start + one.length) {
    throw new BtfError('bad-header', `the ${one.what} and the ${other.what} section overlap`, 8);
  }
}
