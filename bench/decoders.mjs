// Writers with generated code against the same writers where making code is forbidden, on recorded pages of a real kernel, one core: records
// a second of processor time. The two run in turn, round by round; the ratio is the median of the rounds'. Their bytes are
// compared before. Needs `npm run build` before.
//   node bench/decoders.mjs [ROUNDS]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const rounds = Number(process.argv[2] ?? 15);
const room = name => import(pathToFileURL(join(root, 'dist', name, 'index.js')).href);
const { openDefaultKernel } = await room('host');
const { createSymbolTable, enumeratorValues } = await room('kernel');
const { Capture, TraceText } = await room('records');
const { JsonLines, withTypes } = await room('formats');

const kernel = openDefaultKernel();
const enumerator = enumeratorValues(kernel.types);
const constants = name => (name === 'HZ' ? 250n : enumerator(name));
const kallsyms = gunzipSync(readFileSync(join(root, 'kernels', '6.12-cloud', 'kallsyms.gz')));

function load(name) {
  const folder = join(root, 'test', 'data', 'traces', name);
  const files = new Map(
    readdirSync(folder).map(file => {
      const bytes = readFileSync(join(folder, file));
      return file.endsWith('.gz') ? [file.slice(0, -3), gunzipSync(bytes)] : [file, bytes];
    }),
  );
  const capture = new Capture(files);
  return { capture, symbols: createSymbolTable(kallsyms, [files.get('kallsyms-more')]) };
}

/** Writes all records; a writer learns its events when it first meets them. */
function write(writer, capture, events) {
  const reader = capture.reader(events);
  const parts = [];
  let records = 0;
  const sink = {
    lost: lost => writer.lost(lost),
    record: record => {
      records++;
      writer.record(record);
    },
  };
  while (reader.visit(sink, 1024)) parts.push(writer.take().length);
  parts.push(writer.take().length);
  return { records, bytes: parts.reduce((sum, length) => sum + length, 0) };
}

function withoutCode(work) {
  const made = globalThis.Function;
  globalThis.Function = () => {
    throw new EvalError('forbidden');
  };
  try {
    return work();
  } finally {
    globalThis.Function = made;
  }
}

function rate(writer, capture, events) {
  const before = process.cpuUsage();
  let records = 0;
  for (let repeat = 0; repeat < 5; repeat++) records += write(writer, capture, events).records;
  const { user, system } = process.cpuUsage(before);
  return records / ((user + system) / 1e6);
}

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

console.log(
  '| records | format | plain, million/s | generated, million/s | ratio |\n|---|---|---:|---:|---:|',
);
for (const [name, label] of [
  ['6.12-cloud', 'probe events'],
  ['6.12-cloud-static', "the kernel's own events"],
]) {
  const { capture, symbols } = load(name);
  const events = withTypes(capture.events, kernel);
  for (const [format, make] of [
    ['text', () => new TraceText({ symbols, constants })],
    ['JSON lines', () => new JsonLines({ symbols })],
  ]) {
    const [plain, generated] = [make(), make()];
    const one = withoutCode(() => write(plain, capture, events));
    const other = write(generated, capture, events);
    if (one.bytes !== other.bytes) throw new Error(`${name}, ${format}: the two differ`);
    for (const writer of [plain, generated]) rate(writer, capture, events);
    const pairs = Array.from({ length: rounds }, () => [
      rate(plain, capture, events),
      rate(generated, capture, events),
    ]);
    const side = index => (median(pairs.map(pair => pair[index])) / 1e6).toFixed(2);
    const ratio = median(pairs.map(([slow, fast]) => fast / slow)).toFixed(1);
    console.log(`| ${label} | ${format} | ${side(0)} | ${side(1)} | ${ratio} |`);
  }
}
