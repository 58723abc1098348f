import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseFormat } from '../../src/kernel/index.js';
import type { ResolvedAddress } from '../../src/kernel/index.js';
import {
  checkHeaderEvent,
  parseHeaderPage,
  RecordReader,
  type SymbolNames,
  type TracedEvent,
} from '../../src/records/index.js';

const traces = new URL('../data/traces/', import.meta.url);

/** A recording of test/data/traces with what is needed to read it. */
export interface Recording {
  readonly text: Uint8Array;
  readonly pages: readonly Uint8Array[];
  readonly events: readonly TracedEvent[];
  readonly comms: ReadonlyMap<number, string>;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function loadRecording(name: string): Recording {
  const folder = new URL(`${name}/`, traces);
  const files = new Map<string, Uint8Array>();
  for (const file of readdirSync(folder)) {
    const bytes = readFileSync(new URL(file, folder));
    files.set(file.replace(/\.gz$/, ''), file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  }
  const latin1 = (file: string) => Buffer.from(files.get(file)!).toString('latin1');
  checkHeaderEvent(latin1('header_event'));
  parseHeaderPage(latin1('header_page'));
  const definitions = new Map<string, string>();
  for (const line of latin1('dynamic_events').split('\n')) {
    const id = /^\w+:(\S+)/.exec(line)?.[1];
    if (id !== undefined) definitions.set(id, line);
  }
  const events = latin1('formats.txt')
    .split(/^@@ /m)
    .slice(1)
    .map(part => {
      const id = part.slice(0, part.indexOf('\n'));
      const [group, event] = id.split('/') as [string, string];
      const layout = parseFormat(part.slice(id.length + 1), group);
      return { group, name: event, definition: definitions.get(id), layout };
    });
  const comms = new Map<number, string>();
  for (const line of latin1('saved_cmdlines').split('\n')) {
    const blank = line.indexOf(' ');
    if (blank > 0) comms.set(Number(line.slice(0, blank)), line.slice(blank + 1));
  }
  const pages = [0, 1].map(cpu => files.get(`raw.cpu${cpu}`)!);
  return { text: files.get('trace.txt')!, pages, events, comms, files };
}

export function readerOf(recording: Recording): RecordReader {
  const reader = new RecordReader({
    format: parseHeaderPage(Buffer.from(recording.files.get('header_page')!).toString('latin1')),
    cpus: [0, 1],
    events: recording.events,
    commOf: pid => recording.comms.get(pid),
  });
  for (const [cpu, bytes] of recording.pages.entries()) reader.feed(cpu, bytes);
  return reader;
}

/** Symbols of the kernel that made the recordings, with the lines of kallsyms that belong to one recording. */
export function symbolsOf(recording: Recording): SymbolNames {
  const bundle = gunzipSync(readFileSync(new URL('../../kernels/6.12-cloud/kallsyms.gz', import.meta.url)));
  const lines = `${bundle.toString('latin1')}\n${Buffer.from(recording.files.get('kallsyms-more')!).toString('latin1')}`;
  const symbols: { address: bigint; name: string; module: string | undefined }[] = [];
  for (const line of lines.split('\n')) {
    const match = /^([0-9a-f]+) \S (\S+)(?:\s+\[(.*)\])?$/.exec(line);
    if (match === null) continue;
    const address = BigInt(`0x${match[1]}`);
    if (address >= 0xffffffff81000000n) symbols.push({ address, name: match[2]!, module: match[3] });
  }
  symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  return { resolve: address => resolveIn(symbols, address) };
}

function resolveIn(
  symbols: readonly { address: bigint; name: string; module: string | undefined }[],
  address: bigint,
): ResolvedAddress | undefined {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (symbols[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  const found = symbols[low - 1];
  const next = symbols[low];
  if (found === undefined || next === undefined) return undefined;
  let first = low - 1;
  while (first > 0 && symbols[first - 1]!.address === found.address) first--;
  const { name, module } = symbols[first]!;
  return {
    name,
    module,
    offset: Number(address - found.address),
    size: Number(next.address - found.address),
  };
}
