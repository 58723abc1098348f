import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMMON_PAGE_FORMAT,
  checkHeaderEvent,
  type PageFormat,
  PageWalker,
  PageWriter,
  parseHeaderPage,
  RecordError,
} from '../../src/records/index.js';
import { latin1, loadRecording } from './recorded.js';

const { files } = loadRecording('6.12-cloud-symstr');

describe('header_page', () => {
  const text = latin1(files.get('header_page')!);

  it('of a recorded kernel', () => {
    expect(parseHeaderPage(text)).toEqual(COMMON_PAGE_FORMAT);
  });

  it('of a 32-bit kernel with larger sub-buffers', () => {
    const other = text
      .replace(/size:8;\tsigned:1/, 'size:4;\tsigned:1')
      .replace('offset:16;\tsize:4080', 'offset:12;\tsize:16372');
    expect(parseHeaderPage(other, false)).toEqual({
      wordSize: 4,
      littleEndian: false,
      dataOffset: 12,
      size: 16384,
    });
  });

  it.each([
    ['', 'missing'],
    ['nonsense', 'not understood'],
    [text.replace('commit;\toffset:8;\tsize:8', 'commit;\toffset:8;\tsize:2'), 'commit of 2 bytes'],
    [text.replace('timestamp;\toffset:0', 'timestamp;\toffset:8'), 'does not know'],
    [text.replace('size:4080', 'size:4080000000'), 'does not know'],
  ])('is refused when it says something else (%#)', (other, message) => {
    expect(() => parseHeaderPage(other)).toThrow(message);
  });
});

describe('header_event', () => {
  const text = latin1(files.get('header_event')!);

  it('of a recorded kernel is accepted, with any other number refused', () => {
    checkHeaderEvent(text);
    for (const [number] of text.matchAll(/\d+/g)) {
      const other = text.replace(number, String(Number(number) + 1));
      expect(() => checkHeaderEvent(other)).toThrow(RecordError);
    }
  });
});

interface Walked {
  readonly time: bigint;
  readonly payload: readonly number[];
}

function walk(format: PageFormat, bytes: Uint8Array): Walked[] {
  const walker = new PageWalker(format);
  walker.load(bytes);
  const records: Walked[] = [];
  for (let offset = 0; offset < bytes.length; offset += format.size) {
    walker.open(offset);
    while (walker.next()) {
      const time = (BigInt(walker.timeHigh) << 32n) | BigInt(walker.timeLow);
      records.push({ time, payload: [...bytes.subarray(walker.start, walker.end)] });
    }
  }
  return records;
}

/** A sub-buffer of the common format with these words as its data. */
function pageOf(words: readonly number[], time = 0n, commit = words.length * 4): Uint8Array {
  const page = new Uint8Array(4096);
  const view = new DataView(page.buffer);
  view.setBigUint64(0, time, true);
  view.setUint32(8, commit, true);
  for (const [index, word] of words.entries()) view.setUint32(16 + index * 4, word, true);
  return page;
}

const header = (type: number, delta: number) => ((delta << 5) | type) >>> 0;
const timesOf = (words: readonly number[], time = 0n) =>
  walk(COMMON_PAGE_FORMAT, pageOf(words, time)).map(record => record.time);

