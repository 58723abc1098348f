// Writers with generated code against the same writers where making code is forbidden (plain), and against the generic decoder: `ValueReader`,
// which reads any record by its list of fields into values. It is measured reading alone, and with each record's values made JSON by
// `JSON.stringify`. On recorded pages of a real kernel, one core: records a second of processor time. All run in turn, round by round; ratios are
// medians of the rounds'. The bytes of the plain and the generated writers are compared before. Needs `npm run build` before.
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

/** A generic decoder as a writer. */
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

/** A function for each event has to be met often before the engine compiles it well: two or three million records. */
function warmUp(writer, capture, events) {
  const end = Date.now() + 2500;
  while (Date.now() < end) write(writer, capture, events);
}

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const million = rates => (median(rates) / 1e6).toFixed(2);
const ratio = (slow, fast) => median(slow.map((rate, round) => fast[round] / rate)).toFixed(1);

console.log('| records | writer | million/s | of the plain writer | of generic reading | of generic JSON |');
console.log('|---|---|---:|---:|---:|---:|');
for (const [name, label] of [
  ['6.12-cloud', 'probe events'],
  ['6.12-cloud-static', "the kernel's own events"],
]) {
  const { capture, symbols } = load(name);
  const events = withTypes(capture.events, kernel);
  const formats = {
    text: () => new TraceText({ symbols, constants }),
    'JSON lines': () => new JsonLines({ symbols }),
  };
  const writers = { generic: new Decoder(symbols, false), 'generic JSON': new Decoder(symbols, true) };
  for (const [format, make] of Object.entries(formats)) {
    const [plain, generated] = [make(), make()];
    const one = withoutCode(() => write(plain, capture, events));
    const other = write(generated, capture, events);
    if (one.bytes !== other.bytes) throw new Error(`${name}, ${format}: the two differ`);
    writers[`plain ${format}`] = plain;
    writers[`generated ${format}`] = generated;
  }
  const rates = Object.fromEntries(Object.keys(writers).map(key => [key, []]));
  for (const writer of Object.values(writers)) warmUp(writer, capture, events);
  for (let round = 0; round < rounds; round++)
    for (const [key, writer] of Object.entries(writers)) rates[key].push(rate(writer, capture, events));
  for (const key of ['generic', 'generic JSON'])
    console.log(`| ${label} | ${key} | ${million(rates[key])} | – | – | – |`);
  for (const format of Object.keys(formats)) {
    const [plain, generated] = [rates[`plain ${format}`], rates[`generated ${format}`]];
    console.log(`| ${label} | plain ${format} | ${million(plain)} | – | – | – |`);
    const ratios = [plain, rates.generic, rates['generic JSON']].map(peer => ratio(peer, generated));
    console.log(`| ${label} | generated ${format} | ${million(generated)} | ${ratios.join(' | ')} |`);
  }
}
