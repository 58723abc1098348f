// Readers and writers with generated code, JavaScript and WebAssembly, against the same where making code is forbidden (plain). `ValueReader` reads records into values; its
// plain form is the generic decoder, by lists of fields, whose values are also made JSON lines by `JSON.stringify`. On recorded pages of a real
// kernel, one core: records a second of processor time. All run in turn, round by round; ratios are medians of the rounds'. The bytes of the plain
// and the other writers are compared before. Needs `npm run build` before.
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
const { Capture, TraceText, ValueReader } = await room('records');
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

/** Writes all records, with the writer's engine if wanted; a writer learns its events when it first meets them. Answers the bytes of the lines. */
function write(writer, hasEngine, capture, events) {
  const reader = capture.reader(events);
  const sink = {
    lost: lost => writer.lost(lost),
    record: record => writer.record(record),
    engine: hasEngine ? writer.engine : undefined,
  };
  let bytes = 0;
  while (reader.visit(sink, 1024)) bytes += writer.take().length;
  return bytes + writer.take().length;
}

function recordsOf(capture, events) {
  let records = 0;
  const reader = capture.reader(events);
  while (reader.visit({ lost() {}, record: () => records++ }, 1024));
  return records;
}

/** A reader of values as a writer. */
class Decoder {
  #reader;
  #lines;

  /** `lines`: whether values are made JSON lines. */
  constructor(symbols, lines) {
    this.#reader = new ValueReader({ symbols });
    this.#lines = lines ? [] : undefined;
  }

  lost() {}

  record(record) {
    const { ip, func, returnIp, args } = this.#reader.read(record);
    if (this.#lines === undefined) return;
    const { event, time, cpu, pid, comm } = record;
    const name = `${event.group}/${event.name}`;
    this.#lines.push(JSON.stringify({ name, time, cpu, pid, comm, ip, func, returnIp, args }, noBigint));
  }

  take() {
    if (this.#lines === undefined) return '';
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines.length = 0;
    return bytes;
  }
}

const noBigint = (_, value) => (typeof value === 'bigint' ? String(value) : value);

function withoutCode(work) {
  const made = globalThis.Function;
  globalThis.Function = function forbidden() {
    throw new EvalError('forbidden');
  };
  try {
    return work();
  } finally {
    globalThis.Function = made;
  }
}

/** How often all records are written between two looks at the clock. */
const REPEATS = 5;

/** Seconds of processor time that one writing of all records takes. */
function seconds(work) {
  const before = process.cpuUsage();
  for (let repeat = 0; repeat < REPEATS; repeat++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / REPEATS;
}

/** A function for each event has to be met often before the engine compiles it well: millions of records. */
function warmUp(work) {
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < 3.5e6) work();
}

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const million = rates => (median(rates) / 1e6).toFixed(2);
const ratio = (slow, fast) => median(slow.map((rate, round) => fast[round] / rate)).toFixed(1);

const genericJson = 'plain values, JSON.stringify';
console.log('| records | writer | million/s | of the plain one | of generic JSON |');
console.log('|---|---|---:|---:|---:|');
for (const [name, label] of [
  ['6.12-cloud', 'probe events'],
  ['6.12-cloud-static', "the kernel's own events"],
]) {
  const { capture, symbols } = load(name);
  const events = withTypes(capture.events, kernel);
  const records = recordsOf(capture, events);
  const formats = {
    values: { make: () => new Decoder(symbols, false), ways: ['plain', 'JavaScript'] },
    text: { make: () => new TraceText({ symbols, constants }), ways: ['plain', 'JavaScript', 'WebAssembly'] },
    'JSON lines': { make: () => new JsonLines({ symbols }), ways: ['plain', 'JavaScript', 'WebAssembly'] },
  };
  const measured = [];
  const measure = (key, writer, isPlain, hasEngine) => {
    // Code is made when an event is met, or met often.
    const all = () => write(writer, hasEngine, capture, events);
    const work = isPlain ? () => withoutCode(all) : all;
    measured.push({ key, work, rates: [] });
    return work();
  };
  for (const [format, { make, ways }] of Object.entries(formats)) {
    const bytes = ways.map(way =>
      measure(`${way} ${format}`, make(), way === 'plain', way === 'WebAssembly'),
    );
    if (bytes.some(length => length !== bytes[0])) throw new Error(`${name}, ${format}: the writers differ`);
  }
  measure(genericJson, new Decoder(symbols, true), true, false);
  for (const { work } of measured) warmUp(work);
  for (let round = 0; round < rounds; round++)
    for (const { work, rates } of measured) rates.push(records / seconds(work));
  const rates = Object.fromEntries(measured.map(({ key, rates }) => [key, rates]));
  console.log(`| ${label} | ${genericJson} | ${million(rates[genericJson])} | – | – |`);
  for (const [format, { ways }] of Object.entries(formats))
    for (const way of ways) {
      const own = rates[`${way} ${format}`];
      const ofPlain = way === 'plain' ? '–' : ratio(rates[`plain ${format}`], own);
      const ofJson = way === 'plain' || format === 'values' ? '–' : ratio(rates[genericJson], own);
      console.log(`| ${label} | ${way} ${format} | ${million(own)} | ${ofPlain} | ${ofJson} |`);
    }
}
