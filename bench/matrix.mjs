// `check` of 50 definitions on 40 bundles: the first run with an empty cache, the next ones with what it left; wall time,
// processor time and peak memory of the whole process. Bundles are those given, else the repository's own, repeated until there are 40;
// once more with copies that differ, for verdicts on one bundle serve all that are like it.
// Needs `npm run build` before.
//   node bench/matrix.mjs [BUNDLE...]
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packBundle } from '../dist/host/index.js';

const root = join(import.meta.dirname, '..');
const columns = 40;
const rows = 50;
const limits = { cold: 30, warm: 3, megabytes: 500 };

/** Lines that were put to a real kernel, accepted and refused ones, evenly picked. */
function pickDefinitions() {
  const file = join(root, 'test/data/conformance/kernel-6.12-cloud.jsonl.gz');
  const cases = gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter(Boolean).map(JSON.parse);
  const usable = cases.filter(
    ({ header, setup, def, enc }) => !header && !setup && !enc && /^[ftpre]/.test(def),
  );
  const lines = [true, false].flatMap(accepted => {
    const some = usable.filter(({ errno }) => (errno === null) === accepted);
    return Array.from({ length: rows / 2 }, (_, i) => some[Math.floor((i * some.length) / (rows / 2))].def);
  });
  return lines.filter(line => !line.includes('\n'));
}

/** User and system time of a process so far; clock ticks are hundredths of a second. */
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Seconds, megabytes at most, and the lines of a run. */
function run(args, cache) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
      env: { ...process.env, XDG_CACHE_HOME: cache },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let kilobytes = 0;
    let processor = 0;
    let output = '';
    // The kernel keeps the high-water mark itself: the last look is as good as many.
    const look = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        processor = processorSeconds(child.pid);
        kilobytes = Math.max(kilobytes, Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0));
      } catch {
        // It has just ended.
      }
    }, 5);
    child.stdout.setEncoding('utf8').on('data', text => {
      output += text;
    });
    child.on('error', reject).on('close', status => {
      clearInterval(look);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      if (status !== 0 && status !== 1) reject(new Error(`check ended with ${status}`));
      else resolve({ seconds, processor, megabytes: kilobytes / 1000, output });
    });
  });
}

/** A copy of a bundle with one more fact, which says nothing: kept verdicts are not of it. */
function copyBundle(source, target, mark) {
  const withMark = facts => Buffer.from(JSON.stringify({ ...JSON.parse(facts.toString('utf8')), mark }));
  if (statSync(source).isDirectory()) {
    cpSync(source, target, { recursive: true });
    if (mark !== undefined) {
      writeFileSync(join(target, 'facts.json'), withMark(readFileSync(join(source, 'facts.json'))));
    }
    return;
  }
  const file = readFileSync(source);
  const tableEnd = 24 + file.readUInt32LE(12);
  let offset = tableEnd;
  const parts = JSON.parse(file.toString('utf8', 24, tableEnd)).parts.map(({ name, packed }) => {
    offset += packed;
    const bytes = gunzipSync(file.subarray(offset - packed, offset));
    return { name, bytes: name === 'facts.json' && mark !== undefined ? withMark(bytes) : bytes };
  });
  if (mark === undefined) cpSync(source, target);
  else writeFileSync(target, packBundle(parts));
}

/** All definitions on 40 bundles, cold and warm. */
async function measure(name, sources, differ, definitions, folder) {
  const bundles = join(folder, name);
  mkdirSync(bundles, { recursive: true });
  for (let index = 0; index < columns; index++) {
    const source = sources[index % sources.length];
    const copy = `${String(index + 1).padStart(2, '0')}-${basename(source)}`;
    copyBundle(source, join(bundles, copy), differ ? index : undefined);
  }
  const args = ['check', '--json', '--file', definitions, '--kernels', bundles];
  const cache = join(folder, `cache of ${name}`);
  const cold = await run(args, cache);
  const warm = [await run(args, cache), await run(args, cache), await run(args, cache)].sort(
    (a, b) => a.seconds - b.seconds,
  )[1];
  if (warm.output !== cold.output) throw new Error('the second run answers otherwise');
  for (const [kind, { seconds, processor, megabytes }] of Object.entries({ cold, warm })) {
    const limit = `${limits[kind]} s, ${limits.megabytes} MB`;
    const found = [seconds.toFixed(2), processor.toFixed(2), megabytes.toFixed(0), limit];
    console.log(`| ${kind}, ${name} | ${found.join(' | ')} |`);
  }
  return cold.output;
}

const folder = mkdtempSync(join(tmpdir(), 'btfprobe-matrix-'));
try {
  const given = process.argv.slice(2);
  const ownFolders = ['kernels', 'test/data/kernels'].map(path => join(root, path));
  const own = ownFolders.flatMap(path => readdirSync(path).map(name => join(path, name)));
  const sources = given.length > 0 ? given : own;
  const definitions = join(folder, 'definitions');
  writeFileSync(definitions, `${pickDefinitions().join('\n')}\n`, 'utf8');
  console.log('| run | seconds | of them processor | peak MB | limit |');
  console.log('|---|---|---|---|---|');
  const repeated = `${sources.length} kernels repeated to ${columns} bundles`;
  await measure(repeated, sources, false, definitions, folder);
  const output = await measure(`${columns} bundles that differ`, sources, true, definitions, folder);
  const verdicts = output
    .split('\n')
    .filter(Boolean)
    .flatMap(line => JSON.parse(line).kernels.map(({ verdict }) => verdict));
  const count = kind => verdicts.filter(verdict => verdict === kind).length;
  console.log(
    `\n${rows} definitions: ${count('accepted')} accepted, ${count('differs')} differ, ${count('refused')} refused`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
