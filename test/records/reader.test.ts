import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMMON_PAGE_FORMAT,
  PageWriter,
  type RecordBatch,
  RecordError,
  RecordReader,
  TimeMerge,
} from '../../src/records/index.js';
import { eventOf, loadRecording } from './recorded.js';

const event = eventOf('" n=%u", REC->n', [['u32', 'n', 8, 4]], 'e:grp/ev a.b n=$n:u32');

/** A payload of the event (type 7), or of another type. */
function payloadOf(n: number, pid = 42, type = 7): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type, true);
  view.setInt32(4, pid, true);
  view.setUint32(8, n, true);
  return bytes;
}

function readerFor(cpus: readonly number[], batchSize?: number): RecordReader {
  const commOf = (pid: number) => (pid === 42 ? 'cat' : undefined);
  return new RecordReader({
    format: COMMON_PAGE_FORMAT,
    cpus,
    events: [event],
    commOf,
    ...(batchSize === undefined ? {} : { batchSize }),
  });
}

const numberOf = (record: RecordBatch['records'][number]) =>
  new DataView(record.bytes.buffer, record.bytes.byteOffset).getUint32(8, true);

function restOf(reader: RecordReader): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) batches.push(batch);
  return batches;
}

function pagesOf(writer: PageWriter): Uint8Array {
  writer.finishPage();
  const pages = writer.takePages();
  const bytes = new Uint8Array(pages.length * 4096);
  for (const [index, page] of pages.entries()) bytes.set(page, index * 4096);
  return bytes;
}

describe('records visited one by one', () => {
  it('are those of the batches, with the losses where they belong, however many at once', () => {
    const step = fc.record({
      cpu: fc.integer({ min: 0, max: 2 }),
      time: fc.integer({ min: 0, max: 3 }),
      lost: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined, freq: 8 }),
      type: fc.constantFrom(7, 7, 7, 8),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (steps, most) => {
        const writers = [0, 1, 2].map(() => new PageWriter());
        let now = 1000n;
        for (const [n, { cpu, time, lost, type }] of steps.entries()) {
          now += BigInt(time);
          if (lost !== undefined) {
            writers[cpu]!.finishPage();
            writers[cpu]!.lose(lost);
          }
          writers[cpu]!.write(now, payloadOf(n, 42 + cpu, type));
        }
        const pages = writers.map(pagesOf);
        const told: string[] = [];
        const reader = readerFor([0, 1, 2]);
        for (const [cpu, bytes] of pages.entries()) reader.feed(cpu, bytes);
        for (const { records, lost } of restOf(reader)) {
          told.push(...lost.map(({ cpu, count }) => `${cpu} lost ${count}`));
          told.push(
            ...records.map(record => `${record.cpu} ${record.time} ${record.comm} ${numberOf(record)}`),
          );
        }
        const visited: string[] = [];
        const pulled = new RecordReader({
          format: COMMON_PAGE_FORMAT,
          cpus: [0, 1, 2],
          events: [event],
          commOf: pid => (pid === 42 ? 'cat' : undefined),
          pieces: new Map(pages.map((bytes, cpu) => [cpu, [bytes][Symbol.iterator]()])),
        });
        const sink = {
          lost: ({ cpu, count }: { cpu: number; count: number | undefined }) => {
            visited.push(`${cpu} lost ${count}`);
          },
          record: (record: RecordBatch['records'][number]) => {
            visited.push(`${record.cpu} ${record.time} ${record.comm} ${numberOf(record)}`);
          },
        };
        while (pulled.visit(sink, most));
        expect(visited).toEqual(told);
        expect(pulled.unknownRecords).toBe(reader.unknownRecords);
        expect(pulled.visit(sink, most)).toBe(false);
      }),
    );
  });
});

