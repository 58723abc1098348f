// `btfprobe report` against `trace-cmd report` (and `perf script`) on a recording of a busy guest: the same trace.dat, both to a
// file, in turn, pinned to one processor and to two. Ratios of records a second; each is the median of the rounds'.
// Needs `npm run build`, trace-cmd, taskset and GNU time, and for --perf linux-perf.
//   node bench/report.mjs [--rounds N] [--recording FILE | --megabytes N] [--perf] [--only NAME]...
// Without --recording it boots a 6.12 guest once (test/kernel-guest/guest, some minutes), records there with report-guest.sh some N
// megabytes, 110 unless told, and keeps the file in $BTFPROBE_BENCH or ~/.cache/btfprobe-bench.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { homedir, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    recording: { type: 'string' },
    megabytes: { type: 'string' },
    perf: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const cache =
  process.env.BTFPROBE_BENCH ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'btfprobe-bench');
const main = join(root, 'dist', 'cli', 'main.js');

/** Megabytes of sub-buffers: some three million records. */
const traceSize = 110;
const perfSize = 60;

/** What the tool calls its file in the guest. */
const guestFiles = { 'trace-cmd': 'trace.dat', perf: 'perf.data' };

/** Records in the guest, unless it was done before. */
function recorded(tool, file, megabytes) {
  const path = join(cache, file);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const guest = [
    ['run', '-p', tool, '-M', '4000', '-t', '1200'],
    ['-f', `${join(import.meta.dirname, 'report-guest.sh')}:/data/report-guest.sh`],
    ['-o', `/tmp/rec/${guestFiles[tool]}:${path}`, '--', `sh /data/report-guest.sh ${tool} ${megabytes}`],
  ].flat();
  const { status } = spawnSync(join(root, 'test/kernel-guest/guest'), guest, { stdio: 'inherit' });
  if (status !== 0 || !existsSync(path)) throw new Error(`the guest did not record ${file}`);
  return path;
}

const folder = mkdtempSync(join(tmpdir(), 'btfprobe-bench-'));
const outputs = { ours: join(folder, 'ours'), theirs: join(folder, 'theirs') };
for (const file of Object.values(outputs)) writeFileSync(file, '');

/**
 * Runs a command on these processors with its output in a file, which is written over: what fresh memory for it costs is the
 * machine's business, on a virtual one that of its host. Seconds, processor seconds, peak memory in megabytes.
 */
function run(cpus, command, output) {
  const measured = join(folder, 'time');
  const shell = `exec taskset -c ${cpus} /usr/bin/time -o ${measured} -f '%e %U %S %M' "$@" 1<> ${output}`;
  // Certificates that a machine adds for all its programs are read at each start of Node, whatever it runs.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
  const { status, stderr } = spawnSync('sh', ['-c', shell, 'sh', ...command], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  const { stdout } = spawnSync('tail', ['-1', measured], { encoding: 'utf8' });
  const [elapsed, user, system, kilobytes] = stdout.trim().split(' ').map(Number);
  return { elapsed, processor: user + system, megabytes: kilobytes / 1024 };
}

function linesIn(file) {
  return Number(spawnSync('wc', ['-l', file], { encoding: 'utf8' }).stdout.split(' ')[0]);
}

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const { megabytes } = options;
const recording =
  options.recording ??
  (megabytes === undefined
    ? recorded('trace-cmd', 'trace.dat', traceSize)
    : recorded('trace-cmd', `trace-${megabytes}.dat`, Number(megabytes)));
const ours = (...args) => [process.execPath, main, 'report', recording, ...args];
const theirs = ['trace-cmd', 'report', recording];
const comparisons = [
  { name: 'text, one processor', cpus: '0', command: ours(), peer: theirs },
  { name: 'text, two processors', cpus: '0,1', command: ours('--jobs', '2'), peer: theirs },
  { name: 'JSON lines, one processor', cpus: '0', command: ours('--json'), peer: theirs },
  { name: 'JSON lines, two processors', cpus: '0,1', command: ours('--json', '--jobs', '2'), peer: theirs },
];
if (options.perf) {
  const data = recorded('perf', 'perf.data', perfSize);
  const peer = ['perf', 'script', '-i', data];
  comparisons.push({ name: 'text against perf script', cpus: '0', command: ours(), peer });
}

try {
  run('0', ours(), outputs.ours);
  const records = linesIn(outputs.ours);
  console.log(`${recording}: ${records} records, ${(statSync(recording).size / 1e6).toFixed(0)} MB`);
  console.log(`load average before: ${loadavg()[0].toFixed(1)}\n`);
  console.log(
    '| what | records/s | peer, records/s | ratio of time | ratio of processor time | peak memory | peer |',
  );
  console.log('|---|---:|---:|---:|---:|---:|---:|');
  for (const { name, cpus, command, peer } of comparisons) {
    if (options.only.length > 0 && !options.only.includes(name)) continue;
    truncateSync(outputs.theirs);
    run(cpus, peer, outputs.theirs);
    const peerRecords = peer === theirs ? records : linesIn(outputs.theirs);
    truncateSync(outputs.ours);
    run(cpus, command, outputs.ours);
    const rounds = Array.from({ length: Number(options.rounds) }, () => [
      run(cpus, peer, outputs.theirs),
      run(cpus, command, outputs.ours),
    ]);
    const rate = (side, of, key) => median(rounds.map(round => of / round[side][key]));
    const ratio = key =>
      median(rounds.map(([other, own]) => records / own[key] / (peerRecords / other[key]))).toFixed(2);
    const peak = side => `${Math.max(...rounds.map(round => round[side].megabytes)).toFixed(0)} MB`;
    const million = number => `${(number / 1e6).toFixed(2)} M`;
    console.log(
      `| ${name} | ${million(rate(1, records, 'elapsed'))} | ${million(rate(0, peerRecords, 'elapsed'))} | ${ratio('elapsed')} | ${ratio('processor')} | ${peak(1)} | ${peak(0)} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
