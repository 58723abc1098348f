import { inspect, isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PageRecord, type TracedEvent, ValueReader } from '../../src/records/index.js';
import { eventOf, loadRecording, noSymbols, recordOf } from './recorded.js';

/** More than the records that are read before an event's code is made. */
const often = 300;

/** Does something where making code is forbidden, as web pages may. */
function withoutCode<T>(work: () => T): T {
  const made = globalThis.Function;
  globalThis.Function = function forbidden() {
    throw new EvalError('forbidden');
  } as unknown as FunctionConstructor;
  try {
    return work();
  } finally {
    globalThis.Function = made;
  }
}

/** All records of a recording that stay what they are. */
function recordsOf(name: string) {
  const { capture, symbols } = loadRecording(name);
  const records = [...capture.batches()].flatMap(batch =>
    batch.records.map(record => PageRecord.of(record).copy()),
  );
  return { records, symbols };
}

describe.each(['6.12-cloud', '6.12-cloud-static', '6.12-cloud-symstr'])('code made for %s', name => {
  const { records, symbols } = recordsOf(name);
  const generated = new ValueReader({ symbols });
  const plain = new ValueReader({ symbols });
  const firsts = new Map<TracedEvent, PageRecord>();
  for (const record of records) if (!firsts.has(record.event)) firsts.set(record.event, record);
  for (const record of firsts.values()) {
    for (let time = 0; time < often; time++) generated.read(record);
    withoutCode(() => {
      for (let time = 0; time < often; time++) plain.read(record);
    });
  }

  it('reads what is read without', () => {
    for (const record of records) {
      const [one, other] = [generated.read(record), plain.read(record)];
      if (!isDeepStrictEqual(one, other)) expect(one).toStrictEqual(other);
    }
    expect(records.length).toBeGreaterThan(0);
  });

  it('reads what is read without when bytes are changed, and records cut', () => {
    const change = fc.tuple(fc.nat(400), fc.nat(255));
    const property = fc.property(
      fc.nat(records.length - 1),
      fc.array(change, { maxLength: 20 }),
      fc.nat(400),
      (index, changes, length) => {
        const record = records[index]!.copy();
        for (const [at, value] of changes) record.source[at % record.end] = value;
        const end = Math.max(8, Math.min(length, record.end));
        const { event, cpu, pid, comm, source, view, timeHigh, timeLow, type } = record;
        const cut = new PageRecord(event, cpu, pid, comm, source, view, 0, end, timeHigh, timeLow, type);
        expect(generated.read(cut)).toStrictEqual(plain.read(cut));
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });
});

describe('fields by name', () => {
  const read = (field: string) => {
    const event = eventOf(`" ${field}=%u", REC->${field}`, [['u8', field, 8, 1]], 'e:grp/ev a.b');
    const reader = new ValueReader({ symbols: noSymbols });
    const record = recordOf(event, Uint8Array.of(3));
    for (let time = 0; time < often; time++) reader.read(record);
    return reader.read(record).args;
  };

  it('are those of the record, whatever they are called', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'class', 'this', 'a'])
      expect(Object.entries(read(name))).toEqual([[name, 3]]);
  });

  it('are no others', () => {
    expect(['toString' in read('a'), read('a').constructor]).toEqual([false, undefined]);
  });

  it('print as what they are', () => {
    expect(inspect(read('a'))).toBe('{ a: 3 }');
  });
});
