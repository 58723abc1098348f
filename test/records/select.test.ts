import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PageRecord, type RecordSelection, SelectedRecords } from '../../src/records/index.js';
import { eventOf } from './recorded.js';

const event = eventOf('" "', []);
const view = new DataView(new ArrayBuffer(8));
const base = 0xffff_fffcn;

function recordAt(time: bigint): PageRecord {
  const bytes = new Uint8Array(view.buffer);
  return new PageRecord(
    event,
    0,
    1,
    'sh',
    bytes,
    view,
    0,
    8,
    Number(time >> 32n),
    Number(time & 0xffffffffn),
  );
}

/** What is handed on: times and losses. */
function selected(steps: readonly (bigint | 'lost')[], selection: RecordSelection): (bigint | string)[] {
  const got: (bigint | string)[] = [];
  const sink = {
    lost: ({ cpu }: { cpu: number }) => got.push(`lost ${cpu}`),
    record: ({ time }: PageRecord) => got.push(time),
  };
  const records = new SelectedRecords(
    { lost: lost => void sink.lost(lost), record: record => void sink.record(record) },
    selection,
  );
  for (const [index, step] of steps.entries()) {
    if (step === 'lost') records.lost({ cpu: index, count: 1 });
    else records.record(recordAt(step));
  }
  records.end();
  return got;
}

it('hands on the records of the time, at most so many, each with the losses before it', () => {
  const time = fc.bigInt({ min: base, max: base + 8n });
  const steps = fc.array(fc.oneof(time, time, fc.constant('lost' as const)), { maxLength: 30 });
  const selection = fc.record(
    { from: time, to: time, count: fc.integer({ min: 0, max: 12 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(steps, selection, (all, { from, to, count }) => {
      const expected: (bigint | string)[] = [];
      let lost: string[] = [];
      let left = count ?? Number.POSITIVE_INFINITY;
      for (const [index, step] of all.entries()) {
        if (step === 'lost') {
          lost.push(`lost ${index}`);
          continue;
        }
        if (left > 0 && (from === undefined || step >= from) && (to === undefined || step <= to)) {
          expected.push(...lost, step);
          left--;
        }
        lost = [];
      }
      if (from === undefined && to === undefined && left > 0) expected.push(...lost);
      expect(selected(all, { from, to, count })).toEqual(expected);
    }),
  );
});

it('is done with the last wanted record, or when times stay behind the end', () => {
  const nowhere = { lost: () => {}, record: () => {} };
  const counted = new SelectedRecords(nowhere, { count: 1 });
  expect(counted.done).toBe(false);
  counted.record(recordAt(1n));
  expect(counted.done).toBe(true);
  const timed = new SelectedRecords(nowhere, { to: 5n });
  for (let index = 0; index < 8191; index++) timed.record(recordAt(6n));
  expect(timed.done).toBe(false);
  timed.record(recordAt(5n));
  for (let index = 0; index < 8192; index++) timed.record(recordAt(6n));
  expect(timed.done).toBe(true);
});

it('is as full as who gets the records', () => {
  for (const isFull of [true, false, undefined]) {
    const records = new SelectedRecords({ lost: () => {}, record: () => {}, isFull }, {});
    expect(records.isFull).toBe(isFull === true);
  }
});
