import { parseFormat } from '../kernel/index.js';
import { RecordError } from './error.js';
import { checkHeaderEvent, type PageFormat, parseHeaderPage } from './page-format.js';
import { parsePrintkFormats } from './printk-formats.js';
import { RecordReader } from './reader.js';
import type { RecordBatch, TracedEvent } from './record.js';
import { parseSavedTgids } from './saved-tgids.js';
import { latin1 } from './utf8.js';

/** The files of a capture by name, decompressed: without the `.gz` they may carry on disk. */
export type CaptureFiles = ReadonlyMap<string, Uint8Array>;

/**
 * A recording kept as files, one per thing that tracefs showed:
 *
 * - `raw.cpuN`: the sub-buffers of each CPU, one after another;
 * - `header_page`, `header_event`: the shape of the sub-buffers;
 * - `formats.txt`: each event's `format`, behind a line `@@ group/name`;
 * - `dynamic_events` (may be missing): the definitions as the kernel lists them;
 * - `saved_cmdlines` (may be missing): `PID COMM` lines;
 * - `saved_tgids` (may be missing): `PID TGID` lines, the processes of threads;
 * - `printk_formats` (may be missing): texts of the kernel that records point to;
 * - `boot_constants` (may be missing): `NAME 0xNUMBER` lines, values that print formats name and that each boot decides;
 * - `stats.cpuN` (may be missing): what each CPU's buffer counted.
 */
export class Capture {
  readonly format: PageFormat;
  readonly events: readonly TracedEvent[];
  readonly cpus: readonly number[];
  /** Command names by pid, as byte strings. */
  readonly comms: ReadonlyMap<number, string>;
  /** Processes by thread. */
  readonly processes: ReadonlyMap<number, number>;
  /** Texts of the kernel by their address, as byte strings. */
  readonly strings: ReadonlyMap<bigint, string>;
  /** Values that print formats name, by name. */
  readonly constants: ReadonlyMap<string, bigint>;
  /** Events unread in all buffers when the recording was made, as `stats` counted them; 0 without those files. */
  readonly entries: number;
  /** Events overwritten before they were read, as `stats` counted them. */
  readonly overrun: number;
  readonly #files: CaptureFiles;

  /** Throws `RecordError` `capture` or `header`, or the error of a bad `format`. */
  constructor(files: CaptureFiles, littleEndian = true) {
    this.#files = files;
    checkHeaderEvent(textOf(files, 'header_event'));
    this.format = parseHeaderPage(textOf(files, 'header_page'), littleEndian);
    this.events = readEvents(textOf(files, 'formats.txt'), optionalTextOf(files, 'dynamic_events'));
    this.comms = readComms(optionalTextOf(files, 'saved_cmdlines'));
    this.processes = parseSavedTgids(optionalTextOf(files, 'saved_tgids'));
    this.strings = parsePrintkFormats(files.get('printk_formats'));
    this.constants = readConstants(optionalTextOf(files, 'boot_constants'));
    this.cpus = cpusOf(files);
    if (this.cpus.length === 0) throw new RecordError('capture', 'the capture has no file raw.cpuN');
    const stats = [...files.keys()]
      .filter(name => /^stats\.cpu\d+$/.test(name))
      .map(name => textOf(files, name));
    this.entries = stats.reduce((sum, text) => sum + countOf(text, 'entries'), 0);
    this.overrun = stats.reduce((sum, text) => sum + countOf(text, 'overrun'), 0);
  }

  /** A reader that has all the pages; it gives the records of these events. */
  reader(events: Iterable<TracedEvent> = this.events): RecordReader {
    const { format, cpus, comms } = this;
    const reader = new RecordReader({ format, cpus, events, commOf: pid => comms.get(pid) });
    for (const cpu of cpus) reader.feed(cpu, this.#files.get(`raw.cpu${cpu}`)!);
    return reader;
  }

  /** All records in time order. The batches stay valid. */
  *batches(): Generator<RecordBatch, void, undefined> {
    const reader = this.reader();
    for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) yield batch;
  }
}

function readEvents(formats: string, dynamicEvents: string): TracedEvent[] {
  const definitions = new Map<string, string>();
  for (const line of dynamicEvents.split('\n')) {
    const id = /^\w+:(\S+)/.exec(line)?.[1];
    if (id !== undefined) definitions.set(id, line);
  }
  return formats
    .split(/^@@ /m)
    .slice(1)
    .map(part => {
      const lineEnd = part.indexOf('\n');
      const id = part.slice(0, lineEnd).trim();
      const slash = id.indexOf('/');
      if (slash <= 0) throw new RecordError('capture', `formats.txt: "@@ ${id}" is no group/name`);
      const group = id.slice(0, slash);
      const layout = parseFormat(part.slice(lineEnd + 1), group);
      return { group, name: id.slice(slash + 1), definition: definitions.get(id), layout };
    });
}

function readComms(text: string): Map<number, string> {
  const comms = new Map<number, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+) (.*)$/.exec(line);
    if (match !== null) comms.set(Number(match[1]), match[2]!);
  }
  return comms;
}

function readConstants(text: string): Map<string, bigint> {
  const constants = new Map<string, bigint>();
  for (const line of text.split('\n')) {
    const match = /^(\w+) (0x[\da-f]{1,16})$/.exec(line);
    if (match !== null) constants.set(match[1]!, BigInt(match[2]!));
  }
  return constants;
}

function cpusOf(files: CaptureFiles): number[] {
  const cpus = [...files.keys()].flatMap(name => /^raw\.cpu(\d{1,6})$/.exec(name)?.[1] ?? []);
  return cpus.map(Number).sort((a, b) => a - b);
}

function countOf(stats: string, name: string): number {
  return Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(stats)?.[1] ?? 0);
}

function textOf(files: CaptureFiles, name: string): string {
  const bytes = files.get(name);
  if (bytes === undefined) throw new RecordError('capture', `the capture has no file ${name}`);
  return latin1(bytes);
}

function optionalTextOf(files: CaptureFiles, name: string): string {
  const bytes = files.get(name);
  return bytes === undefined ? '' : latin1(bytes);
}
