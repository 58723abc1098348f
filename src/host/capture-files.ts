import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KernelError } from '../kernel/index.js';
import type { CaptureFiles } from '../records/index.js';
import { maxPartSize, unpack } from './bundle-unpack.js';
import { readIfThere } from './files.js';

/** Files of a capture folder that a reader of records needs; the kernel's own text, for one, is none of them. */
const needed =
  /^(?:raw\.cpu\d+|stats\.cpu\d+|header_page|header_event|formats\.txt|dynamic_events|saved_cmdlines|saved_tgids|printk_formats|boot_constants|kallsyms|kallsyms-more)(?:\.gz)?$/;

/**
 * Reads the files of a capture folder, decompressing those that end in `.gz`. Throws a `KernelError` with code
 * `unreadable` or `bad-archive`.
 */
export function readCaptureFiles(folder: string): CaptureFiles {
  const files = new Map<string, Uint8Array>();
  for (const file of listFiles(folder)) {
    if (!needed.test(file)) continue;
    const path = join(folder, file);
    const bytes = readIfThere(path);
    if (bytes === undefined) continue;
    const name = file.replace(/\.gz$/, '');
    if (name === file) files.set(name, bytes);
    else if (!files.has(name)) files.set(name, unpack(bytes, maxPartSize, path));
  }
  return files;
}

function listFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new KernelError('unreadable', `cannot list ${folder}: ${code ?? String(cause)}`, { cause });
  }
}
