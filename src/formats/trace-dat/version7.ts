import { latin1 } from '../../records/index.js';
import { decompress, readFrom } from './access.js';
import { readEventFormats, readFtraceFormats, readHeaders, readText32, readText64 } from './blocks.js';
import type { BufferData, CpuData, FileOption, FormatText, TextData, TraceDatContents } from './contents.js';
import { readPieces } from './cpu-data.js';
import { Cursor } from './cursor.js';
import { TraceDatError } from './error.js';
import type { InitialPart } from './initial.js';
import type { ByteSource, Decompressors } from './source.js';

const SECTION_HEADER = 16;
const COMPRESSED = 1;
const LARGEST_SECTION = 1 << 30;
const MOST_OPTIONS = 1 << 16;
const MOST_CPUS = 1 << 16;

/** Ids of options; those of the parts are also the ids of their sections (spec 13 section 4). */
const Option = {
  done: 0,
  buffer: 3,
  headers: 16,
  ftraceFormats: 17,
  eventFormats: 18,
  kallsyms: 19,
  printk: 20,
  cmdlines: 21,
  bufferText: 22,
} as const;

/** Reads all but the records of a version 7 file. Sections are found by the offsets of options, in any order. */
export class Version7 {
  readonly #source: ByteSource;
  readonly #initial: InitialPart;
  readonly #decompressors: Decompressors;
  readonly #options: FileOption[] = [];

  constructor(source: ByteSource, initial: InitialPart, decompressors: Decompressors) {
    this.#source = source;
    this.#initial = initial;
    this.#decompressors = decompressors;
  }

  read(): TraceDatContents {
    const { littleEndian, longSize, pageSize, compression } = this.#initial;
    this.#readOptions();
    const headers = this.#part(Option.headers, readHeaders);
    const formats: FormatText[] = [
      ...(this.#part(Option.ftraceFormats, readFtraceFormats) ?? []),
      ...(this.#part(Option.eventFormats, readEventFormats) ?? []),
    ];
    const cmdlines = this.#part(Option.cmdlines, cursor => readText64(cursor, 'command names'));
    return {
      version: 7,
      littleEndian,
      longSize,
      pageSize,
      compression,
      headerPage: headers?.headerPage,
      headerEvent: headers?.headerEvent,
      formats,
      kallsyms: this.#part(Option.kallsyms, cursor => readText32(cursor, 'kallsyms')),
      printk: this.#part(Option.printk, cursor => readText32(cursor, 'printk formats')),
      cmdlines: cmdlines === undefined ? '' : latin1(cmdlines),
      options: this.#options.filter(({ id }) => id !== Option.buffer && !isPart(id)),
      buffers: this.#all(Option.buffer).map(option => this.#buffer(option)),
      texts: this.#all(Option.bufferText).map(option => this.#textBuffer(option)),
    };
  }

  #readOptions(): void {
    const seen = new Set<number>();
    for (let offset = this.#initial.optionsOffset; offset !== 0; ) {
      if (seen.has(offset))
        throw new TraceDatError('damaged', 'the sections of options form a circle', offset);
      seen.add(offset);
      offset = this.#readOptionsAt(offset);
    }
  }

  /** Answers where the next section of options is, 0 behind the last one. */
  #readOptionsAt(offset: number): number {
    const cursor = this.#section(offset, Option.done);
    while (cursor.left > 0) {
      const id = cursor.u16();
      const data = cursor.take(cursor.u32(), 'an option');
      if (id === Option.done) return data.length < 8 ? 0 : this.#cursor(data).size('an offset');
      if (this.#options.length >= MOST_OPTIONS)
        throw new TraceDatError('damaged', 'too many options', offset);
      this.#options.push({ id, data });
    }
    return 0;
  }

  #all(id: number): Cursor[] {
    return this.#options.filter(option => option.id === id).map(({ data }) => this.#cursor(data));
  }

  #part<T>(id: number, read: (cursor: Cursor) => T): T | undefined {
    const [option] = this.#all(id);
    return option && read(this.#section(option.size('an offset'), id));
  }

  #buffer(option: Cursor): BufferData {
    const offset = option.size('an offset');
    const header = this.#header(offset, Option.buffer);
    const name = option.string('the name of a buffer');
    const clock = option.string('the name of a clock');
    const pageSize = option.u32();
    const count = option.u32();
    if (count > MOST_CPUS) throw new TraceDatError('damaged', `${count} CPUs`);
    const cpus: CpuData[] = [];
    for (let left = count; left > 0; left--) {
      cpus.push({ cpu: option.u32(), offset: option.size('an offset'), size: option.size('a size') });
    }
    return { name, clock, pageSize, cpus, compressed: header.compressed };
  }

  #textBuffer(option: Cursor): TextData {
    const offset = option.size('an offset');
    const name = option.string('the name of a buffer');
    return { name, bytes: () => this.#text(offset) };
  }

  /** Compressed it is in pieces, as records are. */
  #text(offset: number): Uint8Array {
    const { compressed, size: stored } = this.#header(offset, Option.bufferText);
    if (!compressed) return this.#section(offset, Option.bufferText).bytes;
    const { littleEndian, compression } = this.#initial;
    const file = { source: this.#source, littleEndian, compression, decompressors: this.#decompressors };
    const start = offset + SECTION_HEADER;
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (const piece of readPieces(file, start, start + stored, 'a text')) {
      pieces.push(piece);
      size += piece.length;
      if (size > LARGEST_SECTION)
        throw new TraceDatError('damaged', `a text of ${size} bytes and more`, offset);
    }
    const text = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      text.set(piece, at);
      at += piece.length;
    }
    return text;
  }

  #header(offset: number, id: number): { compressed: boolean; size: number } {
    const cursor = new Cursor(
      readFrom(this.#source, offset, SECTION_HEADER),
      this.#initial.littleEndian,
      offset,
    );
    const found = cursor.u16();
    if (found !== id) throw new TraceDatError('damaged', `section ${found} where ${id} should be`, offset);
    const compressed = (cursor.u16() & COMPRESSED) !== 0;
    cursor.u32();
    return { compressed, size: cursor.size('a section') };
  }

  #section(offset: number, id: number): Cursor {
    const { compressed, size } = this.#header(offset, id);
    const start = offset + SECTION_HEADER;
    if (size > LARGEST_SECTION) throw new TraceDatError('damaged', `a section of ${size} bytes`, offset);
    const bytes = readFrom(this.#source, start, size);
    const cursor = new Cursor(bytes, this.#initial.littleEndian, start);
    if (!compressed) return cursor;
    const packed = cursor.u32();
    const unpacked = cursor.u32();
    return this.#cursor(
      decompress(
        this.#decompressors,
        this.#initial.compression,
        cursor.take(packed, 'a section'),
        unpacked,
        start,
      ),
    );
  }

  #cursor(bytes: Uint8Array): Cursor {
    return new Cursor(bytes, this.#initial.littleEndian, undefined);
  }
}

/** Does the option say where a part of the file is? */
function isPart(id: number): boolean {
  return id >= Option.headers && id <= Option.bufferText;
}
