import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMMON_PAGE_FORMAT,
  PageWriter,
  RecordReader,
  type TracedEvent,
  TraceText,
} from '../../../src/records/index.js';
import { anyArgument, fields } from '../any-print-format.js';
import { eventOf } from '../recorded.js';
import { write } from './engine-lines.js';

type Fields = Parameters<typeof eventOf>[1];

/** What a record is written from; `type` is an event's number, or no event's. */
interface AnyRecord {
  readonly cpu: number;
  readonly type: number;
  readonly pid: number;
  readonly later: bigint;
  readonly lost: number | undefined;
  readonly bytes: Uint8Array;
}

/** How a recording is read. */
interface Reading {
  readonly until: bigint | undefined;
  /** Records before this time are skipped. */
  readonly from: bigint | undefined;
  /** Records at once, in turns. */
  readonly most: readonly number[];
}

const ALL: Reading = { until: undefined, from: undefined, most: [1000] };
const FIRST_TYPE = 7;

const symbols = {
  resolve: (address: bigint) =>
    (address & 3n) === 0n
      ? undefined
      : { name: `s${address & 0xffn}`, offset: Number(address & 0xfn), size: 16, module: undefined },
};
const commOf = (pid: number) => (pid % 2 === 0 ? `task-${pid}` : undefined);

/** Times of each CPU begin at `start` and go on from record to record. */
function pagesOf(records: readonly AnyRecord[], start: bigint): Map<number, Uint8Array> {
  const writers = new Map<number, { readonly writer: PageWriter; time: bigint }>();
  for (const { cpu, type, pid, later, lost, bytes } of records) {
    const state = writers.get(cpu) ?? { writer: new PageWriter(), time: start };
    writers.set(cpu, state);
    state.time = BigInt.asUintN(64, state.time + later);
    const payload = bytes.slice();
    const view = new DataView(payload.buffer);
    view.setUint16(0, type, true);
    view.setInt32(4, pid, true);
    if (lost !== undefined) state.writer.lose(lost === 0 ? undefined : lost);
    state.writer.write(state.time, payload);
  }
  return new Map(
    [...writers].map(([cpu, { writer }]) => {
      writer.finishPage();
      return [cpu, Uint8Array.from(Buffer.concat(writer.takePages()))];
    }),
  );
}

/** Who writes the same lines. */
class Twins {
  readonly #plain: TraceText;
  readonly #made: TraceText;
  /** Lines that were written record by record, and all. */
  singly = 0;
  lines = 0;

  constructor(names: ConstructorParameters<typeof TraceText>[0]['symbols'] = symbols) {
    this.#plain = new TraceText({ symbols: names, engine: false });
    this.#made = new TraceText({ symbols: names });
  }

  check(events: readonly TracedEvent[], pages: ReadonlyMap<number, Uint8Array>, reading = ALL): void {
    const [plain, made] = [this.#plain, this.#made].map(text => {
      const { until, from, most } = reading;
      const format = COMMON_PAGE_FORMAT;
      const reader = new RecordReader({ format, cpus: pages.keys(), events, commOf, until });
      for (const [cpu, bytes] of pages) reader.feed(cpu, bytes);
      if (from !== undefined)
        reader.skip(({ timeHigh, timeLow }) => (BigInt(timeHigh) << 32n) + BigInt(timeLow) >= from);
      return write(reader, text, ...most);
    });
    expect(made).toEqual({ ...plain, singly: made!.singly });
    this.singly += made!.singly;
    this.lines += plain!.singly;
  }
}

const textFields: Fields = [
  ['__data_loc char[]', 'l', 72, 4, true],
  ['__rel_loc char[]', 'r', 76, 4, true],
  ['char', 'fixed', 80, 6, true, '6'],
  ['char', 'rest', 86, 0, true, ''],
];
const texts = fc.constantFrom(
  { format: '%s', value: '__get_rel_str(r)' },
  { format: '%s', value: '__get_str(l)' },
  { format: '%9s', value: '__get_rel_str(r)' },
  { format: '%s', value: 'REC->fixed' },
  { format: '%-8s', value: 'REC->rest' },
  { format: '%d', value: '__get_str(l)[1] + __get_rel_str(r)[0]' },
  { format: '%s', value: '__print_hex(REC->fixed, 3)' },
  { format: '%*ph', value: '3, REC->fixed' },
);
const printed = fc
  .array(fc.oneof(anyArgument, texts), { minLength: 1, maxLength: 4 })
  .map((args): readonly [string, Fields] => {
    const format = args.map(({ format }, index) => `é${index} ${format}`).join(', ');
    return [`"${format}", ${args.map(({ value }) => value).join(', ')}`, [...fields, ...textFields]];
  });

