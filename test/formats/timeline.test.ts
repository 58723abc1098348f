import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChromeTrace, type TimelineOptions } from '../../src/formats/index.js';
import { PerfettoTrace } from '../../src/formats/perfetto/index.js';
import {
  type AddressValue,
  type FieldValue,
  PageRecord,
  type RecordBatch,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
  ValueReader,
} from '../../src/records/index.js';
import { eventOf, loadRecording, noSymbols } from '../records/recorded.js';
import { type DrawnEvent, drawnOf, type Shown, slicesOf } from './drawn.js';

interface ChromeEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

type Writer = PerfettoTrace | ChromeTrace;

function written(writer: Writer, batches: Iterable<RecordBatch>): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const batch of batches) {
    writer.batch(batch);
    pieces.push(writer.take());
  }
  writer.end();
  return Buffer.concat([...pieces, writer.take()]);
}

const perfetto = (options: TimelineOptions, batches: Iterable<RecordBatch>) =>
  drawnOf(written(new PerfettoTrace(options), batches));

function chrome(options: TimelineOptions, batches: Iterable<RecordBatch>) {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(written(new ChromeTrace(options), batches));
  return JSON.parse(text) as {
    readonly otherData: { readonly clock: string; readonly startNs: string };
    readonly traceEvents: readonly ChromeEvent[];
  };
}

const ofType = (events: readonly DrawnEvent[], type: string) => events.filter(event => event.type === type);

describe("the kernel's own events of a recording of 6.12", () => {
  const { capture, symbols } = loadRecording('6.12-cloud-static');
  const events = capture.events;
  const options = { symbols, events, clockName: 'mono' };
  const batches = () => {
    const reader = capture.reader(events);
    return (function* () {
      for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) yield batch;
    })();
  };
  const records = [...batches()].flatMap(batch => batch.records);
  const drawn = perfetto(options, batches());
  const slices = slicesOf(drawn);

  /** System calls by the lines of the kernel: an enter and the next exit of the thread. */
  const calls = () => {
    const found: { name: string; tid: number; start: bigint; end: bigint }[] = [];
    const entered = new Map<number, TraceRecord>();
    for (const record of records) {
      const [, side, name] = /^sys_(enter|exit)_(\w+)$/.exec(record.event.name) ?? [];
      const enter = entered.get(record.pid);
      if (side === 'enter') entered.set(record.pid, record);
      if (side !== 'exit' || enter?.event.name !== `sys_enter_${name}`) continue;
      found.push({ name: name!, tid: record.pid, start: enter.time, end: record.time });
      entered.delete(record.pid);
    }
    return found;
  };

  it('shows each system call as a slice of its thread', () => {
    const expected = calls();
    expect(expected.length).toBeGreaterThan(1000);
    const finished = slices.filter(({ args }) => args['unfinished'] === undefined);
    const shown = finished.map(({ name, track, start, end }) => ({
      name,
      tid: Number(track.split('/')[1]),
      start,
      end,
    }));
    const key = (call: { name: string; tid: number; start: bigint; end: bigint }) =>
      `${call.start} ${call.end} ${call.tid} ${call.name}`;
    expect(shown.map(key).sort()).toEqual(expected.map(key).sort());
  });

  it('leaves no record out and makes up none', () => {
    const begins = ofType(drawn.events, 'SLICE_BEGIN').length;
    const unfinished = slices.filter(({ args }) => args['unfinished'] === true).length;
    // One instant tells the clock.
    const instants = ofType(drawn.events, 'INSTANT').length - 1;
    expect(instants + 2 * begins - unfinished).toBe(records.length);
    expect(unfinished).toBeLessThan(20);
    expect(drawn.clock).toBe(3n);
  });

  it('draws the same for Chrome', () => {
    const { traceEvents, otherData } = chrome(options, batches());
    expect(otherData).toMatchObject({ clock: 'mono', startNs: '0' });
    const ns = (micros: number) => BigInt(Math.round(micros * 1000));
    const shown = traceEvents
      .filter(({ ph }) => ph === 'X')
      .map(({ name, pid, tid, ts, dur, args }) => ({
        name,
        track: pid === 0 ? `swapper/${tid}` : `${pid}/${tid}`,
        start: ns(ts),
        end: ns(ts) + ns(dur),
        args: Object.keys(args).join(),
      }));
    const inOrder = (list: readonly object[]) => list.map(one => JSON.stringify(one, exact)).sort();
    expect(inOrder(shown)).toEqual(
      inOrder(slices.map(slice => ({ ...slice, args: Object.keys(slice.args).join() }))),
    );
    expect(traceEvents.filter(({ ph }) => ph === 'i').length).toBe(
      ofType(drawn.events, 'INSTANT').length - 1,
    );
  });

  it('is one file whatever batches it is made of', () => {
    const all = written(new PerfettoTrace(options), batches());
    const one = records.slice(0, 3000).map(record => ({ records: [record], lost: [] }));
    const pieces = written(new PerfettoTrace(options), one);
    const whole = written(new PerfettoTrace(options), [{ records: records.slice(0, 3000), lost: [] }]);
    expect(Buffer.compare(pieces, whole)).toBe(0);
    expect(all.length).toBeGreaterThan(whole.length);
  });
});

