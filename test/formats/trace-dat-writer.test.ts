import { describe, expect, it } from 'vitest';
import {
  type ByteSink,
  type ByteSource,
  TraceDat,
  TraceDatWriter,
  type TraceDatWriterOptions,
} from '../../src/formats/index.js';
import type { RecordBatch, TraceRecord } from '../../src/records/index.js';
import { eventOf } from '../records/recorded.js';

/** A file in memory that may be sparse and may become full. */
class SparseFile implements ByteSink, ByteSource {
  size = 0;
  readonly #blocks = new Map<number, Uint8Array>();
  #left: number;

  constructor(room = Number.POSITIVE_INFINITY) {
    this.#left = room;
  }

  write(offset: number, bytes: Uint8Array): void {
    for (const [index, byte] of bytes.entries()) {
      if (this.#left-- <= 0) throw new Error('no space left');
      this.#block(offset + index)[(offset + index) % 4096] = byte;
      this.size = Math.max(this.size, offset + index + 1);
    }
  }

  read(offset: number, length: number): Uint8Array {
    return Uint8Array.from({ length }, (_, index) => this.#block(offset + index)[(offset + index) % 4096]!);
  }

  truncate(size: number): void {
    this.size = size;
  }

  #block(offset: number): Uint8Array {
    const number = Math.floor(offset / 4096);
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = new Uint8Array(4096);
      this.#blocks.set(number, block);
    }
    return block;
  }
}

const place = 0xffffffff81445484n;
const event = eventOf('"(%lx) x=%Lu", REC->__probe_ip, REC->x', [
  ['unsigned long', '__probe_ip', 8, 8],
  ['u64', 'x', 16, 8],
]);

const options: TraceDatWriterOptions = {
  events: [event],
  cpus: [0, 1, 5],
  release: '6.12.0',
  machine: 'x86_64',
  clock: 'mono',
  symbols: {
    resolve: address => {
      const [name, start, size] =
        address < place + 12n ? ['vfs_read', place - 4n, 16] : ['next', place + 12n, 8];
      return {
        name: name as string,
        offset: Number(address - (start as bigint)),
        size: size as number,
        module: undefined,
      };
    },
  },
};

function recordOf(cpu: number, time: bigint, x: bigint): TraceRecord {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 7, true);
  view.setInt32(4, 40 + cpu, true);
  view.setBigUint64(8, place, true);
  view.setBigUint64(16, x, true);
  return { event, cpu, time, pid: 40 + cpu, comm: `task${cpu}`, bytes };
}

/** Batches whose records go round the CPUs; the second one begins with losses. */
function batches(count: number): RecordBatch[] {
  const records = Array.from({ length: count }, (_, index) =>
    recordOf([0, 1, 5][index % 3]!, 1_000_000_000n + BigInt(index) * 700_000_000n, BigInt(index)),
  );
  const half = Math.floor(count / 2);
  return [
    { records: records.slice(0, half), lost: [] },
    { records: records.slice(half), lost: [{ cpu: 5, count: 17 }] },
  ];
}

function readBack(file: ByteSource) {
  const dat = new TraceDat(file);
  const { events, read, symbols } = dat.recording();
  const run = read(events);
  const all = [...run];
  expect([run.unknownRecords, run.damagedPages]).toEqual([0, 0]);
  const records = all.flatMap(batch => [...batch.records]);
  const lost = all.flatMap(batch => [...batch.lost]);
  const xOf = ({ bytes }: TraceRecord) => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(16, true);
  return { dat, lost, symbols, seen: records.map(one => [one.cpu, one.time, xOf(one), one.comm] as const) };
}

const expected = (given: readonly RecordBatch[]) =>
  given.flatMap(({ records }) =>
    records.map(({ cpu, time, bytes, comm }) => [
      cpu,
      time,
      new DataView(bytes.buffer).getBigUint64(16, true),
      comm,
    ]),
  );

