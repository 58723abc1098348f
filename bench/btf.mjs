// Opening BTF and resolving file->f_path.dentry->d_name.name from the first parameter of vfs_read: btfprobe against libbpf.
// Both in turn, a fresh process each time, medians. Needs cc and libbpf-dev, and `npm run build` before.
//   node bench/btf.mjs [ROUNDS] [DIST]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const here = import.meta.dirname;
const rounds = Number(process.argv[2] ?? 15);
const dist = resolve(process.argv[3] ?? join(here, '..', 'dist'));
const room = pathToFileURL(join(dist, 'btf', 'index.js')).href;
const directory = mkdtempSync(join(tmpdir(), 'btfprobe-bench-'));

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Runs a resolver: milliseconds in its own count, milliseconds of the whole process, and the offsets it found. */
function run(command, args) {
  const start = process.hrtime.bigint();
  const [nanoseconds, ...offsets] = execFileSync(command, args, { encoding: 'utf8' }).trim().split(' ');
  const total = Number(process.hrtime.bigint() - start) / 1e6;
  return { inProcess: Number(nanoseconds) / 1e6, total, offsets: offsets.join(' ') };
}

try {
  const btf = join(directory, 'vmlinux.btf');
  const resolver = join(directory, 'resolve');
  writeFileSync(btf, gunzipSync(readFileSync(join(here, '..', 'kernels', '6.12-cloud', 'vmlinux.btf.gz'))));
  execFileSync('cc', ['-O2', '-o', resolver, join(here, 'btf-libbpf', 'resolve.c'), '-lbpf'], {
    stdio: 'inherit',
  });
  const peers = {
    libbpf: () => run(resolver, [btf]),
    btfprobe: () => run(process.execPath, [join(here, 'btf-libbpf', 'resolve.mjs'), room, btf]),
  };
  const results = { libbpf: [], btfprobe: [] };
  // One unmeasured round fills the page cache.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, runPeer] of Object.entries(peers)) {
      const result = runPeer();
      if (round > 0) results[name].push(result);
    }
  }
  const [ours, theirs] = [results.btfprobe, results.libbpf];
  if (ours[0].offsets !== theirs[0].offsets) {
    throw new Error(`the answers differ: ours ${ours[0].offsets}, libbpf ${theirs[0].offsets}`);
  }
  console.log(`offsets ${ours[0].offsets}, ${rounds} paired rounds, median ms\n`);
  console.log('| open vmlinux BTF and resolve one field chain | btfprobe | libbpf | ratio |');
  console.log('|---|---|---|---|');
  for (const [label, key] of [
    ['in process, cold', 'inProcess'],
    ['whole process', 'total'],
  ]) {
    const our = median(ours.map(result => result[key]));
    const their = median(theirs.map(result => result[key]));
    // Paired: the machine's mood is the same within a round.
    const ratio = median(ours.map((result, i) => result[key] / theirs[i][key]));
    console.log(`| ${label} | ${our.toFixed(1)} ms | ${their.toFixed(1)} ms | ${ratio.toFixed(2)} |`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