const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);

describe('probe events of a recording of 6.12', () => {
  const { capture, symbols } = loadRecording('6.12-cloud');
  const events = capture.events;

  it('have the values of their records as arguments', () => {
    const reader = capture.reader(events);
    const batches: RecordBatch[] = [];
    for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) batches.push(batch);
    const drawn = perfetto({ symbols, events, values: 'plain' }, batches);
    const values = new ValueReader({ symbols });
    const shown = new Map<string, string[]>();
    const add = (time: bigint, args: object) =>
      shown.set(`${time}`, [...(shown.get(`${time}`) ?? []), JSON.stringify(args, exact)]);
    for (const { time, args, name, type } of drawn.events) {
      if (name === 'trace' || type === 'COUNTER') continue;
      const { 'return only': _, unfinished: __, ...own } = args;
      add(time, own);
    }
    let compared = 0;
    for (const record of batches.flatMap(batch => batch.records)) {
      const read = values.read(record);
      const expected: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(read.args)) {
        const hex = /hex/.test(styleOf(values, record, name));
        if (value !== null) expected[name] = argumentOf(value, hex);
        else expected[`${name}.state`] = read.problems.get(name);
      }
      expect(shown.get(`${record.time}`)).toContain(JSON.stringify(expected, exact));
      compared++;
    }
    expect(compared).toBeGreaterThan(1000);
  });
});

function styleOf(values: ValueReader, record: TraceRecord, name: string): string {
  const shape = values.shapeOf(record.event).fields.find(field => field.name === name)!.shape;
  return 'style' in shape ? shape.style : '';
}

function argumentOf(value: FieldValue, hex: boolean): unknown {
  if (value === null) return '(fault)';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return hex ? { pointer: BigInt(value) } : BigInt(value);
  if (Array.isArray(value)) return value.map(element => argumentOf(element, hex));
  const { address, symbol } = value as AddressValue;
  return symbol === undefined ? { pointer: address } : `${symbol.name}+0x${symbol.offset.toString(16)}`;
}

const functions: SymbolNames = {
  resolve: address =>
    address < 0x1000n
      ? undefined
      : { name: `f${address >> 12n}`, offset: Number(address & 0xfffn), size: 4096, module: undefined },
};
const entry = (name: string, definition?: string) =>
  eventOf(
    '"(%lx) x=%Lu", REC->__probe_ip, REC->x',
    [
      ['unsigned long', '__probe_ip', 8, 8],
      ['u64', 'x', 16, 8],
    ],
    definition,
    name,
  );
const exit = (name: string, definition?: string) =>
  eventOf(
    '"(%lx <- %lx) x=%Ld", REC->__probe_func, REC->__probe_ret_ip, REC->x',
    [
      ['unsigned long', '__probe_func', 8, 8],
      ['unsigned long', '__probe_ret_ip', 16, 8],
      ['s64', 'x', 24, 8, true],
    ],
    definition,
    name,
  );