describe('the merge', () => {
  it('gives all records in order of time, then CPU, whatever the cuts of the bytes and the size of batches', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });
    const property = fc.property(
      fc.array(steps, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 9000 }),
      (streams, batchSize, cut) => {
        const expected: { time: bigint; cpu: number; n: number }[] = [];
        const reader = readerFor(
          streams.map((_, cpu) => cpu),
          batchSize,
        );
        let n = 0;
        for (const [cpu, deltas] of streams.entries()) {
          const writer = new PageWriter();
          let time = (1n << 32n) - 20n;
          for (const delta of deltas) {
            time += BigInt(delta);
            writer.write(time, payloadOf(n));
            expected.push({ time, cpu, n: n++ });
          }
          const bytes = pagesOf(writer);
          for (let at = 0; at < bytes.length; at += cut) reader.feed(cpu, bytes.subarray(at, at + cut));
        }
        expected.sort((a, b) => (a.time === b.time ? a.cpu - b.cpu || a.n - b.n : a.time < b.time ? -1 : 1));
        const batches = restOf(reader);
        expect(batches.every(batch => batch.records.length <= batchSize)).toBe(true);
        const seen = batches.flatMap(batch =>
          batch.records.map(r => ({ time: r.time, cpu: r.cpu, n: numberOf(r) })),
        );
        expect(seen).toEqual(expected);
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it('keeps its order while sources come, move and end', () => {
    const property = fc.property(
      fc.array(fc.array(fc.nat(9), { minLength: 1 }), { maxLength: 12 }),
      lists => {
        const sources = lists.map((list, cpu) => {
          const times = [...list].sort((a, b) => a - b);
          return { cpu, timeHigh: 0, timeLow: times[0]!, times, at: 0 };
        });
        const merge = new TimeMerge<(typeof sources)[number]>();
        for (const source of sources) merge.add(source);
        const seen: string[] = [];
        for (let source = merge.first(); source !== undefined; source = merge.first()) {
          seen.push(`${source.timeLow} ${source.cpu}`);
          source.at++;
          if (source.at < source.times.length) {
            source.timeLow = source.times[source.at]!;
            merge.firstMoved();
          } else {
            merge.firstEnded();
          }
        }
        const expected = sources
          .flatMap(({ cpu, times }) => times.map(time => ({ cpu, time })))
          .sort((a, b) => a.time - b.time || a.cpu - b.cpu)
          .map(({ cpu, time }) => `${time} ${cpu}`);
        expect(seen).toEqual(expected);
      },
    );
    fc.assert(property);
  });
});

