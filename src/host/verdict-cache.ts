import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './bundle-unpack.js';
import { defaultCacheFolder } from './unpacked-cache.js';

/** Verdicts on some dozen lists of definitions for some dozen kernels. When there are more, the oldest go. */
const maxEntries = 1024;
/** No list of verdicts is longer; more is not ours. */
const largestEntry = 64 << 20;

/**
 * Answers that follow from a bundle, this program and its input alone, kept between runs (docs/bundles.md). A key says
 * all that an answer depends on. Everything may fail: then there is simply no entry. The folder may be deleted at any
 * time, and several processes may use it at once.
 */
export class VerdictCache {
  readonly #folder: string;
  #cleaned = false;

  /** `folder`: by default `verdicts` below the folder of decompressed files. */
  constructor(folder: string = join(defaultCacheFolder(), 'verdicts')) {
    this.#folder = folder;
  }

  /** What was kept under this key; `undefined` when it is not there, damaged or another user's. */
  find(key: string): unknown {
    try {
      const text = readOwn(this.#entryOf(key));
      const end = text.indexOf('\n');
      const json = text.slice(end + 1);
      return text.slice(0, end) === sha256(Buffer.from(json)) ? JSON.parse(json) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps a value that JSON can hold. Never throws. */
  keep(key: string, value: unknown): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      if (!this.#cleaned) removeOldEntries(this.#folder);
      this.#cleaned = true;
      const json = JSON.stringify(value);
      writeWhole(this.#entryOf(key), `${sha256(Buffer.from(json))}\n${json}`);
    } catch {
      // A cache that cannot be written is no error: the next run judges again.
    }
  }

  #entryOf(key: string): string {
    return join(this.#folder, sha256(Buffer.from(key)));
  }
}

function readOwn(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { uid, size } = fstatSync(file);
    // What another user put there is not ours to believe.
    return uid === process.getuid?.() && size <= largestEntry ? readFileSync(file, 'utf8') : '';
  } finally {
    closeSync(file);
  }
}

/** Written beside and renamed: readers and other writers see a whole entry or none. */
function writeWhole(path: string, text: string) {
  const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Half of them at once, so that this is seldom done; what a killed writer left is the oldest some day. */
function removeOldEntries(folder: string) {
  const names = readdirSync(folder);
  if (names.length < maxEntries) return;
  const entries = names.map(name => {
    const mtimeMs = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return { name, mtimeMs };
  });
  const oldestFirst = entries.sort((a, b) => a.mtimeMs - b.mtimeMs);
  for (const { name } of oldestFirst.slice(0, maxEntries / 2)) rmSync(join(folder, name), { force: true });
}