const shapes = fc.constantFrom<readonly [piece: string, type: string, size: number, signed?: boolean]>(
  ['%u', 'u8', 1],
  ['%d', 's16', 2, true],
  ['0x%x', 'u32', 4],
  ['%Ld', 's64', 8, true],
  ["'%c'", 'u8', 1],
  ['%pS', 'u64', 8],
  ['%pS', 'u32', 4],
  ['\\"%s\\"', '__data_loc char[]', 4, true],
);
/** A probe's arguments one after another, with gaps. */
const probe = fc
  .array(fc.tuple(shapes, fc.nat(3), fc.nat(3)), { maxLength: 6 })
  .map((args): readonly [string, Fields] => {
    const found: Fields[number][] = [['unsigned long', '__probe_ip', 8, 8]];
    let format = '(%lx)';
    let offset = 16;
    for (const [index, [[piece, type, size, signed], count, gap]] of args.entries()) {
      offset += gap;
      const pieces = Array.from({ length: Math.max(1, count) }, () => piece);
      format += ` f${index}=${count === 0 ? piece : `{${pieces.join()}}`}`;
      const whole = count > 0 && type.endsWith(']') ? `${type}[${count}]` : type;
      const field = [whole, `f${index}`, offset, size * pieces.length, signed ?? false] as const;
      found.push(count === 0 ? field : [...field, String(count)]);
      offset += size * pieces.length;
    }
    return [`"${format}", REC->__probe_ip`, found];
  });
const plainFields = fc.constant<readonly [string, Fields]>([
  '"%d", nobody_knows',
  [...fields, ...textFields],
]);

const anyEvents = fc
  .array(fc.oneof({ weight: 4, arbitrary: printed }, { weight: 2, arbitrary: probe }, plainFields), {
    minLength: 1,
    maxLength: 4,
  })
  .map(all =>
    all.map(([printFmt, of], index) => {
      const event = eventOf(printFmt, of, undefined, `ev${index}`);
      return { ...event, layout: { ...event.layout, id: FIRST_TYPE + index } };
    }),
  );

const byte = fc.oneof(fc.constant(0), fc.constant(0xff), fc.integer({ min: 0x20, max: 0x7e }), fc.nat(255));
const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 84, max: 112 }) },
  fc.integer({ min: 8, max: 84 }),
  fc.integer({ min: 113, max: 400 }),
  fc.constantFrom(8, 112, 113, 116, 2000, new PageWriter().largestPayload),
);
/** A location that may point into the record, or anywhere. */
const location = fc.oneof(
  fc.tuple(fc.nat(130), fc.nat(20)).map(([from, length]) => (length << 16) | from),
  fc.integer(),
);
const payload = fc
  .tuple(size, fc.array(byte, { minLength: 1, maxLength: 200 }), location, location)
  .map(([length, pattern, l, r]) => {
    const bytes = Uint8Array.from({ length }, (_, index) => pattern[index % pattern.length]!);
    const view = new DataView(bytes.buffer);
    if (length >= 76) view.setInt32(72, l, true);
    if (length >= 80) view.setInt32(76, r, true);
    return bytes;
  });
const later = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0n, 1n, 499n, 500n, 501n, 1000n) },
  { weight: 3, arbitrary: fc.constantFrom(999_999_499n, 999_999_500n, 1_000_000_000n, (1n << 27n) - 1n) },
  fc.constantFrom(1n << 27n, 1n << 32n, (1n << 59n) - 1n, 1n << 59n, -1n, -1000n, -(1n << 40n)),
);
const anyRecord = fc.record({
  cpu: fc.constantFrom(0, 1, 2, 70),
  type: fc.oneof(
    { weight: 8, arbitrary: fc.nat(3).map(index => FIRST_TYPE + index) },
    fc.constantFrom(0, 1, 300, 65535),
  ),
  pid: fc.constantFrom(0, 1, 2, 42, 43, -1, -2, 0x7fffffff, -0x80000000),
  later,
  lost: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, fc.constantFrom(0, 1, 1000)),
  bytes: payload,
});
const start = fc.constantFrom(
  0n,
  999_999_499n,
  1n << 32n,
  (1n << 59n) - 1000n,
  1n << 63n,
  (1n << 64n) - 3000n,
);
const most = fc.array(fc.oneof(fc.constantFrom(1, 2, 1000), fc.integer({ min: 1, max: 60 })), {
  minLength: 1,
  maxLength: 4,
});
/** A time a little behind the beginning, if any. */
const bound = (begin: bigint) =>
  fc.option(
    fc.constantFrom(0n, 1n, 1500n, 1_000_000_000n, 1n << 33n).map(after => BigInt.asUintN(64, begin + after)),
    { nil: undefined, freq: 2 },
  );

