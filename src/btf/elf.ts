import { BtfError } from './error.js';

/** A section of an ELF file; `bytes` is a view of the file. */
export interface ElfSection {
  readonly name: string;
  /** Byte offset within the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface ElfFormat {
  readonly wide: boolean;
  readonly littleEndian: boolean;
  readonly view: DataView;
}

interface SectionHeader {
  readonly nameOffset: number;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

const SHT_NOBITS = 8;
const SHF_COMPRESSED = 0x800;
const SHN_XINDEX = 0xffff;

/**
 * The sections of those names, read from the section headers of an ELF file of either class and byte order; names that do not occur
 * are left out. Throws `bad-elf` or `compressed`.
 */
export function readElfSections(bytes: Uint8Array, names: readonly string[]): Map<string, ElfSection> {
  const format = readFormat(bytes);
  const headers = readSectionHeaders(format);
  const found = new Map<string, ElfSection>();
  if (headers.sections.length === 0) return found;
  const nameSection = headers.sections[headers.nameIndex];
  if (nameSection === undefined)
    throw new BtfError('bad-elf', `there is no section ${headers.nameIndex} of names`);
  const text = contents(bytes, nameSection, 'section names');
  for (const header of headers.sections) {
    const name = names.find(candidate => nameIs(text, header.nameOffset, candidate));
    if (name === undefined || found.has(name)) continue;
    if ((header.flags & SHF_COMPRESSED) !== 0) {
      const message = `section ${name} is compressed: run objcopy --decompress-debug-sections on the file`;
      throw new BtfError('compressed', message, header.offset);
    }
    if (header.type === SHT_NOBITS)
      throw new BtfError('bad-elf', `section ${name} has no content`, header.offset);
    found.set(name, { name, offset: header.offset, bytes: contents(bytes, header, `section ${name}`) });
  }
  return found;
}

function readFormat(bytes: Uint8Array): ElfFormat {
  if (bytes.length < 20) throw new BtfError('bad-elf', 'the ELF header is cut off', bytes.length);
  const fileClass = bytes[4];
  const order = bytes[5];
  if (fileClass !== 1 && fileClass !== 2) throw new BtfError('bad-elf', `unknown ELF class ${fileClass}`, 4);
  if (order !== 1 && order !== 2) throw new BtfError('bad-elf', `unknown ELF byte order ${order}`, 5);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { wide: fileClass === 2, littleEndian: order === 1, view };
}

function readSectionHeaders(format: ElfFormat): { sections: SectionHeader[]; nameIndex: number } {
  const { wide } = format;
  const tableStart = readWord(format, wide ? 0x28 : 0x20);
  const entrySize = readHalf(format, wide ? 0x3a : 0x2e);
  const count = readHalf(format, wide ? 0x3c : 0x30);
  const nameIndex = readHalf(format, wide ? 0x3e : 0x32);
  if (tableStart === 0) return { sections: [], nameIndex: 0 };
  const needed = wide ? 64 : 40;
  if (entrySize < needed)
    throw new BtfError('bad-elf', `section headers of ${entrySize} bytes`, wide ? 0x3a : 0x2e);
  const first = readSectionHeader(format, tableStart);
  // Files with very many sections store their number and the index of the names in the first header.
  const sectionCount = count === 0 ? first.size : count;
  if (tableStart + sectionCount * entrySize > format.view.byteLength) {
    throw new BtfError('bad-elf', `${sectionCount} section headers exceed the file`, tableStart);
  }
  const sections = Array.from({ length: sectionCount }, (_, i) =>
    readSectionHeader(format, tableStart + i * entrySize),
  );
  return { sections, nameIndex: nameIndex === SHN_XINDEX ? first.link : nameIndex };
}

function readSectionHeader(format: ElfFormat, at: number): SectionHeader {
  const { wide } = format;
  return {
    nameOffset: readInt(format, at),
    type: readInt(format, at + 4),
    // The low word: the flags of interest are there, and 64 bits would be inexact.
    flags: readInt(format, wide && !format.littleEndian ? at + 12 : at + 8),
    offset: readWord(format, at + (wide ? 24 : 16)),
    size: readWord(format, at + (wide ? 32 : 20)),
    link: readInt(format, at + (wide ? 40 : 24)),
  };
}

function contents(bytes: Uint8Array, header: SectionHeader, what: string): Uint8Array {
  const { offset, size } = header;
  if (offset + size > bytes.length) {
    throw new BtfError('bad-elf', `${what} (offset ${offset}, ${size} bytes) exceed the file`, offset);
  }
  return bytes.subarray(offset, offset + size);
}

function nameIs(text: Uint8Array, offset: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if (text[offset + i] !== name.charCodeAt(i)) return false;
  return text[offset + name.length] === 0;
}

function readHalf({ view, littleEndian }: ElfFormat, at: number): number {
  checkBounds(view, at, 2);
  return view.getUint16(at, littleEndian);
}

function readInt({ view, littleEndian }: ElfFormat, at: number): number {
  checkBounds(view, at, 4);
  return view.getUint32(at, littleEndian);
}

/** A 32- or 64-bit number by class. Beyond 2^53 it is inexact, and outside of every file anyway. */
function readWord(format: ElfFormat, at: number): number {
  if (!format.wide) return readInt(format, at);
  const one = readInt(format, at);
  const two = readInt(format, at + 4);
  return format.littleEndian ? two * 0x100000000 + one : one * 0x100000000 + two;
}

function checkBounds(view: DataView, at: number, length: number): void {
  if (at + length > view.byteLength)
    throw new BtfError('bad-elf', 'a header lies outside the file', view.byteLength);
}