interface Hit {
  readonly event: TracedEvent;
  readonly words: readonly bigint[];
  readonly time: bigint;
  readonly pid?: number;
  readonly cpu?: number;
  readonly comm?: string;
}

function hit({ event, words, time, pid = 42, cpu = 1, comm = 'cat' }: Hit): TraceRecord {
  const bytes = new Uint8Array(8 + words.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries())
    view.setBigUint64(8 + index * 8, BigInt.asUintN(64, word), true);
  return PageRecord.of({ event, cpu, time, pid, comm, bytes });
}

const into = entry('in');
const out = exit('out');
const enter = (fn: bigint, time: bigint, more: Partial<Hit> = {}) =>
  hit({ event: into, words: [(fn << 12n) + 4n, time], time, ...more });
const leave = (fn: bigint, time: bigint, more: Partial<Hit> = {}) =>
  hit({ event: out, words: [fn << 12n, 0xffffn, -time], time, ...more });
const one = (...records: readonly TraceRecord[]): RecordBatch[] => [{ records, lost: [] }];
const options = { symbols: functions, events: [into, out] };
const brief = ({ name, start, end }: Shown) => `${name} ${start}-${end}`;

describe('calls', () => {
  it('nest, in each thread for itself', () => {
    const drawn = perfetto(
      options,
      one(
        enter(7n, 10n),
        enter(7n, 20n, { pid: 43 }),
        enter(8n, 30n),
        enter(7n, 40n),
        leave(7n, 50n, { pid: 43 }),
        leave(7n, 60n),
        leave(8n, 60n),
        leave(7n, 70n),
      ),
    );
    const slices = slicesOf(drawn);
    expect(slices.map(slice => `${slice.track} ${brief(slice)}`)).toEqual([
      '43/43 f7 20-50',
      '42/42 f7 40-60',
      '42/42 f8 30-60',
      '42/42 f7 10-70',
    ]);
    expect(slices[1]!.args).toEqual({ x: 40n, 'x (return)': -60n });
  });

  it('that begin and end at one time nest as they were recorded', () => {
    const shown = slicesOf(
      perfetto(
        options,
        one(
          enter(7n, 1n),
          leave(7n, 2n),
          enter(8n, 3n),
          leave(8n, 4n),
          ...[enter(7n, 9n), enter(8n, 9n), leave(8n, 9n), enter(8n, 9n), leave(8n, 10n), leave(7n, 10n)],
        ),
      ),
    );
    expect(shown.map(brief)).toEqual(['f7 1-2', 'f8 3-4', 'f8 9-9', 'f8 9-10', 'f7 9-10']);
  });

  it('without a return end with the call they are in, or at the end', () => {
    const shown = slicesOf(
      perfetto(
        options,
        one(
          ...[enter(8n, 1n), leave(8n, 2n), enter(7n, 10n), enter(8n, 20n), leave(7n, 30n)],
          ...[enter(7n, 40n), leave(9n, 50n)],
        ),
      ),
    );
    expect(shown.map(slice => `${brief(slice)} ${slice.args['unfinished'] ?? ''}`.trim())).toEqual([
      'f8 1-2',
      'f8 20-30 true',
      'f7 10-30',
      'f7 40-50 true',
    ]);
  });

  it('that were lost of are marked', () => {
    const drawn = perfetto(options, [
      { records: [enter(7n, 10n)], lost: [] },
      { records: [leave(7n, 20n), enter(7n, 30n), leave(7n, 40n)], lost: [{ cpu: 3, count: 17 }] },
      { records: [], lost: [{ cpu: 3, count: undefined }] },
    ]);
    expect(slicesOf(drawn).map(slice => [brief(slice), slice.args['lost']])).toEqual([
      ['f7 10-20', true],
      ['f7 30-40', undefined],
    ]);
    const lost = drawn.events.filter(({ track }) => track === 'lost events, CPU 3');
    expect(lost.map(({ time, args }) => [time, args['count']])).toEqual([
      [20n, 17n],
      [40n, 'unknown'],
    ]);
  });

  it('are none where no return is recorded', () => {
    const many = Array.from({ length: 100 }, (_, index) => enter(5n, BigInt(index + 1), { pid: 50 + index }));
    const drawn = perfetto(options, one(...many, leave(6n, 200n), enter(5n, 201n)));
    expect(slicesOf(drawn)).toEqual([]);
    const instants = ofType(drawn.events, 'INSTANT').slice(1);
    expect(instants.map(({ time, name }) => `${time} ${name}`).sort()).toEqual(
      [...many.map(({ time }) => `${time} in`), '200 out', '201 in'].sort(),
    );
    expect(instants.find(({ time }) => time === 200n)!.args['return only']).toBe(true);
    const alone = perfetto({ ...options, events: [into] }, one(enter(7n, 1n)));
    expect(ofType(alone.events, 'INSTANT').at(-1)).toMatchObject({ name: 'in', category: 'grp' });
  });

  it('are paired by their definitions where those are known', () => {
    const a = entry('a', 'f f7');
    const b = entry('b', 'f f8');
    const c = entry('c', 'p f7+0x9');
    const r = exit('r', 'f f7%return');
    const records = [a, b, c].map((event, index) =>
      hit({ event, words: [((event === b ? 8n : 7n) << 12n) + 4n, 0n], time: BigInt(index + 1) }),
    );
    const back = hit({ event: r, words: [7n << 12n, 0n, 0n], time: 9n });
    const drawn = perfetto({ symbols: functions, events: [a, b, c, r] }, one(...records, back));
    expect(slicesOf(drawn).map(brief)).toEqual(['f7 1-9']);
    // In the file's order: nothing waits to see whether there will be a return.
    expect(drawn.events.map(({ name, type }) => `${type} ${name}`)).toEqual([
      'INSTANT trace',
      'SLICE_BEGIN f7',
      'INSTANT b',
      'INSTANT c',
      'SLICE_END undefined',
    ]);
  });

  it('nest whatever comes, and no record is left out', () => {
    const record = fc.record({
      isEntry: fc.boolean(),
      fn: fc.bigInt({ min: 2n, max: 5n }),
      pid: fc.constantFrom(0, 42, 43),
      cpu: fc.nat(1),
      step: fc.bigInt({ min: 0n, max: 2n }),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 150 }), list => {
        let time = 1n;
        const records = list.map(({ isEntry, fn, pid, cpu, step }) => {
          time += step;
          return (isEntry ? enter : leave)(fn, time, { pid, cpu });
        });
        const drawn = perfetto(options, one(...records));
        const { events } = drawn;
        const ends = ofType(events, 'SLICE_END');
        const unfinished = ends.filter(({ args }) => args['unfinished'] === true).length;
        const begins = ofType(events, 'SLICE_BEGIN').length;
        const instants = ofType(events, 'INSTANT').length - (records.length > 0 ? 1 : 0);
        // Without records one tells the clock all the same.
        expect(instants - (records.length > 0 ? 0 : 1) + begins + ends.length - unfinished).toBe(
          records.length,
        );
        expect(begins).toBe(ends.length);
        const { traceEvents } = chrome(options, one(...records));
        expect(traceEvents.filter(({ ph }) => ph === 'X').length).toBe(begins);
      }),
      { numRuns: 12 },
    );
  });
});

