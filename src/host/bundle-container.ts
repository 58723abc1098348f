import { KernelError } from '../kernel/index.js';
import { maxPartSize } from './bundle-unpack.js';

// A bundle as one file (docs/bundles.md): a head of 24 bytes, a table of contents in JSON, and the parts, each compressed
// with gzip on its own, one behind another in the order of the table. All numbers of the head are little-endian.

/** Bytes of the head: magic, version, length of the table, its CRC-32, four bytes that are zero. */
export const headSize = 24;
/** `BTFBUNDL` */
const magic = 'BTFBUNDL';
const version = 1;
/** Some hundred modules make a table of some ten KiB. */
const largestTable = 1 << 20;

/** Where a part lies in the file, and what comes out of it. */
export interface PackedPart {
  readonly name: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Compressed bytes. */
  readonly packed: number;
  /** Bytes when decompressed. */
  readonly size: number;
  /** CRC-32 of the decompressed bytes, which gzip repeats behind the compressed ones. */
  readonly crc32: number;
}

/** A part before it has its place. */
export type UnplacedPart = Omit<PackedPart, 'offset'>;

/** What a file that may be a bundle begins with. */
export interface ContainerHead {
  readonly tableSize: number;
  readonly tableCrc32: number;
}

/** Reads the head; `undefined` when the file is no bundle at all. Throws a `KernelError` with code `bad-archive`. */
export function parseHead(bytes: Uint8Array, where: string): ContainerHead | undefined {
  if (bytes.length < magic.length || latin1(bytes.subarray(0, magic.length)) !== magic) return undefined;
  if (bytes.length < headSize) throw damaged(where, 'it ends in its head');
  const words = new DataView(bytes.buffer, bytes.byteOffset, headSize);
  const found = words.getUint32(8, true);
  if (found !== version) throw damaged(where, `its version is ${found}, and this btfprobe reads ${version}`);
  const tableSize = words.getUint32(12, true);
  if (tableSize > largestTable) throw damaged(where, `its table of contents has ${tableSize} bytes`);
  if (words.getUint32(20, true) !== 0) throw damaged(where, 'the end of its head is not zero');
  return { tableSize, tableCrc32: words.getUint32(16, true) };
}

/**
 * Reads the table of contents. Parts lie without gaps from the table's end to the end of the file, so none overlap.
 * Throws a `KernelError` with code `bad-archive`.
 */
export function parseTable(
  head: ContainerHead,
  table: Uint8Array,
  fileSize: number,
  where: string,
): readonly PackedPart[] {
  if (table.length !== head.tableSize) throw damaged(where, 'it ends in its table of contents');
  if (crc32(table) !== head.tableCrc32) throw damaged(where, 'its table of contents has another checksum');
  const parts: PackedPart[] = [];
  const names = new Set<string>();
  let offset = headSize + head.tableSize;
  for (const entry of parseEntries(table, where)) {
    if (names.has(entry.name)) throw damaged(where, `it has ${JSON.stringify(entry.name)} twice`);
    names.add(entry.name);
    parts.push({ ...entry, offset });
    offset += entry.packed;
  }
  if (offset !== fileSize) throw damaged(where, `it has ${fileSize} bytes, and its table says ${offset}`);
  return parts;
}

/** Head and table in front of parts that follow in this order. */
export function formatHead(parts: readonly UnplacedPart[]): Uint8Array {
  const entries = parts.map(({ name, packed, size, crc32 }) => ({ name, packed, size, crc32 }));
  const table = new TextEncoder().encode(`${JSON.stringify({ parts: entries })}\n`);
  const bytes = new Uint8Array(headSize + table.length);
  for (let index = 0; index < magic.length; index++) bytes[index] = magic.charCodeAt(index);
  const words = new DataView(bytes.buffer);
  words.setUint32(8, version, true);
  words.setUint32(12, table.length, true);
  words.setUint32(16, crc32(table), true);
  bytes.set(table, headSize);
  return bytes;
}

/** The table's own small checksum: node:zlib has one as well, and loading it costs more than this. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function parseEntries(table: Uint8Array, where: string): readonly UnplacedPart[] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(table));
  } catch (cause) {
    throw damaged(where, `its table of contents: ${(cause as Error).message}`, cause);
  }
  const parts = isObject(json) ? json.parts : undefined;
  if (!Array.isArray(parts)) throw damaged(where, 'its table of contents lists no parts');
  return parts.map(part => {
    if (!isEntry(part)) throw damaged(where, 'an entry of its table of contents is malformed');
    return part;
  });
}

function isEntry(value: unknown): value is UnplacedPart {
  if (!isObject(value)) return false;
  const { name, packed, size, crc32 } = value;
  return (
    typeof name === 'string' &&
    isCount(packed, 0xffff_ffff) &&
    isCount(size, maxPartSize) &&
    isCount(crc32, 0xffff_ffff)
  );
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** The error for a damaged bundle file. */
export function damaged(where: string, what: string, cause?: unknown): KernelError {
  const message = `the bundle ${where} is damaged: ${what}`;
  return new KernelError('bad-archive', message, cause === undefined ? undefined : { cause });
}
