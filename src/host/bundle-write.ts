import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { formatHead } from './bundle-container.js';
import { HostError } from './error.js';
import { hostError } from './tracefs-files.js';

/** A part of a bundle before it is written. */
export interface BundlePart {
  /** As in docs/bundles.md, without `.gz`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The bytes of a bundle in one file (docs/bundles.md). Parts are compressed one by one. */
export function packBundle(parts: readonly BundlePart[]): Uint8Array {
  const { crc32, gzipSync } = process.getBuiltinModule('node:zlib');
  const packed = parts.map(({ bytes }) => gzipSync(bytes));
  const head = formatHead(
    parts.map(({ name, bytes }, index) => ({
      name,
      packed: packed[index]!.length,
      size: bytes.length,
      crc32: crc32(bytes),
    })),
  );
  return Buffer.concat([head, ...packed]);
}

/** Does a path ask for a bundle in one file? */
export function isBundleFile(path: string): boolean {
  return path.endsWith('.btfbundle');
}

/**
 * Writes a bundle at `out`: one file when it ends in `.btfbundle`, else a folder whose parts but `facts.json` are
 * compressed. Others see the whole bundle or none. Throws a `HostError`, with code `exists` when something is there.
 */
export function writeBundle(out: string, parts: readonly BundlePart[]): void {
  const path = resolve(out);
  checkFree(path);
  let temporary: string | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    temporary = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
    const whole = join(temporary, 'bundle');
    if (isBundleFile(path)) writeFileSync(whole, packBundle(parts));
    else writeFolder(whole, parts);
    rename(whole, path);
  } catch (error) {
    throw error instanceof HostError ? error : hostError('write the bundle', path, error);
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

function writeFolder(folder: string, parts: readonly BundlePart[]) {
  const { gzipSync } = process.getBuiltinModule('node:zlib');
  mkdirSync(join(folder, 'modules'), { recursive: true });
  for (const { name, bytes } of parts) {
    if (name === 'facts.json') writeFileSync(join(folder, name), bytes);
    else writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes));
  }
}

/** A file's name is taken first, so that nobody's file is replaced; for folders rename(2) itself refuses. */
function rename(from: string, to: string) {
  if (isBundleFile(to)) closeSync(openSync(to, 'wx', 0o644));
  renameSync(from, to);
}

function checkFree(path: string) {
  if (!existsSync(path)) return;
  throw new HostError('exists', path, `${path} is there already`, {
    hints: ['remove it first, or give another name'],
  });
}