describe('a trace.dat that was written', () => {
  it('gives back its records, losses, names and symbols, in a file without gaps', () => {
    const file = new SparseFile();
    const writer = new TraceDatWriter(file, options);
    const given = batches(2000);
    for (const batch of given) writer.batch(batch);
    writer.finish();
    const { dat, seen, lost, symbols } = readBack(file);
    expect(seen).toEqual(expected(given));
    expect(lost).toEqual([{ cpu: 5, count: 17 }]);
    expect(symbols.resolve(place)).toMatchObject({ name: 'vfs_read', offset: 4, size: 16 });
    // Where that ends is known, and of what begins there nothing.
    expect(symbols.resolve(place + 12n)).toBe(undefined);
    expect(symbols.resolve(place + 0x1000n)).toBe(undefined);
    expect(dat.contents.buffers).toMatchObject([
      { name: '', clock: 'mono', cpus: [{ cpu: 0 }, { cpu: 1 }, { cpu: 5 }] },
    ]);
    const cpus = dat.contents.buffers[0]!.cpus;
    expect(file.size).toBe(cpus[2]!.offset + cpus[2]!.size);
    expect(file.size).toBeLessThan(400_000);
  });

  it('keeps definitions, in an option that must bear our mark', () => {
    const definition = 'f:grp/ev vfs_r\xe9ad x=$arg1';
    const file = new SparseFile();
    new TraceDatWriter(file, {
      ...options,
      events: [
        { ...event, definition },
        { ...event, name: 'other' },
      ],
    }).finish();
    const definitions = () => new TraceDat(file).events.map(({ name, definition: kept }) => [name, kept]);
    expect(definitions()).toEqual([
      ['ev', definition],
      ['other', undefined],
    ]);
    const bytes = Buffer.from(file.read(0, file.size));
    const mark = 'btfprobe definitions';
    file.write(bytes.indexOf(mark), Buffer.from('somebody'));
    expect(definitions()).toEqual([
      ['ev', undefined],
      ['other', undefined],
    ]);
  });

  it('keeps the processes of threads, those too that are known in the end only', () => {
    const processes = new Map([[40, 40]]);
    const asked: number[] = [];
    const processOf = (tid: number) => {
      asked.push(tid);
      return processes.get(tid);
    };
    const file = new SparseFile();
    const writer = new TraceDatWriter(file, { ...options, processOf });
    const given = batches(20);
    for (const batch of given) writer.batch(batch);
    writer.flush();
    expect(new TraceDat(file).processes.size).toBe(0);
    processes.set(41, 40);
    writer.finish();
    const { dat, seen } = readBack(file);
    expect(seen).toEqual(expected(given));
    expect([...dat.processes]).toEqual([
      [40, 40],
      [41, 40],
    ]);
    const { processOf: kept } = dat.recording();
    expect([40, 41, 45].map(tid => kept?.(tid))).toEqual([40, 40, undefined]);
    // Once when its first record came, and those that were not known once more.
    expect(asked).toEqual([40, 41, 45, 41, 45]);
  });

  it('tells records that no sub-buffer holds as lost, and how many they are', () => {
    const file = new SparseFile();
    const writer = new TraceDatWriter(file, options);
    const [first, second, third] = [recordOf(0, 1n, 1n), recordOf(0, 2n, 2n), recordOf(0, 3n, 3n)];
    const long = (size: number) => {
      const bytes = new Uint8Array(size);
      bytes.set(second.bytes);
      return { ...second, bytes };
    };
    writer.batch({ records: [first, long(4072), long(4073), long(9000), third], lost: [] });
    writer.finish();
    const { seen, lost } = readBack(file);
    expect(seen.map(([, , x]) => x)).toEqual([1n, 2n, 3n]);
    expect(lost).toEqual([{ cpu: 0, count: 2 }]);
    expect(writer.tooLong).toBe(2);
  });

  it('can be read before it is finished, as far as it was flushed', () => {
    const file = new SparseFile();
    const writer = new TraceDatWriter(file, options);
    expect(readBack(file).seen).toEqual([]);
    const given = batches(500);
    writer.batch(given[0]!);
    writer.flush();
    expect(readBack(file).seen).toEqual(expected([given[0]!]));
    writer.batch(given[1]!);
    expect(readBack(file).seen.length).toBeGreaterThanOrEqual(250);
  });

  it('stays readable wherever the disk becomes full, also while it is finished', () => {
    const given = batches(900);
    const all = expected(given);
    let failed = 0;
    let most = 0;
    for (let room = 140_000; room < 330_000; room += 3_571) {
      const file = new SparseFile(room);
      try {
        const writer = new TraceDatWriter(file, options);
        for (const batch of given) {
          writer.batch(batch);
          writer.flush();
        }
        writer.finish();
      } catch (error) {
        expect((error as Error).message).toBe('no space left');
        failed++;
      }
      const { seen } = readBack(file);
      for (const cpu of [0, 1, 5]) {
        const [got, wanted] = [seen, all].map(list => list.filter(([on]) => on === cpu).map(([, , x]) => x));
        expect(got).toEqual(wanted!.slice(0, got!.length));
      }
      expect(seen.length).toBeGreaterThanOrEqual(most > 0 && failed === 0 ? most : 0);
      most = Math.max(most, seen.length);
    }
    expect(failed).toBeGreaterThan(10);
    expect(most).toBe(900);
  });

  it('refuses a record of a CPU that was not announced', () => {
    const writer = new TraceDatWriter(new SparseFile(), options);
    expect(() => writer.batch({ records: [recordOf(3, 1n, 0n)], lost: [] })).toThrow(RangeError);
  });
});
