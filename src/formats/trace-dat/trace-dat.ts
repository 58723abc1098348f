import { createSymbolTable, parseFormat } from '../../kernel/index.js';
import {
  checkHeaderEvent,
  type PageFormat,
  parseHeaderPage,
  parsePrintkFormats,
  type SymbolNames,
  type TracedEvent,
} from '../../records/index.js';
import type { Recording } from '../recording.js';
import type { BufferData, TraceDatContents } from './contents.js';
import { readDefinitions } from './definitions.js';
import { TraceDatError } from './error.js';
import { WRITER } from './file-start.js';
import { checkPageSize, readInitialPart } from './initial.js';
import { keptSymbols } from './kept-symbols.js';
import { TraceDatRun } from './run.js';
import { TraceDatSlices } from './slices.js';
import type { ByteSource, Decompressors } from './source.js';
import { readTgids } from './tgids.js';
import { readRelease, readTime, readWriter } from './time.js';
import { readVersion6 } from './version6.js';
import { Version7 } from './version7.js';

/**
 * A trace.dat of version 6 or 7, opened: everything but the records is read, those when a recording of it is read.
 * No part of the file is trusted: what contradicts itself throws a `TraceDatError`.
 */
export class TraceDat {
  readonly contents: TraceDatContents;
  /** Events whose formats are in the file, with their definitions where btfprobe wrote it. */
  readonly events: readonly TracedEvent[];
  /** Command names by pid, as byte strings. */
  readonly comms: ReadonlyMap<number, string>;
  /** Processes by thread: none in what trace-cmd wrote. */
  readonly processes: ReadonlyMap<number, number>;
  readonly symbols: SymbolNames;
  readonly #source: ByteSource;
  readonly #decompressors: Decompressors;

  /** `decompressors` are needed for files and parts that are compressed only. Throws `TraceDatError`, or that of a bad `format`. */
  constructor(source: ByteSource, decompressors: Decompressors = {}) {
    this.#source = source;
    this.#decompressors = decompressors;
    const initial = readInitialPart(source);
    this.contents =
      initial.version === 6
        ? readVersion6(source, initial)
        : new Version7(source, initial, decompressors).read();
    const definitions = readDefinitions(this.contents.options);
    this.events = this.contents.formats.map(({ group, text }) => {
      const layout = parseFormat(text, group);
      const { name } = layout;
      return { group, name, definition: definitions.get(`${group}/${name}`), layout };
    });
    this.comms = readComms(this.contents.cmdlines);
    this.processes = readTgids(this.contents.options);
    const symbols = createSymbolTable(this.contents.kallsyms);
    this.symbols = readWriter(this.contents.options) === WRITER ? keptSymbols(symbols) : symbols;
  }

  /** `uname -r` of the traced machine, '' when not told. */
  get release(): string {
    return readRelease(this.contents.options);
  }

  /** Names of the buffers with records, the top level one ('') first. */
  get buffers(): readonly string[] {
    return this.contents.buffers.map(({ name }) => name);
  }

  /** The records of a buffer. Throws `missing` when there is none of that name or no `header_page`. */
  recording(bufferName = ''): Recording {
    const { contents, events, symbols, comms, processes } = this;
    const { littleEndian, options, compression, printk } = contents;
    const buffer = contents.buffers.find(({ name }) => name === bufferName);
    if (buffer === undefined) {
      throw new TraceDatError('missing', `the file has no buffer ${JSON.stringify(bufferName)}`);
    }
    checkDisjoint(buffer, this.#source.size);
    const format = this.#pageFormat(buffer);
    const { clock, clockName, shift } = readTime(options, buffer.clock, littleEndian);
    let strings: ReadonlyMap<bigint, string> | undefined;
    const file = { source: this.#source, littleEndian, compression, decompressors: this.#decompressors };
    const commOf = (pid: number) => comms.get(pid);
    const reading = { file, buffer, format, commOf, shift };
    const isCut = !buffer.compressed && buffer.cpus.some(({ size }) => size >= format.size);
    return {
      events,
      littleEndian,
      clock,
      clockName,
      lazyResched: hasLazyResched(this.release),
      symbols,
      stringAt: address => {
        strings ??= parsePrintkFormats(printk);
        return strings.get(address);
      },
      processOf: tid => processes.get(tid),
      read: wanted => new TraceDatRun({ ...reading, events: wanted }),
      slices: isCut ? (wanted, cut) => new TraceDatSlices(reading, wanted, cut) : undefined,
    };
  }

  #pageFormat({ pageSize }: BufferData): PageFormat {
    const { headerPage, headerEvent, littleEndian } = this.contents;
    if (headerPage === undefined || headerEvent === undefined) {
      throw new TraceDatError('missing', 'the file does not say how its records are laid out');
    }
    checkHeaderEvent(headerEvent);
    const format = parseHeaderPage(headerPage, littleEndian);
    const size = checkPageSize(pageSize);
    if (size <= format.dataOffset) throw new TraceDatError('damaged', `sub-buffers of ${size} bytes`);
    return { ...format, size };
  }
}

/** CPUs that share data would be read once for each: a small file could take hours. */
function checkDisjoint({ cpus }: BufferData, fileSize: number): void {
  let total = 0;
  for (const { offset, size } of cpus) total += Math.max(0, Math.min(size, fileSize - offset));
  if (total > fileSize)
    throw new TraceDatError('damaged', `the data of ${cpus.length} CPUs lie one over another`);
}

function readComms(text: string): Map<number, string> {
  const comms = new Map<number, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\d{1,10}) (.*?)\0*$/.exec(line);
    if (match !== null) comms.set(Number(match[1]), match[2]!);
  }
  return comms;
}

/** Kernels from 6.13 on use flag bit 0x02 for it. */
function hasLazyResched(release: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 13);
}
