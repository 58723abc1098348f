// Changes real input at random and reads it: a value or a typed error has to come, soon, and in little memory (docs/fuzz.md).
// Exit status: 0 nothing found, 1 something found, 2 wrong use.
//
//   npm run fuzz -- --target pages|formats|trace-dat [--seconds 60] [--seed N] [--findings FOLDER]
//   npm run fuzz -- --replay FILE [--replay FILE]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { checkWholeNumbers, readOptions } from '../scripts/options.mjs';

/** A case that takes longer hangs. The slowest takes a fraction of a second. */
const HANG_MS = 10_000;
const child = fileURLToPath(new URL('child.mjs', import.meta.url));

const options = {
  target: { type: 'string' },
  seconds: { type: 'string', default: '60' },
  seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
  findings: { type: 'string', default: 'fuzz/findings' },
  replay: { type: 'string', multiple: true, default: [] },
};

function checkOptions({ target, replay, ...numbers }) {
  if (!['pages', 'formats', 'trace-dat'].includes(target) && replay.length === 0)
    throw new TypeError('--target pages, formats or trace-dat; or --replay FILE');
  checkWholeNumbers(numbers, 'seconds', 'seed');
}

/** Runs a child; answers how it ended. It is killed when `isHanging` says so. */
function run(job, isHanging = () => false) {
  return new Promise(resolve => {
    const process_ = spawn(
      process.execPath,
      ['--expose-gc', '--max-old-space-size=1024', child, JSON.stringify(job)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let done;
    let found = 0;
    let hung = false;
    createInterface({ input: process_.stdout }).on('line', line => {
      if (job.replay !== undefined) return console.log(line);
      const said = JSON.parse(line);
      if (said.done !== undefined) done = said;
      if (said.found === undefined) return;
      found++;
      console.log(`found ${said.found}\n  ${said.about.replaceAll('\n', '\n  ')}`);
    });
    const timer = setInterval(() => {
      if (hung || !isHanging()) return;
      hung = true;
      process_.kill('SIGKILL');
    }, 1000);
    process_.on('close', (code, signal) => {
      clearInterval(timer);
      resolve({ code, signal, hung, done, found });
    });
  });
}

async function fuzz({ target, seconds, seed, findings }) {
  mkdirSync(findings, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'btfprobe-fuzz-'));
  const status = join(folder, 'status');
  writeFileSync(status, Buffer.from(new Float64Array([0, 0]).buffer));
  const at = () => new Float64Array(new Uint8Array(readFileSync(status)).buffer);
  const until = Date.now() + 1000 * seconds;
  const job = { target, seed, until, status, folder: findings };
  let [first, found, end] = [0, 0];
  while (Date.now() < until) {
    const started = Date.now();
    end = await run({ ...job, first }, () => Date.now() - Math.max(at()[1], started + 20_000) > HANG_MS);
    found += end.found;
    if (end.done !== undefined) break;
    const [index] = at();
    const how = end.hung
      ? `no answer in ${HANG_MS / 1000} s`
      : `the process ended with ${end.signal ?? end.code}`;
    found += (await run({ ...job, first: index, onlySave: how })).found;
    first = index + 1;
  }
  rmSync(folder, { recursive: true });
  const { done = first, slowest, peak, outcomes = {} } = end.done ?? {};
  console.log(`${target}, seed ${seed}: ${done} cases, ${found} findings`);
  if (end.done !== undefined) {
    console.log(`  since the last start: slowest ${slowest} ms, at most ${peak >> 20} MiB`);
    for (const [outcome, count] of Object.entries(outcomes)) console.log(`  ${count} ${outcome}`);
  }
  return found === 0 ? 0 : 1;
}

const values = readOptions('fuzz', options, checkOptions);
if (values.replay.length === 0) {
  process.exitCode = await fuzz({ ...values, seconds: Number(values.seconds), seed: Number(values.seed) });
} else {
  const { replay } = values;
  const until = Date.now() + 20_000 + replay.length * HANG_MS;
  const { code, hung } = await run({ replay }, () => Date.now() > until);
  if (hung) console.log('  no answer');
  process.exitCode = code === 0 ? 0 : 1;
}
