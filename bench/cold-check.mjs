// A cold `btfprobe check` of one line against `node -e 0`: what the tool adds to starting Node. Both in turn, medians.
// Needs `npm run build` before.
//   node bench/cold-check.mjs [ROUNDS]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rounds = Number(process.argv[2] ?? 21);
const main = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const definition = 'f vfs_read name=file->f_path.dentry->d_name.name:string count';
const cache = mkdtempSync(join(tmpdir(), 'btfprobe-bench-'));

function timed(args, beforehand = () => {}) {
  beforehand();
  const start = process.hrtime.bigint();
  execFileSync(process.execPath, args, { env: { ...process.env, XDG_CACHE_HOME: cache }, stdio: 'ignore' });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const check = [main, 'check', definition];
const peers = {
  'node -e 0': () => timed(['-e', '0']),
  'check, files unpacked before': () => timed(check),
  'check, first run': () =>
    timed(check, () => rmSync(join(cache, 'btfprobe'), { recursive: true, force: true })),
};

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

try {
  const times = Object.fromEntries(Object.keys(peers).map(name => [name, []]));
  // One unmeasured round fills the page cache; the order makes each warm check follow a first run.
  for (let round = 0; round <= rounds; round++) {
    for (const name of ['node -e 0', 'check, first run', 'check, files unpacked before']) {
      const time = peers[name]();
      if (round > 0) times[name].push(time);
    }
  }
  const bare = times['node -e 0'];
  console.log(`${rounds} paired rounds, median\n`);
  console.log('| one process | time | of bare node |');
  console.log('|---|---:|---:|');
  for (const [name, own] of Object.entries(times)) {
    const ratio = median(own.map((time, i) => time / bare[i]));
    console.log(`| ${name} | ${median(own).toFixed(0)} ms | ${ratio.toFixed(2)} |`);
  }
} finally {
  rmSync(cache, { recursive: true });
}
