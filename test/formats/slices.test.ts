import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, doMeet, type SliceRun } from '../../src/formats/index.js';
import { TraceDatRun } from '../../src/formats/trace-dat/run.js';
import { TraceDatSlices } from '../../src/formats/trace-dat/slices.js';
import { COMMON_PAGE_FORMAT, type LostEvents, type PageRecord, PageWriter } from '../../src/records/index.js';
import { eventOf } from '../records/recorded.js';

const event = eventOf('" n=%u", REC->n', [['u32', 'n', 8, 4]], 'e:grp/ev a.b n=$n:u32');

function payloadOf(n: number, type: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type, true);
  view.setInt32(4, 42, true);
  view.setUint32(8, n, true);
  return bytes;
}

interface Step {
  readonly cpu: number;
  /** Nanoseconds to the record before; one below zero begins a sub-buffer. */
  readonly time: number;
  readonly type: number;
  readonly lost: number | undefined;
  readonly isLast: boolean;
}

function pagesOf(steps: readonly Step[], cpus: number): Uint8Array[] {
  const writers = Array.from({ length: cpus }, () => new PageWriter());
  let now = 0xffff_fff0n;
  for (const [n, { cpu, time, type, lost, isLast }] of steps.entries()) {
    const writer = writers[cpu]!;
    now += BigInt(time);
    if (time < 0) for (const one of writers) one.finishPage();
    if (lost !== undefined) writer.lose(lost);
    writer.write(now, payloadOf(n, type));
    if (isLast) writer.finishPage();
  }
  return writers.map(writer => {
    writer.finishPage();
    return Uint8Array.from(Buffer.concat(writer.takePages()));
  });
}

/** All that a run tells. */
function tell(run: Pick<SliceRun, 'visit'>, told: string[]): void {
  const sink = {
    lost: ({ cpu, count }: LostEvents) => void told.push(`CPU ${cpu} lost ${count}`),
    record: (record: PageRecord) =>
      void told.push(`${record.cpu} ${record.time} ${record.view.getUint32(record.start + 8, true)}`),
  };
  while (run.visit(sink, 3));
}

describe('slices of a recording', () => {
  const step = fc.record({
    cpu: fc.integer({ min: 0, max: 2 }),
    time: fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0, max: 2 }) },
      fc.integer({ min: -4, max: -1 }),
    ),
    type: fc.constantFrom(7, 7, 7, 8),
    lost: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined, freq: 12 }),
    isLast: fc.nat(3).map(number => number === 0),
  });

  it('have the records, the losses and the damages of the whole, one after the other, or tell that they do not meet', () => {
    let met = 0;
    let parted = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 120 }),
        fc.option(fc.tuple(fc.nat(), fc.nat(255)), { nil: undefined, freq: 3 }),
        fc.integer({ min: 1, max: 6 }),
        (steps, damage, pages) => {
          const data = pagesOf(steps, 3);
          const bytes = Uint8Array.from(Buffer.concat(data));
          // Only what the records and headers take: most of a sub-buffer is empty.
          if (damage !== undefined) bytes[Math.floor(damage[0] / 64) * 4096 + (damage[0] % 64)] = damage[1];
          let offset = 0;
          const cpus = data.map(({ length }, cpu) => {
            offset += length;
            return { cpu, offset: offset - length, size: length };
          });
          const options = {
            file: { source: bytesSource(bytes), littleEndian: true, compression: 'none', decompressors: {} },
            buffer: { name: '', clock: 'local', pageSize: 4096, compressed: false, cpus },
            format: COMMON_PAGE_FORMAT,
            commOf: () => undefined,
            shift: undefined,
          };
          const whole = new TraceDatRun({ ...options, events: [event] });
          const expected: string[] = [];
          tell(whole, expected);
          const sliced = new TraceDatSlices(options, [event], pages * 4096);
          const told: string[] = [];
          let unknown = 0;
          let damaged = 0;
          let border: SliceRun['begin'] | undefined;
          for (const slice of sliced.slices) {
            let run = sliced.read(slice);
            const isWrong = border !== undefined && !doMeet(border, run.begin);
            if (isWrong) run = sliced.read(sliced.rest(border!));
            tell(run, told);
            border = run.border();
            unknown += run.unknownRecords;
            damaged += run.damagedPages;
            if (isWrong) parted++;
            if (isWrong) break;
            met++;
          }
          expect(told).toEqual(expected);
          expect({ unknown, damaged }).toEqual({
            unknown: whole.unknownRecords,
            damaged: whole.damagedPages,
          });
        },
      ),
      { numRuns: 1500 },
    );
    expect(met).toBeGreaterThan(1500);
    expect(parted).toBeGreaterThan(20);
  });
});

describe('a run', () => {
  it.each([
    ['as they are', undefined],
    ['shifted', (time: bigint) => time + 1n],
  ])('stops at a full sink, also where times are %s', (_, shift) => {
    const steps = Array.from({ length: 9 }, () => ({
      cpu: 0,
      time: 1,
      type: 7,
      lost: undefined,
      isLast: false,
    }));
    const [bytes] = pagesOf(steps, 1);
    const run = new TraceDatRun({
      file: { source: bytesSource(bytes!), littleEndian: true, compression: 'none', decompressors: {} },
      buffer: {
        ...{ name: '', clock: 'local', pageSize: 4096, compressed: false },
        cpus: [{ cpu: 0, offset: 0, size: bytes!.length }],
      },
      format: COMMON_PAGE_FORMAT,
      commOf: () => undefined,
      shift,
      events: [event],
    });
    let records = 0;
    const sink = { lost: () => {}, record: () => void records++, isFull: true };
    const counts: number[] = [];
    while (run.visit(sink, 100)) counts.push(records);
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
