import { readFileSync } from 'node:fs';
import { deflateSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ByteSource,
  bytesSource,
  type Decompressors,
  TraceDat,
  TraceDatError,
} from '../../src/formats/index.js';
import { loadDecompressors } from '../../src/host/index.js';
import { KernelError } from '../../src/kernel/index.js';
import { RecordError, TraceText } from '../../src/records/index.js';
import { commonLines, judgedLines } from './trace-cmd-lines.js';

const folder = new URL('../data/trace-dat/', import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.dat`, folder)));
const judgeOf = (name: string) =>
  gunzipSync(readFileSync(new URL(`${name}.txt.gz`, folder))).toString('latin1');
const decompressors = await loadDecompressors();

function textOf(source: ByteSource, buffer = '', with_: Decompressors = decompressors): string {
  const file = new TraceDat(source, with_);
  const recording = file.recording(buffer);
  const lines = new TraceText({ symbols: recording.symbols, clock: recording.clock });
  const run = recording.read(recording.events);
  for (const batch of run) lines.batch(batch);
  expect([run.unknownRecords, run.damagedPages]).toEqual([0, 0]);
  return Buffer.from(lines.take()).toString('latin1');
}

describe.each([
  ['v7-zstd', 7, 'zstd', ['']],
  ['v7-none', 7, 'none', ['']],
  ['v6', 6, 'none', ['']],
  ['lost', 7, 'zstd', ['']],
  ['graph', 7, 'zstd', ['']],
  ['instance', 7, 'zstd', ['', 'other']],
  ['instance6', 6, 'none', ['', 'other']],
] as const)('%s.dat', (name, version, compression, buffers) => {
  const bytes = bytesOf(name);
  const file = new TraceDat(bytesSource(bytes), decompressors);

  it('is understood', () => {
    expect(file.contents).toMatchObject({
      version,
      compression,
      littleEndian: true,
      longSize: 8,
      pageSize: 4096,
    });
    expect(file.buffers).toEqual(buffers);
    expect(file.comms.size).toBeGreaterThan(0);
  });

  it.each(buffers)("has the records that trace-cmd prints of buffer '%s'", buffer => {
    const ours = commonLines(textOf(bytesSource(bytes), buffer));
    expect(ours.length).toBeGreaterThan(2);
    expect(ours).toEqual(judgedLines(judgeOf(name), buffer));
  });
});

describe('a trace.dat', () => {
  const zstd = bytesOf('v7-zstd');
  const none = bytesOf('v7-none');

  it('reads the same whatever compressed it', () => {
    expect(textOf(bytesSource(zstd))).toBe(textOf(bytesSource(none)));
    // The name of the algorithm decides, and the two names are equally long.
    const zlib = zstd.slice();
    zlib.set(new TextEncoder().encode('zlib'), zlib.indexOf(0x7a));
    expect(() => textOf(bytesSource(zlib))).toThrow('zlib data that cannot be decompressed');
    expect(textOf(bytesSource(zlib), '', { zlib: decompressors.zstd })).toBe(textOf(bytesSource(none)));
  });

  it('reads zlib, made by hand: no trace-cmd of Debian writes it', () => {
    const { bytes, sections, pieces } = withZlib(none);
    expect([sections, pieces]).toEqual([6, 3]);
    const file = new TraceDat(bytesSource(bytes), decompressors);
    expect(file.contents.compression).toBe('zlib');
    const { contents } = new TraceDat(bytesSource(none));
    for (const part of ['headerPage', 'headerEvent', 'formats', 'cmdlines', 'options'] as const) {
      expect(file.contents[part]).toEqual(contents[part]);
    }
    expect(Buffer.from(file.contents.kallsyms!)).toEqual(Buffer.from(contents.kallsyms!));
    expect(textOf(bytesSource(bytes))).toBe(textOf(bytesSource(none)));
    const wrong = bytes.slice();
    const at = Buffer.from(wrong).lastIndexOf(Buffer.of(0x78, 0x9c));
    wrong[at + 20]! ^= 0xff;
    expect(() => textOf(bytesSource(wrong))).toThrow(
      expect.objectContaining({ name: 'TraceDatError', code: 'compression' }),
    );
  });

  it.each(['latency', 'latency6'])('%s.dat has the text of a latency tracer', name => {
    const bytes =
      name === 'latency' ? bytesOf(name) : gunzipSync(readFileSync(new URL(`${name}.dat.gz`, folder)));
    const { contents, buffers } = new TraceDat(bytesSource(bytes), decompressors);
    expect(buffers).toEqual([]);
    expect(contents.texts.map(({ name: buffer }) => buffer)).toEqual(['']);
    const text = Buffer.from(contents.texts[0]!.bytes()).toString('latin1');
    // trace-cmd has a line before it and an empty one behind.
    expect(judgeOf(name)).toBe(`cpus=1\n${text}\n`);
    expect(text.split('\n').length).toBeGreaterThan(40);
  });

  it('says when nothing can decompress it', () => {
    expect(() => new TraceDat(bytesSource(zstd))).toThrow(
      expect.objectContaining({ name: 'TraceDatError', code: 'compression' }),
    );
  });

  it('is read a little at a time', () => {
    let largest = 0;
    const source = {
      size: none.length,
      read: (offset: number, length: number) => {
        largest = Math.max(largest, length);
        return none.slice(offset, offset + length);
      },
    };
    expect(textOf(source)).toBe(textOf(bytesSource(none)));
    expect(largest).toBeLessThanOrEqual(1 << 16);
  });

  it('adds the offsets and applies the factor that its options tell', () => {
    const v6 = bytesOf('v6');
    // An option that nobody needs here makes room for another of its size.
    const marked = Buffer.from(v6);
    const at = marked.indexOf('3.1.6 not-a-git-repo');
    expect(marked.readUInt16LE(at - 6)).toBe(9);
    const withOption = (id: number, data: Uint8Array) => {
      const copy = Buffer.from(v6);
      copy.fill(0, at, at + copy.readUInt32LE(at - 4));
      copy.writeUInt16LE(id, at - 6);
      copy.set(data, at);
      return new Uint8Array(copy);
    };
    const firstTime = (bytes: Uint8Array) => {
      const { events, read } = new TraceDat(bytesSource(bytes)).recording();
      for (const { records } of read(events)) return records[0]!.time;
      return undefined;
    };
    const time = firstTime(v6)!;
    const text = (value: string) => new TextEncoder().encode(value);
    expect(firstTime(withOption(7, text('-1000')))).toBe(time - 1000n);
    expect(firstTime(withOption(1, text('0x10')))).toBe(time + 16n);
    expect(firstTime(withOption(14, Uint8Array.of(12, 0, 0, 0, 2, 0, 0, 0)))).toBe((time * 12n) >> 2n);
    expect(firstTime(withOption(4000, text('unknown')))).toBe(time);
  });

  it('of version 6 has its start read in pieces that grow with the start, not with the file', () => {
    const v6 = bytesOf('v6');
    let largest = 0;
    const huge = (bytes: Uint8Array) => ({
      size: 3 * 2 ** 30,
      read(offset: number, length: number) {
        largest = Math.max(largest, length);
        const piece = new Uint8Array(length);
        piece.set(bytes.subarray(offset, offset + length));
        return piece;
      },
    });
    const small = new TraceDat(huge(v6));
    expect(small.contents).toMatchObject({ kallsyms: new TraceDat(bytesSource(v6)).contents.kallsyms });
    expect(largest).toBe(4 << 20);

    const { kallsyms } = new TraceDat(bytesSource(v6)).contents;
    const at = kallsyms!.byteOffset - v6.byteOffset;
    const blank = new Uint8Array(6 << 20).fill(0x0a);
    const size = new Uint8Array(Uint32Array.of(blank.length + kallsyms!.length).buffer);
    const long = Buffer.concat([v6.subarray(0, at - 4), size, blank, v6.subarray(at)]);
    const { contents } = new TraceDat(huge(long));
    expect(contents.kallsyms!.length).toBe(blank.length + kallsyms!.length);
    expect(contents.buffers).toEqual(small.contents.buffers);
    expect(largest).toBe(16 << 20);
  });

  it('is read as far as it goes when its end is missing', () => {
    const v6 = bytesOf('v6');
    const cut = new TraceDat(bytesSource(v6.subarray(0, v6.length - 100)));
    const { events, read } = cut.recording();
    const run = read(events);
    const records = [...run].flatMap(batch => batch.records);
    expect(records.length).toBeGreaterThan(50);
    expect(run.damagedPages).toBe(1);
  });

  it.each([
    ['nothing', new Uint8Array(), 'magic'],
    ['another file', new TextEncoder().encode('#!/bin/sh\necho hello\n'), 'magic'],
    ['version 8', Buffer.concat([none.subarray(0, 10), Buffer.from('8\0'), none.subarray(12)]), 'version'],
    ['its first bytes', none.subarray(0, 14), 'truncated'],
    ['no options', none.subarray(0, 60), 'truncated'],
  ])('is refused when it is %s', (_, bytes, code) => {
    expect(() => new TraceDat(bytesSource(bytes), decompressors)).toThrow(
      expect.objectContaining({ name: 'TraceDatError', code }),
    );
  });

  it('is refused when its options lead in a circle', () => {
    const circle = new DataView(none.slice().buffer);
    const first = Number(circle.getBigUint64(optionsAt(none), true));
    // The last option of the first section is DONE with the place of the next.
    const size = Number(circle.getBigUint64(first + 8, true));
    circle.setBigUint64(first + 16 + size - 8, BigInt(first), true);
    expect(() => new TraceDat(bytesSource(new Uint8Array(circle.buffer)))).toThrow('form a circle');
  });

  it.each(['v7-none', 'v7-zstd', 'v6', 'instance'])(
    '%s, damaged anywhere, gives records or a typed error',
    name => {
      const bytes = bytesOf(name);
      const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), {
        minLength: 1,
        maxLength: 8,
      });
      fc.assert(
        fc.property(damage, fc.option(fc.nat(bytes.length), { nil: undefined }), (changes, length) => {
          const copy = bytes.slice(0, length);
          for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
          try {
            const file = new TraceDat(bytesSource(copy), decompressors);
            for (const buffer of file.buffers) {
              const { events, read } = file.recording(buffer);
              for (const { records } of read(events)) expect(records.length).toBeGreaterThanOrEqual(0);
            }
          } catch (error) {
            const isTyped =
              error instanceof TraceDatError || error instanceof RecordError || error instanceof KernelError;
            if (!isTyped) throw error;
          }
        }),
        { numRuns: 150 },
      );
    },
  );
});

/** A version 7 file that is not compressed, with each part and each page of records compressed where it is. */
function withZlib(none: Uint8Array): { bytes: Uint8Array; sections: number; pieces: number } {
  const bytes = Buffer.from(none);
  bytes.write('zlib', 10 + 2 + 2 + 4);
  let sections = 0;
  let pieces = 0;
  const pack = (at: number, length: number): Buffer => {
    const packed = deflateSync(none.subarray(at, at + length));
    const sizes = Buffer.alloc(8);
    sizes.writeUInt32LE(packed.length, 0);
    sizes.writeUInt32LE(length, 4);
    return Buffer.concat([sizes, packed]);
  };
  const put = (at: number, content: Buffer, room: number): void => {
    if (content.length > room) throw new Error(`${content.length} bytes where ${room} were`);
    bytes.fill(0, at, at + room);
    content.copy(bytes, at);
  };
  const packBuffer = (option: number): void => {
    bytes.writeUInt16LE(1, Number(bytes.readBigUInt64LE(option)) + 2);
    const behindName = bytes.indexOf(0, option + 8) + 1;
    let at = bytes.indexOf(0, behindName) + 1 + 4;
    const end = at + 4 + bytes.readUInt32LE(at) * 20;
    for (at += 4; at < end; at += 20) {
      const offset = Number(bytes.readBigUInt64LE(at + 4));
      const size = Number(bytes.readBigUInt64LE(at + 12));
      const pages = Array.from({ length: size / 4096 }, (_, index) => pack(offset + index * 4096, 4096));
      const count = Buffer.alloc(4);
      count.writeUInt32LE(pages.length);
      put(offset, Buffer.concat([count, ...pages]), size);
      pieces += pages.length;
    }
  };
  const packPart = (section: number): void => {
    const size = Number(bytes.readBigUInt64LE(section + 8));
    const content = pack(section + 16, size);
    // The empty ones would grow.
    if (content.length > size) return;
    put(section + 16, content, size);
    bytes.writeUInt16LE(1, section + 2);
    bytes.writeBigUInt64LE(BigInt(content.length), section + 8);
    sections++;
  };
  for (let section = Number(bytes.readBigUInt64LE(optionsAt(none))); section !== 0; ) {
    let at = section + 16;
    for (let id = bytes.readUInt16LE(at); id !== 0; id = bytes.readUInt16LE(at)) {
      if (id === 3) packBuffer(at + 6);
      if (id >= 16 && id <= 21) packPart(Number(bytes.readBigUInt64LE(at + 6)));
      at += 6 + bytes.readUInt32LE(at + 2);
    }
    section = Number(bytes.readBigUInt64LE(at + 6));
  }
  return { bytes: new Uint8Array(bytes), sections, pieces };
}

/** Where a version 7 file says where its first options are: behind magic, version, order, sizes and compression. */
function optionsAt(bytes: Uint8Array): number {
  const compression = 10 + 2 + 2 + 4;
  const version = bytes.indexOf(0, compression) + 1;
  return bytes.indexOf(0, version) + 1;
}
