import { BtfError, readElfSections } from '../btf/index.js';

/** What is wrong with a file that symbols are read from: no ELF file, or one whose headers or tables are damaged. */
export type ElfErrorCode = 'not-elf' | 'bad-elf';

/** A program or library whose symbols cannot be read. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
  readonly code: ElfErrorCode;

  constructor(code: ElfErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** A function of a program or library. */
export interface ElfFunction {
  readonly name: string;
  /** Virtual address in the file's own numbering. */
  readonly address: bigint;
  /** Bytes from the start of the file: where a uprobe goes. */
  readonly offset: bigint;
  /** Bytes; 0 where the file does not tell. */
  readonly size: bigint;
  readonly global: boolean;
}

interface Format {
  readonly view: DataView;
  readonly wide: boolean;
  readonly littleEndian: boolean;
}

/** A piece of the file that is mapped when the program runs. */
interface Segment {
  readonly offset: bigint;
  readonly address: bigint;
  readonly fileSize: bigint;
}

const loadSegment = 1;
const functionTypes: readonly number[] = [2, 10];
const undefinedSection = 0;
const absoluteSection = 0xfff1;

/** The two tables of symbols, each with its strings; a stripped file has the second only. */
const tables = [
  { symbols: '.symtab', strings: '.strtab' },
  { symbols: '.dynsym', strings: '.dynstr' },
] as const;

/**
 * The functions of an ELF file of either class and byte order, those of both symbol tables, each once; functions that
 * lie in no mapped part of the file are left out. Throws an `ElfError`. The bytes are not kept.
 */
export function readElfFunctions(bytes: Uint8Array): readonly ElfFunction[] {
  const format = readFormat(bytes);
  const segments = readSegments(format);
  const sections = readSections(bytes);
  const found = new Map<string, ElfFunction>();
  for (const { symbols, strings } of tables) {
    const table = sections.get(symbols)?.bytes;
    const names = sections.get(strings)?.bytes;
    if (table === undefined || names === undefined) continue;
    for (const symbol of readSymbols(table, names, format)) {
      const offset = fileOffset(symbol.address, segments);
      const key = `${symbol.name}\0${symbol.address}`;
      if (offset !== undefined && !found.has(key)) found.set(key, { ...symbol, offset });
    }
  }
  return [...found.values()];
}

/** The functions of that name, global ones first, each address once. */
export function findElfFunctions(functions: readonly ElfFunction[], name: string): readonly ElfFunction[] {
  const named = functions.filter(candidate => candidate.name === name);
  return [...named.filter(({ global }) => global), ...named.filter(({ global }) => !global)];
}

function readFormat(bytes: Uint8Array): Format {
  if (bytes.length < 16 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46)
    throw new ElfError('not-elf', 'it is no ELF file');
  const [fileClass, order] = [bytes[4], bytes[5]];
  if ((fileClass !== 1 && fileClass !== 2) || (order !== 1 && order !== 2))
    throw new ElfError('bad-elf', `its ELF header has class ${fileClass} and byte order ${order}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { view, wide: fileClass === 2, littleEndian: order === 1 };
}

function readSegments(format: Format): readonly Segment[] {
  const { wide, view } = format;
  const start = word(format, wide ? 0x20 : 0x1c);
  const size = half(format, wide ? 0x36 : 0x2a);
  const count = half(format, wide ? 0x38 : 0x2c);
  if (count === 0) return [];
  if (size < (wide ? 56 : 32) || start + BigInt(size) * BigInt(count) > BigInt(view.byteLength))
    throw new ElfError('bad-elf', 'its program headers lie outside the file');
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const at = Number(start) + index * size;
    if (int(format, at) !== loadSegment) continue;
    segments.push({
      offset: word(format, at + (wide ? 8 : 4)),
      address: word(format, at + (wide ? 16 : 8)),
      fileSize: word(format, at + (wide ? 32 : 16)),
    });
  }
  return segments;
}

function readSections(bytes: Uint8Array): ReturnType<typeof readElfSections> {
  try {
    return readElfSections(
      bytes,
      tables.flatMap(({ symbols, strings }) => [symbols, strings]),
    );
  } catch (error) {
    if (error instanceof BtfError)
      throw new ElfError('bad-elf', `its sections are damaged: ${error.message}`, error);
    throw error;
  }
}

function* readSymbols(
  table: Uint8Array,
  names: Uint8Array,
  { wide, littleEndian }: Format,
): Iterable<Omit<ElfFunction, 'offset'>> {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const format = { view, wide, littleEndian };
  const entry = wide ? 24 : 16;
  for (let at = 0; at + entry <= table.byteLength; at += entry) {
    const info = view.getUint8(at + (wide ? 4 : 12));
    const section = half(format, at + (wide ? 6 : 14));
    if (!functionTypes.includes(info & 0xf) || section === undefinedSection || section === absoluteSection)
      continue;
    const name = text(names, int(format, at));
    if (name === '') continue;
    yield {
      name,
      address: word(format, at + (wide ? 8 : 4)),
      size: word(format, at + (wide ? 16 : 8)),
      global: info >> 4 !== 0,
    };
  }
}

/** Where in the file an address lies; `undefined` for one that no mapped part of the file holds. */
function fileOffset(address: bigint, segments: readonly Segment[]): bigint | undefined {
  for (const { offset, address: start, fileSize } of segments)
    if (address >= start && address - start < fileSize) return address - start + offset;
  return undefined;
}

const decoder = new TextDecoder('latin1');

function text(names: Uint8Array, start: number): string {
  if (start >= names.length) return '';
  const end = names.indexOf(0, start);
  return end < 0 ? '' : decoder.decode(names.subarray(start, end));
}

function half({ view, littleEndian }: Format, at: number): number {
  checkBounds(view, at, 2);
  return view.getUint16(at, littleEndian);
}

function int({ view, littleEndian }: Format, at: number): number {
  checkBounds(view, at, 4);
  return view.getUint32(at, littleEndian);
}

/** A number as wide as an address of the file's class. */
function word({ view, wide, littleEndian }: Format, at: number): bigint {
  checkBounds(view, at, wide ? 8 : 4);
  return wide ? view.getBigUint64(at, littleEndian) : BigInt(view.getUint32(at, littleEndian));
}

function checkBounds(view: DataView, at: number, length: number): void {
  if (at + length > view.byteLength) throw new ElfError('bad-elf', 'a header lies outside the file');
}
