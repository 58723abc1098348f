import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const ROOT = join(import.meta.dirname, '..', '..');
const WITH_MODULES = 'test/data/kernels/6.12+modules';

/** The recorded BTF of three kernels, by name. */
export const VMLINUX = {
  '6.12-cloud': 'kernels/6.12-cloud/vmlinux.btf.gz',
  '6.1': 'test/data/kernels/6.1/vmlinux.btf.gz',
  '6.12': `${WITH_MODULES}/vmlinux.btf.gz`,
} as const;

/** Modules recorded with the kernel '6.12'. */
export const MODULES: readonly string[] = readdirSync(join(ROOT, WITH_MODULES, 'modules')).map(file =>
  file.replace('.btf.gz', ''),
);

export function readVmlinux(kernel: keyof typeof VMLINUX): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(join(ROOT, VMLINUX[kernel]))));
}

export function readModule(name: string): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(join(ROOT, WITH_MODULES, 'modules', `${name}.btf.gz`))));
}

/** Writes the files into a fresh directory, calls `use` with their paths, and removes them. */
export function withFiles<T>(contents: readonly Uint8Array[], use: (...paths: string[]) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'btfprobe-btf-'));
  try {
    const paths = contents.map((bytes, i) => {
      const path = join(directory, `${i}.btf`);
      writeFileSync(path, bytes);
      return path;
    });
    return use(...paths);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs a tool these tests compare with; it is part of what `.ci/run` installs. */
export function runTool(tool: 'bpftool' | 'pahole', ...args: string[]): string {
  try {
    return execFileSync(tool, args, {
      encoding: 'latin1',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`${tool} is missing: install the Debian package ${tool} as .ci/run does`);
    }
    throw error;
  }
}

/** A pseudo random number generator, so that a failing run can be repeated. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
