import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { KernelError } from '../kernel/index.js';
import { damaged, headSize, type PackedPart, parseHead, parseTable } from './bundle-container.js';
import type { BundleParts } from './bundle-parts.js';
import { unpack } from './bundle-unpack.js';
import { describeFile, type UnpackedCache } from './unpacked-cache.js';

/**
 * A bundle that is one file. Head and table are read at once, a part when it is asked for; the file is open only while
 * it is read. Throws a `KernelError`: `not-found` for a file that is no bundle, `bad-archive`, `unreadable`.
 */
export class FileParts implements BundleParts {
  readonly #path: string;
  readonly #cache: UnpackedCache | undefined;
  readonly #identity: string | undefined;
  readonly #parts: ReadonlyMap<string, PackedPart>;

  constructor(path: string, cache: UnpackedCache | undefined) {
    this.#path = path;
    this.#cache = cache;
    this.#identity = describeFile(path);
    this.#parts = new Map(withFile(path, file => readTable(file, path)).map(part => [part.name, part]));
  }

  names(): readonly string[] {
    return Array.from(this.#parts.keys());
  }

  read(name: string): Uint8Array | undefined {
    const part = this.#parts.get(name);
    if (part === undefined) return undefined;
    // Offsets of one file mean nothing in another that took its name.
    if (describeFile(this.#path) !== this.#identity) {
      throw new KernelError('unreadable', `the bundle ${this.#path} was replaced while it was in use`);
    }
    const kept = this.#cache?.find(this.#path, part);
    if (kept !== undefined) return kept;
    const packed = withFile(this.#path, file => readRange(file, part.offset, part.packed));
    const bytes = unpackPart(packed, part, this.#path);
    this.#cache?.keep(this.#path, bytes, part);
    return bytes;
  }

  identity(): string {
    return JSON.stringify(Array.from(this.#parts.values()));
  }
}

function readTable(file: number, path: string): readonly PackedPart[] {
  const head = parseHead(readRange(file, 0, headSize), path);
  if (head === undefined) {
    throw new KernelError(
      'not-found',
      `${path} is no kernel bundle: neither a folder with facts.json nor a .btfbundle`,
    );
  }
  const table = readRange(file, headSize, head.tableSize);
  return parseTable(head, table, fstatSync(file).size, path);
}

function unpackPart(packed: Uint8Array, part: PackedPart, path: string): Uint8Array {
  const { name, size } = part;
  if (packed.length !== part.packed) throw damaged(path, `it ends in ${name}`);
  // zlib takes no limit of 0.
  const bytes = unpack(packed, Math.max(1, size), `${name} of ${path}`);
  const trailer = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  // gzip has compared its own checksum with what came out: what is left is that it is the one of the table.
  if (bytes.length !== size || trailer.readUInt32LE(packed.length - 8) !== part.crc32) {
    throw damaged(path, `${name} is not what its table of contents says`);
  }
  return bytes;
}

/** Bytes of a file from an offset; fewer at its end. */
function readRange(file: number, offset: number, length: number): Uint8Array {
  // No more is set aside than the file has, whatever a table says.
  const bytes = new Uint8Array(Math.min(length, Math.max(0, fstatSync(file).size - offset)));
  let done = 0;
  let got = -1;
  while (got !== 0 && done < bytes.length) {
    got = readSync(file, bytes, done, bytes.length - done, offset + done);
    done += got;
  }
  return bytes.subarray(0, done);
}

function withFile<T>(path: string, work: (file: number) => T): T {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    return work(file);
  } catch (cause) {
    if (cause instanceof KernelError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new KernelError('unreadable', `cannot read ${path}: ${code ?? String(cause)}`, { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
