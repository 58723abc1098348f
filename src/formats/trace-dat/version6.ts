import { latin1 } from '../../records/index.js';
import { readFrom } from './access.js';
import { readEventFormats, readFtraceFormats, readHeaders, readText32, readText64 } from './blocks.js';
import type { BufferData, CpuData, FileOption, TextData, TraceDatContents } from './contents.js';
import { Cursor } from './cursor.js';
import { TraceDatError } from './error.js';
import type { InitialPart } from './initial.js';
import type { ByteSource } from './source.js';

/** Everything before the CPU data, of which a list of symbols is most, is read in a piece of this size, or the next larger one. */
const START_SIZES = [4 << 20, 16 << 20, 64 << 20];
const LARGEST_START = 512 << 20;
const LARGEST_CLOCK = 4096;
const MOST_CPUS = 1 << 16;
const MOST_OPTIONS = 1 << 16;
const BUFFER_OPTION = 3;

/** Reads all but the records of a version 6 file: blocks in a fixed order, then options and buffers (spec 13 section 3). */
export function readVersion6(source: ByteSource, initial: InitialPart): TraceDatContents {
  const left = source.size - initial.length;
  const read = (size: number): TraceDatContents =>
    readStart(source, initial, readFrom(source, initial.length, Math.min(left, size)));
  for (const size of START_SIZES) {
    try {
      return read(size);
    } catch (error) {
      const isCut = error instanceof TraceDatError && error.code === 'truncated' && size < left;
      if (!isCut) throw error;
    }
  }
  return read(LARGEST_START);
}

/** `start` is what follows the initial part, as much of it as was read. */
function readStart(source: ByteSource, initial: InitialPart, start: Uint8Array): TraceDatContents {
  const { littleEndian, longSize, pageSize, compression, length } = initial;
  const cursor = new Cursor(start, littleEndian, length);
  const headers = readHeaders(cursor);
  const formats = readFtraceFormats(cursor);
  for (const format of readEventFormats(cursor)) formats.push(format);
  const kallsyms = readText32(cursor, 'kallsyms');
  const printk = readText32(cursor, 'printk formats');
  const cmdlines = latin1(readText64(cursor, 'command names'));
  const cpuCount = checkCount(cursor.u32(), MOST_CPUS, 'CPUs');
  const options: FileOption[] = [];
  const buffers: BufferData[] = [];
  const texts: TextData[] = [];
  for (let mark = readMark(cursor); ; mark = readMark(cursor)) {
    if (mark === 'options  ') {
      readOptions(cursor, options);
      continue;
    }
    if (mark === 'latency  ') {
      const offset = length + cursor.position;
      texts.push({ name: '', bytes: () => readFrom(source, offset, source.size - offset) });
    } else {
      buffers.push(readBuffer(cursor, '', cpuCount, pageSize));
    }
    break;
  }
  for (const { id, data } of options) {
    if (id !== BUFFER_OPTION) continue;
    const option = new Cursor(data, littleEndian, undefined);
    const offset = option.size('an offset');
    const name = option.string('the name of a buffer');
    buffers.push(readBufferAt(source, initial, offset, name, cpuCount));
  }
  return {
    ...headers,
    version: 6,
    littleEndian,
    longSize,
    pageSize,
    compression,
    formats,
    kallsyms,
    printk,
    cmdlines,
    options: options.filter(({ id }) => id !== BUFFER_OPTION),
    buffers,
    texts,
  };
}

function readMark(cursor: Cursor): 'options  ' | 'latency  ' | 'flyrecord' {
  const { place } = cursor;
  const mark = latin1(cursor.take(10, 'a mark'));
  if (mark === 'options  \0' || mark === 'latency  \0' || mark === 'flyrecord\0') {
    return mark.slice(0, 9) as 'options  ' | 'latency  ' | 'flyrecord';
  }
  throw new TraceDatError('damaged', `${JSON.stringify(mark)} where options or records should begin`, place);
}

function readOptions(cursor: Cursor, options: FileOption[]): void {
  for (let id = cursor.u16(); id !== 0; id = cursor.u16()) {
    const data = cursor.take(cursor.u32(), 'an option');
    checkCount(options.push({ id, data }), MOST_OPTIONS, 'options');
  }
}

function readBufferAt(
  source: ByteSource,
  { littleEndian, pageSize }: InitialPart,
  offset: number,
  name: string,
  cpuCount: number,
): BufferData {
  const most = 10 + cpuCount * 16 + 8 + LARGEST_CLOCK;
  if (offset > source.size)
    throw new TraceDatError('truncated', 'a buffer behind the end of the file', offset);
  const bytes = readFrom(source, offset, Math.min(most, source.size - offset));
  const cursor = new Cursor(bytes, littleEndian, offset);
  readMark(cursor);
  return readBuffer(cursor, name, cpuCount, pageSize);
}

function readBuffer(cursor: Cursor, name: string, cpuCount: number, pageSize: number): BufferData {
  const cpus: CpuData[] = [];
  for (let cpu = 0; cpu < cpuCount; cpu++) {
    cpus.push({ cpu, offset: cursor.size('an offset'), size: cursor.size('a size') });
  }
  return { name, clock: readClock(cursor), pageSize, compressed: false, cpus };
}

/** The clock's name may be missing: then padding or records follow. */
function readClock(cursor: Cursor): string {
  if (cursor.left < 8) return '';
  const size = cursor.u64();
  if (size === 0n || size > BigInt(Math.min(LARGEST_CLOCK, cursor.left))) return '';
  return /\[([\w-]+)\]/.exec(latin1(cursor.take(Number(size), 'the name of a clock')))?.[1] ?? '';
}

function checkCount(count: number, most: number, what: string): number {
  if (count <= most) return count;
  throw new TraceDatError('damaged', `${count} ${what}`);
}
