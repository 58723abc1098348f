// How fast recorded sub-buffers become records, trace lines and JSON lines, on one core: records per second of CPU time.
// Reads test/data/traces/6.12-cloud again and again. Needs `npm run build` before.
//   node bench/text-lines.mjs [REPEATS] [DIST]
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const here = import.meta.dirname;
const repeats = Number(process.argv[2] ?? 50);
const dist = resolve(process.argv[3] ?? join(here, '..', 'dist'));
const room = name => import(pathToFileURL(join(dist, name, 'index.js')).href);
const { createSymbolTable } = await room('kernel');
const { Capture, PageWalker, TraceText } = await room('records');
const { JsonLines } = await room('formats');

const folder = join(here, '..', 'test', 'data', 'traces', '6.12-cloud');
const files = new Map(
  readdirSync(folder).map(name => {
    const bytes = readFileSync(join(folder, name));
    return name.endsWith('.gz') ? [name.slice(0, -3), gunzipSync(bytes)] : [name, bytes];
  }),
);
const capture = new Capture(files);
const kallsyms = gunzipSync(readFileSync(join(here, '..', 'kernels', '6.12-cloud', 'kallsyms.gz')));
const symbols = createSymbolTable(kallsyms, [files.get('kallsyms-more')]);

/** The best of seven runs of `work`, which answers how many records and bytes it handled once. */
function measure(work) {
  let best = { rate: 0, bytes: 0 };
  for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage();
    let records = 0;
    let bytes = 0;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const done = work();
      records += done.records;
      bytes += done.bytes;
    }
    const { user, system } = process.cpuUsage(before);
    const rate = records / ((user + system) / 1e6);
    if (rate > best.rate) best = { rate, bytes: bytes / records };
  }
  return best;
}

function walk() {
  const walker = new PageWalker(capture.format);
  let records = 0;
  let bytes = 0;
  for (const cpu of capture.cpus) {
    const pages = files.get(`raw.cpu${cpu}`);
    walker.load(pages);
    for (let offset = 0; offset < pages.length; offset += capture.format.size) {
      walker.open(offset);
      while (walker.next()) {
        records++;
        bytes += walker.end - walker.start;
      }
    }
  }
  return { records, bytes };
}

function readAll(writer) {
  let records = 0;
  let bytes = 0;
  for (const batch of capture.batches()) {
    records += batch.records.length;
    writer?.batch(batch);
    bytes += writer?.take().length ?? 0;
  }
  return { records, bytes };
}

const text = new TraceText({ symbols });
const json = new JsonLines({ symbols });
const rows = [
  ['walk sub-buffers', measure(walk)],
  ['read and merge CPUs', measure(() => readAll(undefined))],
  ['to trace lines', measure(() => readAll(text))],
  ['to JSON lines', measure(() => readAll(json))],
];

process.stdout.write('| work | million records/s | bytes per record |\n|---|---:|---:|\n');
for (const [name, { rate, bytes }] of rows) {
  process.stdout.write(`| ${name} | ${(rate / 1e6).toFixed(2)} | ${bytes.toFixed(0)} |\n`);
}
