// From start to the first record, and the time that a two-second trace takes beyond its two seconds: tracefs and eBPF
// against bpftrace, for the same probe in the same guest, in turn. Needs `npm run build`, the guest (README), bpftrace.
//   node bench/attach.mjs [ROUNDS [KERNEL]]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [rounds = '5', kernel = '6.12-cloud'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'btfprobe-attach-'));

function measure() {
  const modules = ['koffi', '@koromix/koffi-linux-x64'];
  const files = ['dist', 'kernels', 'package.json', ...modules.map(name => `node_modules/${name}`)];
  const options = ['-n', '-p', 'bpftrace', '-k', kernel, '-t', '1800'];
  for (const file of files) options.push('-f', `${join(root, file)}:/app/${file}`);
  options.push('-f', `${join(root, 'bench/attach-guest')}:/bench`, '-o', `/tmp/out:${join(folder, 'out')}`);
  const command = `echo root:x:0:0::/:/bin/sh > /etc/passwd; node /bench/driver.mjs ${rounds} /app/dist/cli/main.js /tmp/out`;
  execFileSync('bash', [join(root, 'test/kernel-guest/guest'), 'run', ...options, '--', command], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return JSON.parse(readFileSync(join(folder, 'out'), 'utf8'));
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

try {
  const results = measure();
  const peer = results.bpftrace;
  const cell = (own, peers) =>
    own.length === 0
      ? '– | –'
      : `${(median(own) / 1000).toFixed(2)} s | ${median(own.map((time, i) => time / peers[i])).toFixed(2)}`;
  console.log(`${kernel} guest, ${rounds} paired rounds, medians; ratios are to bpftrace\n`);
  console.log('| what | to the first record | ratio | beyond a 2 s trace | ratio |');
  console.log('|---|---:|---:|---:|---:|');
  for (const [name, { first, beyond }] of Object.entries(results))
    console.log(`| ${name} | ${cell(first, peer.first)} | ${cell(beyond, peer.beyond)} |`);
} finally {
  rmSync(folder, { recursive: true });
}