describe('numbers', () => {
  const wide = eventOf('"x=%Lu y=%Ld z=0x%Lx"', [
    ['u64', 'x', 8, 8],
    ['s64', 'y', 16, 8, true],
    ['void *', 'z', 24, 8],
  ]);
  const values = [0n, 1n, 0x7fffffffffffffffn, -0x8000000000000000n, -1n, 0xffff888012345678n];

  it('of 64 bits are exact, and so are times', () => {
    const time = 0x7fffffffffffff00n;
    const records = values.map((value, index) =>
      hit({ event: wide, words: [value, value, value], time: time + BigInt(index) }),
    );
    const { events } = perfetto({ symbols: noSymbols, events: [wide] }, one(...records));
    expect(events.slice(1).map(event => [event.time, event.args])).toEqual(
      values.map((value, index) => [
        time + BigInt(index),
        {
          x: BigInt.asUintN(64, value),
          y: BigInt.asIntN(64, value),
          z: { pointer: BigInt.asUintN(64, value) },
        },
      ]),
    );
    const { traceEvents, otherData } = chrome({ symbols: noSymbols, events: [wide] }, one(...records));
    expect(otherData.startNs).toBe(`${time}`);
    const drawn = traceEvents.filter(({ ph }) => ph === 'i');
    expect(drawn.map(({ ts }) => ts)).toEqual([0, 0.001, 0.002, 0.003, 0.004, 0.005]);
    expect(drawn.map(({ args }) => [args['x'], args['y'], args['z']])).toEqual([
      [0, 0, '0x0'],
      [1, 1, '0x1'],
      ['9223372036854775807', '9223372036854775807', '0x7fffffffffffffff'],
      ['9223372036854775808', '-9223372036854775808', '0x8000000000000000'],
      ['18446744073709551615', -1, '0xffffffffffffffff'],
      ['18446612682375452280', -131391334099336, '0xffff888012345678'],
    ]);
  });

  it('are drawn over time when asked for', () => {
    const records = values.map((value, index) =>
      hit({ event: wide, words: [value, value, value], time: BigInt(index) }),
    );
    const counters = new Map([[wide, ['x', 'y']]]);
    const { events } = perfetto({ symbols: noSymbols, events: [wide], counters }, one(...records));
    const of = (track: string) => events.filter(event => event.track === track).map(({ counter }) => counter);
    expect(of('ev.y')).toEqual(values.map(value => BigInt.asIntN(64, value)));
    // Perfetto's exact number is signed.
    expect(of('ev.x')).toEqual([0n, 1n, 0x7fffffffffffffffn, 2 ** 63, 2 ** 64, Number(0xffff888012345678n)]);
    const { traceEvents } = chrome({ symbols: noSymbols, events: [wide], counters }, one(...records));
    const drawn = traceEvents.filter(({ ph, name }) => ph === 'C' && name === 'ev.y');
    expect(drawn.map(({ args }) => args['value'])).toEqual(
      values.map(value => Number(BigInt.asIntN(64, value))),
    );
  });
});

