import {
  type BigIntStats,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** An entry is these 16 bytes and the file: `BTFPROBE`, length and checksum as 32-bit words of this machine. */
const headerSize = 16;
const magic = [0x50465442, 0x45424f52] as const;
/** Decompressing less than this costs no more than looking for an entry. */
const worthKeeping = 32 << 10;
/** When more entries than this are there, the oldest go. */
const maxEntries = 64;
const abandonedAfterMs = 3_600_000;

/**
 * Decompressed copies of compressed files, kept between runs: opening a kernel then takes no longer than reading it.
 * An entry is found by the identity of the packed file (device, inode, size, times of change), so a file that was
 * replaced has another entry. Everything may fail: then there is simply no entry. The folder may be deleted at any time.
 */
export class UnpackedCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The decompressed bytes of the file at `path`, or of a part in it; `undefined` when not there or damaged. */
  find(path: string, part?: PartOfFile): Uint8Array | undefined {
    try {
      const entry = this.#entryOf(path, part);
      return entry === undefined ? undefined : readEntry(entry);
    } catch {
      return undefined;
    }
  }

  /** Keeps the decompressed bytes of the file at `path`, or of a part in it, if that pays. Never throws. */
  keep(path: string, bytes: Uint8Array, part?: PartOfFile): void {
    try {
      const entry = this.#entryOf(path, part);
      if (entry !== undefined) writeEntry(this.#folder, entry, bytes);
    } catch {
      // A cache that cannot be written is no error: the next run decompresses again.
    }
  }

  /** Bytes that were kept under a name of their own, which tells all that they depend on; `undefined` when not there or damaged. */
  findNamed(name: string): Uint8Array | undefined {
    try {
      return readEntry(join(this.#folder, name));
    } catch {
      return undefined;
    }
  }

  /** Keeps bytes under a name of their own. Never throws. */
  keepNamed(name: string, bytes: Uint8Array): void {
    try {
      writeEntry(this.#folder, join(this.#folder, name), bytes);
    } catch {
      // As above.
    }
  }

  #entryOf(path: string, part: PartOfFile | undefined): string | undefined {
    const facts = statSync(path, { bigint: true });
    if ((part?.packed ?? facts.size) < worthKeeping) return undefined;
    const place = part === undefined ? '' : `-${part.offset.toString(36)}-${part.packed.toString(36)}`;
    return join(this.#folder, describeStats(facts) + place);
  }
}

/** A compressed part inside a file, in bytes. */
export interface PartOfFile {
  readonly offset: number;
  readonly packed: number;
}

/** A file as it is now: a replaced or changed one is described otherwise. `undefined` when there is none. */
export function describeFile(path: string): string | undefined {
  try {
    return describeStats(statSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

function describeStats({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].map(part => part.toString(36)).join('-');
}

/** `$XDG_CACHE_HOME/btfprobe`, else `~/.cache/btfprobe`; the folder need not exist. */
export function defaultCacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'btfprobe');
}

function readEntry(entry: string): Uint8Array | undefined {
  const file = openSync(entry, 'r');
  try {
    const { size, uid } = fstatSync(file);
    // What another user put there is not ours to believe.
    if (size < headerSize || uid !== process.getuid?.()) return undefined;
    const bytes = new Uint8Array(new ArrayBuffer(size));
    if (readSync(file, bytes, 0, size, 0) !== size) return undefined;
    const [first, second, length, sum] = new Uint32Array(bytes.buffer, 0, 4);
    const content = bytes.subarray(headerSize);
    const isWhole = first === magic[0] && second === magic[1] && length === content.length;
    return isWhole && checksum(content) === sum ? content : undefined;
  } finally {
    closeSync(file);
  }
}

/** Written beside and renamed: readers and other writers see a whole entry or none. */
function writeEntry(folder: string, entry: string, bytes: Uint8Array) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  removeOldEntries(folder);
  const whole = new Uint8Array(new ArrayBuffer(headerSize + bytes.length));
  whole.set(bytes, headerSize);
  new Uint32Array(whole.buffer, 0, 4).set([...magic, bytes.length, checksum(whole.subarray(headerSize))]);
  const temporary = join(folder, `writing-${process.pid}-${Math.random().toString(36).slice(2)}`);
  try {
    writeFileSync(temporary, whole, { flag: 'wx', mode: 0o600 });
    renameSync(temporary, entry);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function removeOldEntries(folder: string) {
  const entries = readdirSync(folder).flatMap(name => {
    const facts = statSync(join(folder, name), { throwIfNoEntry: false });
    return facts?.isFile() === true ? [{ name, mtimeMs: facts.mtimeMs }] : [];
  });
  const isAbandoned = ({ name, mtimeMs }: (typeof entries)[number]) =>
    name.startsWith('writing-') && mtimeMs < Date.now() - abandonedAfterMs;
  const newestFirst = entries.sort((a, b) => b.mtimeMs - a.mtimeMs);
  const old = [...newestFirst.slice(maxEntries - 1), ...newestFirst.filter(isAbandoned)];
  for (const { name } of old) rmSync(join(folder, name), { force: true });
}

/** Words that are all summed. */
const fewWords = 1 << 12;

/**
 * Two running sums over every 1021st 32-bit word (one in each page) and the end: sees torn, zeroed and exchanged pages.
 * Summing all words of many would cost as much as decompressing the file again. `bytes` is word-aligned.
 */
function checksum(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  let sum = 1;
  let sumOfSums = 0;
  const step = words.length <= fewWords ? 1 : 1021;
  for (let at = 0; at < words.length; at += step) {
    sum = (sum + words[at]!) | 0;
    sumOfSums = (sumOfSums + sum) | 0;
  }
  for (let at = Math.max(0, bytes.length - 16); at < bytes.length; at++) {
    sum = (sum + bytes[at]!) | 0;
    sumOfSums = (sumOfSums + sum) | 0;
  }
  return (sumOfSums ^ Math.imul(sum, 0x9e3779b1)) >>> 0;
}
