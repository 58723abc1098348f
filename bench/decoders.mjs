// Readers and writers with generated code against the same where making code is forbidden (plain). `ValueReader` reads records into values; its
// plain form is the generic decoder, by lists of fields, whose values are also made JSON lines by `JSON.stringify`. On recorded pages of a real
// kernel, one core: records a second of processor time. All run in turn, round by round; ratios are medians of the rounds'. The bytes of the plain
// and the generated writers are compared before. Needs `npm run build` before.
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

function rate(writer, capture, events) {
  const before = process.cpuUsage();
  let records = 0;
  for (let repeat = 0; repeat < 5; repeat++) records += write(writer, capture, events).records;
  const { user, system } = process.cpuUsage(before);
  return records / ((user + system) / 1e6);
}

/** A function for each event has to be met often before the engine compiles it well: millions of records. */
function warmUp(writer, capture, events) {
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < 3.5e6) write(writer, capture, events);
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
  const formats = {
    values: () => new Decoder(symbols, false),
    text: () => new TraceText({ symbols, constants }),
    'JSON lines': () => new JsonLines({ symbols }),
  };
  const measured = Object.entries(formats).flatMap(([format, make]) =>
    [false, true].map(isGenerated => {
      const writer = make();
      // Code is made when an event is met, or met often.
      const within = work => (isGenerated ? work() : withoutCode(work));
      const { bytes } = within(() => write(writer, capture, events));
      return { key: `${isGenerated ? 'generated' : 'plain'} ${format}`, writer, within, bytes };
    }),
  );
  for (let at = 0; at < measured.length; at += 2)
    if (measured[at].bytes !== measured[at + 1].bytes)
      throw new Error(`${name}, ${measured[at].key}: the two differ`);
  measured.push({ key: genericJson, writer: new Decoder(symbols, true), within: withoutCode });
  const rates = Object.fromEntries(measured.map(({ key }) => [key, []]));
  for (const { writer, within } of measured) within(() => warmUp(writer, capture, events));
  for (let round = 0; round < rounds; round++)
    for (const { key, writer, within } of measured)
      rates[key].push(within(() => rate(writer, capture, events)));
  console.log(`| ${label} | ${genericJson} | ${million(rates[genericJson])} | – | – |`);
  for (const format of Object.keys(formats)) {
    const [plain, generated] = [rates[`plain ${format}`], rates[`generated ${format}`]];
    console.log(`| ${label} | plain ${format} | ${million(plain)} | – | – |`);
    const ofJson = format === 'values' ? '–' : ratio(rates[genericJson], generated);
    console.log(
      `| ${label} | generated ${format} | ${million(generated)} | ${ratio(plain, generated)} | ${ofJson} |`,
    );
  }
}