describe('settled', () => {
  const feed = (reader: RecordReader, cpu: number, times: readonly bigint[]) => {
    const writer = new PageWriter();
    for (const time of times) writer.write(time, payloadOf(cpu));
    reader.feed(cpu, pagesOf(writer));
  };
  const times = (batch: RecordBatch | undefined) => batch?.records.map(record => record.time);

  it('waits for every CPU until it has records or is known to be empty', () => {
    const reader = readerFor([0, 1]);
    feed(reader, 0, [10n, 20n, 30n]);
    expect(reader.settled()).toBeUndefined();
    reader.markEmpty(1, 20n);
    expect(times(reader.settled())).toEqual([10n, 20n]);
    expect(reader.settled()).toBeUndefined();
    feed(reader, 1, [25n]);
    expect(times(reader.settled())).toEqual([25n]);
    reader.markEmpty(1, 40n);
    expect(times(reader.settled())).toEqual([30n]);
    feed(reader, 0, [50n]);
    expect(times(reader.rest())).toEqual([50n]);
    expect(reader.rest()).toBeUndefined();
  });

  it('lets nothing overtake, whatever the order of reading', () => {
    const looks = fc.array(fc.tuple(fc.nat(2), fc.array(fc.nat(20), { maxLength: 5 })), { maxLength: 40 });
    const property = fc.property(looks, all => {
      const reader = readerFor([0, 1, 2]);
      let now = 0n;
      let written = 0;
      const seen: bigint[] = [];
      const take = () => {
        for (let batch = reader.settled(); batch !== undefined; batch = reader.settled()) {
          seen.push(...batch.records.map(record => record.time));
        }
      };
      const unread: bigint[][] = [[], [], []];
      for (const [cpu, steps] of all) {
        for (const [index, step] of steps.entries()) {
          now += BigInt(step);
          unread[(cpu + index) % 3]!.push(now);
          written++;
        }
        now += 1n;
        if (unread[cpu]!.length > 0) feed(reader, cpu, unread[cpu]!.splice(0));
        else reader.markEmpty(cpu, now - 1n);
        take();
      }
      for (const cpu of [0, 1, 2]) feed(reader, cpu, unread[cpu]!);
      take();
      for (const batch of restOf(reader)) seen.push(...batch.records.map(record => record.time));
      expect(seen.length).toBe(written);
      expect(seen).toEqual([...seen].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    });
    fc.assert(property, { numRuns: 200 });
  });
});

describe('losses', () => {
  it('stand before the first record of the flagged sub-buffer of their CPU', () => {
    const reader = readerFor([0, 1]);
    const first = new PageWriter();
    first.write(10n, payloadOf(1));
    first.lose(416);
    first.write(30n, payloadOf(3));
    first.write(40n, payloadOf(4));
    const second = new PageWriter();
    second.lose(undefined);
    second.write(20n, payloadOf(2));
    reader.feed(0, pagesOf(first));
    reader.feed(1, pagesOf(second));
    expect(restOf(reader).map(batch => [batch.lost, batch.records.map(numberOf)])).toEqual([
      [[], [1]],
      [[{ cpu: 1, count: undefined }], [2]],
      [[{ cpu: 0, count: 416 }], [3, 4]],
    ]);
  });

  it('are told at the end when no known record follows', () => {
    const reader = readerFor([0]);
    const writer = new PageWriter();
    writer.lose(5);
    writer.write(1n, payloadOf(0, 42, 9));
    writer.lose(6);
    writer.write(2n, payloadOf(0, 42, 9));
    reader.feed(0, pagesOf(writer));
    expect(restOf(reader)).toEqual([{ records: [], lost: [{ cpu: 0, count: 11 }] }]);
    expect(reader.unknownRecords).toBe(2);
  });
});

describe('names', () => {
  it('are those of the idle task, of impossible pids and of unknown ones', () => {
    const reader = readerFor([0]);
    const writer = new PageWriter();
    for (const pid of [42, 0, -1, 43]) writer.write(1n, payloadOf(0, pid));
    reader.feed(0, pagesOf(writer));
    expect(restOf(reader)[0]!.records.map(({ pid, comm }) => [pid, comm])).toEqual([
      [42, 'cat'],
      [0, '<idle>'],
      [-1, '<XXX>'],
      [43, '<...>'],
    ]);
  });
});

describe('damage', () => {
  const { capture, files } = loadRecording('6.12-cloud');

  it('costs the sub-buffer it is in, no other', () => {
    const bytes = Uint8Array.from(files.get('raw.cpu0')!);
    new DataView(bytes.buffer).setUint32(4096 + 8, 5000, true);
    const { format, events } = capture;
    const count = (raw: Uint8Array) => {
      const reader = new RecordReader({ format, events, cpus: [0], commOf: () => undefined });
      reader.feed(0, raw);
      const records = restOf(reader).reduce((sum, batch) => sum + batch.records.length, 0);
      return { records, damaged: reader.damagedPages, damages: reader.damages };
    };
    const page = count(files.get('raw.cpu0')!.subarray(4096, 8192)).records;
    const damaged = count(bytes);
    expect(damaged).toMatchObject({ records: 8925 - page, damaged: 1 });
    expect(damaged.damages[0]).toMatchObject({ code: 'page', offset: 4096 + 8 });
    expect(count(bytes.subarray(0, 4096 + 100)).damages[0]).toMatchObject({ code: 'truncated' });
  });

  it('are records too short for the common fields of their layout', () => {
    const common = event.layout.common.map(field =>
      field.name === 'common_pid' ? { ...field, offset: 4064 } : field,
    );
    const far = { ...event, layout: { ...event.layout, common } };
    const writer = new PageWriter();
    writer.write(1n, payloadOf(0));
    const whole = new Uint8Array(4068);
    whole[0] = 7;
    writer.write(2n, whole);
    const format = COMMON_PAGE_FORMAT;
    const reader = new RecordReader({ format, events: [far], cpus: [0], commOf: () => undefined });
    reader.feed(0, pagesOf(writer));
    expect(restOf(reader).flatMap(({ records }) => records.map(({ time }) => time))).toEqual([2n]);
    expect(reader.damages).toMatchObject([{ code: 'event' }]);
  });

  it('of any kind ends in records or counted errors', () => {
    const { format, events } = capture;
    const pages = files.get('raw.cpu0')!.subarray(0, 3 * 4096);
    const change = fc.tuple(fc.nat(pages.length - 1), fc.nat(255));
    const property = fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), changes => {
      const bytes = Uint8Array.from(pages);
      for (const [at, value] of changes) bytes[at] = value;
      const reader = new RecordReader({ format, events, cpus: [0], commOf: () => undefined });
      reader.feed(0, bytes);
      let records = reader.unknownRecords;
      for (const batch of restOf(reader)) records += batch.records.length;
      expect(records).toBeLessThanOrEqual(bytes.length / 12);
      expect(reader.damagedPages).toBeLessThanOrEqual(3);
      expect(reader.damages.every(error => error instanceof RecordError)).toBe(true);
    });
    fc.assert(property, { numRuns: 400 });
  });
});
