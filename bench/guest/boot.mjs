// For benchmarks that run in a guest.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/**
 * Boots a kernel with the built package and programs of this machine, runs `driver.mjs` of a folder of `bench` with `args`, the
 * command line's script and a file for its results, and gives those back.
 */
export function runInGuest({ kernel, folder, programs, args }) {
  const results = mkdtempSync(join(tmpdir(), 'btfprobe-bench-'));
  try {
    const modules = ['koffi', '@koromix/koffi-linux-x64'];
    const files = ['dist', 'kernels', 'package.json', ...modules.map(name => `node_modules/${name}`)];
    const options = ['-n', '-k', kernel, '-t', '1800', ...programs.flatMap(name => ['-p', name])];
    for (const file of files) options.push('-f', `${join(root, file)}:/app/${file}`);
    options.push('-f', `${join(root, 'bench', folder)}:/bench`, '-o', `/tmp/out:${join(results, 'out')}`);
    const driver = ['node', '/bench/driver.mjs', ...args, '/app/dist/cli/main.js', '/tmp/out'].join(' ');
    execFileSync('bash', [join(root, 'test/kernel-guest/guest'), 'run', ...options, '--', driver], {
      stdio: ['ignore', 'inherit', 'inherit'],
      // Tracers and what they trace run side by side, as on a machine.
      env: { ...process.env, GUEST_TCG_THREADS: 'multi' },
    });
    return JSON.parse(readFileSync(join(results, 'out'), 'utf8'));
  } finally {
    rmSync(results, { recursive: true });
  }
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
