import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootGuest, type GuestBoot } from './guest.js';

/** Records in a boot of its own; answers the folder of the capture, which holds the kernel's text as `trace.txt`. */
export async function recordStaticEvents(kernel: GuestBoot['kernel'], withBundle: boolean): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'btfprobe-static-'));
  const { results, output } = await bootGuest({
    kernel,
    script: 'static-only.mjs',
    args: withBundle ? ['bundle'] : [],
    modules: ['ext4', 'loop'],
    programs: ['mkfs.ext4'],
    parameters: 'no_hash_pointers',
    taken: {
      '/tmp/static': join(folder, 'capture'),
      ...(withBundle && { '/tmp/kernel.btfbundle': join(folder, 'kernel.btfbundle') }),
    },
    seconds: 900,
  });
  for (const [name, value] of Object.entries(results)) {
    const { failed } = value as { failed?: string };
    if (failed !== undefined) throw new Error(`${name} failed in the guest: ${failed}\n${output}`);
  }
  return folder;
}

/** A file of a capture as text, one byte a character. */
export function readLatin1(path: string): string {
  return readFileSync(path, 'latin1');
}