describe('records of any events', () => {
  it('are written by the engine as they are without', () => {
    let twins = new Twins();
    let runs = 0;
    let [singly, lines] = [0, 0];
    const reading = start.chain(begin =>
      fc.record({ begin: fc.constant(begin), until: bound(begin), from: bound(begin), most }),
    );
    fc.assert(
      fc.property(
        anyEvents,
        fc.array(anyRecord, { minLength: 10, maxLength: 60 }),
        reading,
        (events, records, { begin, ...how }) => {
          if (++runs % 25 === 0) {
            [singly, lines] = [singly + twins.singly, lines + twins.lines];
            twins = new Twins();
          }
          const pages = pagesOf(records, begin);
          // So often that there is code for all.
          for (let turn = 0; turn < 200 / records.length; turn++) twins.check(events, pages);
          twins.check(events, pages, { ...ALL, most: how.most });
          twins.check(events, pages, how);
        },
      ),
      { numRuns: 500 },
    );
    expect(singly).toBeLessThan(lines * 0.7);
  }, 300_000);
});

/** Records of the first event with eight bytes behind the common fields. */
function recordsOf(values: readonly bigint[], cpuOf: (index: number) => number, later = 1000n): AnyRecord[] {
  return values.map((value, index) => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigUint64(8, value, true);
    return { cpu: cpuOf(index), type: FIRST_TYPE, pid: index % 5, later, lost: undefined, bytes };
  });
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index));
const pointer = eventOf('"%pS %ps", REC->x, REC->x', [['void *', 'x', 8, 8]]);

describe('texts', () => {
  const named = (length: (address: bigint) => number) => ({
    resolve: (address: bigint) => ({
      name: `${address}`.padEnd(length(address), 'n'),
      offset: 0,
      size: 16,
      module: undefined,
    }),
  });

  it('that are more than there are places for are the same', () => {
    const twins = new Twins(named(() => 10));
    const all = numbers(6000);
    const pages = pagesOf(
      recordsOf([...all, ...all, ...all.toReversed()], () => 0),
      0n,
    );
    twins.check([pointer], pages);
    twins.check([pointer], pages, { ...ALL, most: [7] });
    expect(twins.singly).toBeLessThan(100);
  });

  it('that are more than there is room for are the same', () => {
    const twins = new Twins(named(() => 700));
    const all = numbers(2500);
    const pages = pagesOf(
      recordsOf([...all, ...all, ...all.toReversed()], index => index % 3),
      0n,
    );
    for (let turn = 0; turn < 2; turn++) twins.check([pointer], pages);
    expect(twins.singly).toBeLessThan(twins.lines / 2);
  });

  it('that are too long are the same', () => {
    const twins = new Twins(named(address => 985 + (Number(address) % 20)));
    const values = numbers(300).map((_, index) => BigInt(index % 40));
    const pages = pagesOf(
      recordsOf(values, () => 0),
      0n,
    );
    twins.check([pointer], pages);
    twins.check([pointer], pages);
    expect(twins.singly).toBeGreaterThan(64);
    expect(twins.singly).toBeLessThan(twins.lines);
  });

  it('of senders are those of their own recording', () => {
    const twins = new Twins();
    const pages = pagesOf(
      recordsOf(numbers(200), index => index % 2),
      0n,
    );
    for (let turn = 0; turn < 3; turn++) twins.check([pointer], pages);
    expect(twins.singly).toBeLessThan(100);
  });
});

describe('CPUs', () => {
  it.each([
    ['of the largest number that the engine knows', [0, (1 << 20) - 1], true],
    ['of larger numbers', [0, 1 << 20], false],
    ['of no place in tables', [4095, 4096, 8192], true],
    ['that are a thousand', numbers(1000).map(Number), true],
  ])('%s are written', (_, cpus, isMade) => {
    const twins = new Twins();
    const records = recordsOf(numbers(3000), index => cpus[index % cpus.length]!, 10n);
    const pages = pagesOf(records, 0n);
    twins.check([pointer], pages);
    twins.check([pointer], pages, { ...ALL, most: [13, 1, 500] });
    if (isMade) expect(twins.singly).toBeLessThan(100);
    else expect(twins.singly).toBe(twins.lines);
  });
});

describe('times', () => {
  it('that begin anew behind the largest one are not of its second', () => {
    const twins = new Twins();
    const pages = pagesOf(
      recordsOf(numbers(300), () => 0, (1n << 64n) / 100n + 2_000_000n),
      0n,
    );
    twins.check([pointer], pages);
    const edge = pagesOf(
      recordsOf(numbers(300), () => 0),
      (1n << 64n) - 100_000n,
    );
    twins.check([pointer], edge);
    expect(twins.singly).toBeLessThan(100);
  });
});