describe('threads', () => {
  it('have names and processes; idle CPUs have one each', () => {
    const processOf = (tid: number) => (tid === 43 ? 42 : undefined);
    const records = [
      enter(7n, 1n, { pid: 43, comm: 'wor\xc3\xa4ker' }),
      enter(7n, 2n, { pid: 42, comm: '<...>' }),
      enter(7n, 3n, { pid: 42, comm: 'main' }),
      enter(7n, 4n, { pid: 0, cpu: 2, comm: '<idle>' }),
      enter(7n, 5n, { pid: 0, cpu: 5, comm: '<idle>' }),
    ];
    const { tracks, events } = perfetto({ ...options, events: [into], processOf }, one(...records));
    expect(events.slice(1).map(({ track }) => track)).toEqual([
      '42/43',
      '42/42',
      '42/42',
      'swapper/2',
      'swapper/5',
    ]);
    const described = [...tracks.values()];
    expect(described.flatMap(({ thread = [] }) => thread)).toEqual([
      { pid: [42n], tid: [43n], thread_name: ['woräker'] },
      { pid: [42n], tid: [42n], thread_name: ['main'] },
    ]);
    expect(described.flatMap(({ process = [] }) => process)).toEqual([
      { pid: [42n], process_name: ['main'] },
    ]);
    const { traceEvents } = chrome({ ...options, events: [into], processOf }, one(...records));
    const names = traceEvents.filter(({ ph }) => ph === 'M');
    expect(names.map(({ name, pid, tid, args }) => [name, pid, tid ?? null, args['name']])).toEqual([
      ['thread_name', 42, 43, 'woräker'],
      ['process_name', 42, null, 'main'],
      ['thread_name', 42, 42, 'main'],
      ['process_name', 0, null, 'swapper'],
      ['thread_name', 0, 2, 'swapper/2'],
      ['thread_name', 0, 5, 'swapper/5'],
    ]);
  });
});