describe('the walker', () => {
  it('adds deltas to the time stamp of the sub-buffer', () => {
    expect(timesOf([header(2, 0), 1, 2, header(2, 5), 1, 2], 1000n)).toEqual([1000n, 1005n]);
  });

  it('carries into the upper half of the time', () => {
    expect(timesOf([header(2, 1), 1, 2, header(0, 2), 12, 1, 2], 0xffff_ffffn)).toEqual([
      0x1_0000_0000n,
      0x1_0000_0002n,
    ]);
  });

  it('adds a time extend, and the delta of the record behind it', () => {
    expect(timesOf([header(30, 3), 5, header(2, 4), 1, 2], 100n)).toEqual([100n + (5n << 27n) + 3n + 4n]);
  });

  it('takes an absolute time stamp, with the upper five bits of the time before', () => {
    const stamp = (value: bigint) => [header(31, Number(value & 0x7ffffffn)), Number(value >> 27n)];
    const record = [header(2, 0), 1, 2];
    expect(timesOf([...stamp(77n << 40n), ...record], 1n << 50n)).toEqual([77n << 40n]);
    const high = 3n << 59n;
    expect(timesOf([...stamp(1000n), ...record], high + 500n)).toEqual([high + 1000n]);
    expect(timesOf([...stamp(400n), ...record], high + 500n)).toEqual([high + (1n << 59n) + 400n]);
  });

  it('steps over discarded events, counting their time, and stops at padding', () => {
    expect(timesOf([header(29, 7), 8, 99, header(2, 1), 1, 2, header(29, 0), header(2, 1), 1, 2])).toEqual([
      8n,
    ]);
  });

  it('tells lost events', () => {
    const walker = new PageWalker(COMMON_PAGE_FORMAT);
    const page = pageOf([header(2, 0), 1, 2, 416, 0], 0n, 0xc000000c);
    walker.load(page);
    walker.open(0);
    expect([walker.lostBefore, walker.lostCount]).toEqual([true, 416]);
    new DataView(page.buffer).setUint32(8, 0x8000000c, true);
    walker.open(0);
    expect([walker.lostBefore, walker.lostCount]).toEqual([true, undefined]);
    new DataView(page.buffer).setUint32(8, 0x0000000c, true);
    walker.open(0);
    expect([walker.lostBefore, walker.lostCount]).toEqual([false, undefined]);
  });

  it.each<[string, Uint8Array, string, number]>([
    ['a length above the capacity', pageOf([], 0n, 4081), 'page', 8],
    ['a stored count without the lost mark', pageOf([], 0n, 0x40000000), 'page', 8],
    ['a stored count without room', pageOf([], 0n, 0xc0000ff0), 'page', 4096],
    ['a negative lost count', pageOf([0, 0x80000000], 0n, 0xc0000000), 'page', 16],
    ['an impossible lost count', pageOf([0, 0x10000000], 0n, 0xc0000000), 'page', 16],
    ['a header cut off', pageOf([1], 0n, 2), 'event', 16],
    ['a record that passes the end', pageOf([header(3, 0), 1, 2]), 'event', 16],
    ['a record without its common fields', pageOf([header(1, 0), 1]), 'event', 16],
    ['a long record with an impossible length', pageOf([header(0, 0), 3, 1, 2]), 'event', 16],
    ['a long record that passes the end', pageOf([header(0, 0), 4000, 1, 2]), 'event', 16],
    ['a long record that is too short', pageOf([header(0, 0), 8, 1, 2]), 'event', 16],
    ['a time extend cut off', pageOf([header(30, 0)]), 'event', 16],
    ['padding past the sub-buffer', pageOf([header(29, 1), 5000]), 'event', 16],
    ['a sub-buffer cut off', new Uint8Array(100), 'truncated', 100],
  ])('refuses %s', (_name, page, code, offset) => {
    const seen = (() => {
      try {
        walk(COMMON_PAGE_FORMAT, page);
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(seen).toBeInstanceOf(RecordError);
    expect(seen).toMatchObject({ code, offset });
  });
});

const anyFormat = fc
  .record({
    wordSize: fc.constantFrom(4 as const, 8 as const),
    littleEndian: fc.boolean(),
    size: fc.constantFrom(256, 4096, 16384),
  })
  .map(
    ({ wordSize, littleEndian, size }): PageFormat => ({
      wordSize,
      littleEndian,
      dataOffset: 8 + wordSize,
      size,
    }),
  );

const anyRecord = fc.record({
  step: fc.oneof(
    { weight: 6, arbitrary: fc.bigInt(0n, 5000n) },
    { weight: 2, arbitrary: fc.bigInt((1n << 27n) - 2n, (1n << 27n) + 2n) },
    { weight: 1, arbitrary: fc.bigInt(0n, 1n << 60n) },
    { weight: 1, arbitrary: fc.bigInt(-100_000n, -1n) },
  ),
  payload: fc.uint8Array({ minLength: 8, maxLength: 220 }),
});

describe('the writer', () => {
  it('writes what the walker reads: every record, its time and its bytes', () => {
    const property = fc.property(
      anyFormat,
      fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
      fc.array(anyRecord, { maxLength: 120 }),
      (format, start, records) => {
        const writer = new PageWriter(format);
        let time = start;
        const expected: Walked[] = [];
        for (const { step, payload } of records) {
          time = BigInt.asUintN(64, time + step);
          writer.write(time, payload);
          const padded = new Uint8Array((payload.length + 3) & ~3);
          padded.set(payload);
          expected.push({ time, payload: [...padded] });
        }
        writer.finishPage();
        const pages = writer.takePages();
        expect(pages.every(page => page.length === format.size)).toBe(true);
        const bytes = new Uint8Array(pages.length * format.size);
        for (const [index, page] of pages.entries()) bytes.set(page, index * format.size);
        expect(walk(format, bytes)).toEqual(expected);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('marks losses, with the count where it fits', () => {
    fc.assert(
      fc.property(
        anyFormat,
        fc.option(fc.integer({ min: 1, max: 0x7fffffff }), { nil: undefined }),
        (format, count) => {
          const writer = new PageWriter(format);
          writer.write(5n, new Uint8Array(8));
          writer.lose(count);
          writer.write(6n, new Uint8Array(8));
          writer.lose(3);
          writer.lose(4);
          writer.write(7n, new Uint8Array(writer.largestPayload));
          writer.finishPage();
          const marks = writer.takePages().map(page => {
            const walker = new PageWalker(format);
            walker.load(page);
            walker.open(0);
            return [walker.lostBefore, walker.lostCount];
          });
          expect(marks).toEqual([
            [false, undefined],
            [true, count],
            [true, undefined],
          ]);
        },
      ),
    );
  });

  it('refuses records that are too large or too small', () => {
    const writer = new PageWriter();
    expect(writer.largestPayload).toBe(4072);
    expect(() => writer.write(0n, new Uint8Array(4073))).toThrow('4072 fit');
    expect(() => writer.write(0n, new Uint8Array(7))).toThrow(RecordError);
    expect(writer.takePages()).toEqual([]);
  });
});
