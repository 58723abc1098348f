import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvLines, JsonLines } from '../../src/formats/index.js';
import {
  decodeText,
  type FieldValue,
  isUtf8,
  parseProbeFormat,
  RecordReader,
  type RecordValues,
  TraceText,
  TypedValueReader,
  ValueReader,
} from '../../src/records/index.js';
import { eventOf, latin1, lineOf, loadRecording, noSymbols, recordOf } from './recorded.js';

/** What the kernel prints for a value; strings as byte strings, which only those tell that are ASCII. */
function printed(value: FieldValue, conversion: string): string {
  if (Array.isArray(value)) return `{${value.map(element => printed(element, conversion)).join(',')}}`;
  if (value === null) return '(fault)';
  if (typeof value === 'object' && 'address' in value) {
    const { symbol, address } = value;
    if (symbol === undefined) return `0x${address.toString(16)}`;
    const module = symbol.module === undefined ? '' : ` [${symbol.module}]`;
    return `${symbol.name}+0x${symbol.offset.toString(16)}/0x${symbol.size.toString(16)}${module}`;
  }
  if (conversion === 'hex') return `0x${value.toString(16)}`;
  if (conversion === 'char') return `'${value}'`;
  return conversion === 'string' ? `"${value}"` : String(value);
}

describe('the values of a recording', () => {
  const { capture, symbols, lines } = loadRecording('6.12-cloud');

  it('print as the kernel printed them, faults aside', () => {
    const reader = new ValueReader({ symbols });
    const text = lines.join('\n');
    let at = 0;
    let faults = 0;
    for (const batch of capture.batches()) {
      for (const record of batch.records) {
        const { args, problems, latin1: bytewise } = reader.read(record);
        expect(bytewise).toEqual([]);
        for (const { field, conversion } of parseProbeFormat(record.event.layout)!.args) {
          const piece = ` ${field.name}=${printed(args[field.name]!, conversion)}`;
          const found = text.indexOf(piece, at);
          if (problems.has(field.name)) faults++;
          // Each argument stands right behind the one before; only the place in front is skipped.
          if (found < 0 || found - at > 400)
            throw new Error(`${piece} is not in ${text.slice(at, at + 400)}`);
          at = found + piece.length;
        }
      }
    }
    expect(faults).toBeGreaterThan(0);
    expect(text.slice(at)).toBe('\n');
  });
});

describe('symstr', () => {
  it('has its own text although the kernel prints it run together with the next', () => {
    const { capture, symbols } = loadRecording('6.12-cloud-symstr');
    const reader = new ValueReader({ symbols });
    const records = [...capture.batches()].flatMap(batch => batch.records);
    const all = records.map(record => ({ ...reader.read(record).args }));
    expect(all[0]).toEqual({ s: '__x64_sys_rename+0x3f/0x50', r: '0xffa000000045bf58', c: 'mv' });
    expect(all[1]).toEqual({ a0: 'simple_lookup+0x0/0x60', t0: 'simple_lookup+0x0/0x60', a1: 'e' });
    expect(all[3]).toEqual({ f: '0x32373758', r: 0 });
    expect(all[5]).toEqual({ o: '0x0', s: 'lo', z: 1 });
    expect(all[6]).toMatchObject({ d: '0x0', e: { address: 0n }, i: 'icmp_rcv+0x5/0x360' });
  });
});

const word = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
const location = (offset: number, length: number) => word((length << 16) | offset);

describe('fields', () => {
  const read = (
    event: ReturnType<typeof eventOf>,
    tail: readonly number[],
    symbols = noSymbols,
  ): RecordValues => new ValueReader({ symbols }).read(recordOf(event, Uint8Array.from(tail)));

  it('of a static event have the values of their types', () => {
    const event = eventOf('"x=%weird", REC->x', [
      ['char', 'comm', 8, 4, true, '4'],
      ['void *', 'pointer', 12, 8],
      ['__u8', 'mac', 20, 3, false, '3'],
      ['__data_loc u16[]', 'far', 23, 4],
      ['__rel_loc char[]', 'near', 27, 4, true],
      ['__data_loc char[]', 'empty', 31, 4, true],
      ['unsigned long', 'rest', 36, 0, false, ''],
    ]);
    const tail = [0x73, 0x68, 0, 1, ...[1, 2, 3, 4, 5, 6, 7, 8], 9, 8, 7];
    const locations = [...location(44, 4), ...location(17, 3), ...location(35, 0)];
    const behind = [0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0x61, 0x62, 0];
    expect({ ...read(event, [...tail, ...locations, ...behind]).args }).toEqual({
      comm: 'sh',
      pointer: 0x0807060504030201n,
      mac: [9, 8, 7],
      far: [0x201, 0x403],
      near: 'ab',
      empty: '',
      rest: [1n],
    });
  });

  it('are damaged alone when they lie outside the record', () => {
    const event = eventOf(
      '" a=%u b=\\"%s\\" c=%d", REC->a, __get_str(b), REC->c',
      [
        ['u8', 'a', 8, 1],
        ['__data_loc char[]', 'b', 9, 4, true],
        ['s32', 'c', 13, 4, true],
      ],
      'e:grp/ev a.b',
    );
    const values = read(event, [200, ...location(17, 100)]);
    expect({ ...values.args }).toEqual({ a: 200, b: null, c: null });
    expect([...values.problems]).toEqual([
      ['b', 'damaged'],
      ['c', 'damaged'],
    ]);
  });

  it('of strings are null where the fetch faulted, also when an earlier step of it did', () => {
    const event = eventOf(
      '" x=\\"%s\\" y=\\"%s\\" z=\\"%s\\" s={\\"%s\\",\\"%s\\"}", __get_str(x), __get_str(y), __get_str(z), __get_str(s[0]), __get_str(s[1])',
      [
        ['__data_loc char[]', 'x', 8, 4, true],
        ['__data_loc char[]', 'y', 12, 4, true],
        ['__data_loc char[]', 'z', 16, 4, true],
        ['__data_loc char[][2]', 's', 20, 8, true],
      ],
      'e:grp/ev a.b',
    );
    const tail = [
      ...location(28, 5),
      ...location(28, 3),
      ...location(31, 0),
      ...location(31, 2),
      ...location(33, 0),
    ];
    const values = read(event, [...tail, 0x73, 0x68, 0, 0x61, 0]);
    expect({ ...values.args }).toEqual({ x: null, y: 'sh', z: null, s: ['a', null] });
    expect([...values.problems]).toEqual([
      ['x', 'fault'],
      ['z', 'fault'],
      ['s', 'fault'],
    ]);
    const text = new TraceText({ symbols: noSymbols });
    text.record(recordOf(event, Uint8Array.from([...tail, 0x73, 0x68, 0, 0x61, 0])));
    expect(latin1(text.take()).slice(51)).toBe('ev: (a.b) x="sh" y="sh" z=(fault) s={"a",(fault)}\n');
  });

  it('called like a member of every object do no harm', () => {
    const event = eventOf('" __proto__=%u", REC->__proto__', [['u8', '__proto__', 8, 1]], 'e:grp/ev a.b');
    expect(Object.entries(read(event, [3]).args)).toEqual([['__proto__', 3]]);
  });

  it('are read in the byte order of the machine', () => {
    const event = eventOf('"(%lx) a=%Ld b=%u", REC->__probe_ip, REC->a, REC->b', [
      ['unsigned long', '__probe_ip', 8, 8],
      ['s64', 'a', 16, 8, true],
      ['u16', 'b', 24, 2],
    ]);
    const tail = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 9, ...new Array(7).fill(255), 254, 1, 2]);
    const values = new ValueReader({ symbols: noSymbols, littleEndian: false }).read(recordOf(event, tail));
    expect([values.ip?.address, values.args.a, values.args.b]).toEqual([9n, -2n, 0x102]);
  });
});

describe('numbers', () => {
  /** How a field of each width and sign is declared and printed: by hand as the kernel's probe events are. */
  const shapes = [1, 2, 4, 8].flatMap(size =>
    [false, true].map(signed => ({
      size,
      signed,
      type: `${signed ? 's' : 'u'}${size * 8}`,
      conversion: `%${size === 8 ? 'L' : ''}${signed ? 'd' : 'u'}`,
    })),
  );
  const event = eventOf(
    `"(%lx)${shapes.map(({ type, conversion }) => ` ${type}=${conversion}`).join('')}", REC->__probe_ip`,
    [
      ['unsigned long', '__probe_ip', 8, 8],
      ...shapes.map(({ type, size, signed }, index) => [type, type, 16 + 8 * index, size, signed] as const),
    ],
    'f:grp/ev x',
  );
  const edges = [
    0n,
    1n,
    -1n,
    0x7fn,
    0x80n,
    0xffn,
    0x7fffn,
    0x8000n,
    0xffffn,
    0x7fffffffn,
    0x80000000n,
    0xffffffffn,
  ];
  const wide = [
    1n << 32n,
    (1n << 53n) - 1n,
    1n << 53n,
    (1n << 53n) + 1n,
    (1n << 63n) - 1n,
    1n << 63n,
    (1n << 64n) - 1n,
  ];
  const word = fc.oneof(fc.constantFrom(...edges, ...wide), fc.bigInt(0n, (1n << 64n) - 1n));

  it('of every width and sign are the same number in every form, exactly, in either byte order', () => {
    const property = fc.property(
      fc.array(word, { minLength: 8, maxLength: 8 }),
      fc.boolean(),
      (words, littleEndian) => {
        const tail = new DataView(new ArrayBuffer(8 + 64));
        const expected = shapes.map(({ size, signed }, index) => {
          const value = signed
            ? BigInt.asIntN(size * 8, words[index]!)
            : BigInt.asUintN(size * 8, words[index]!);
          for (let byte = 0; byte < size; byte++) {
            const place = littleEndian ? byte : size - 1 - byte;
            tail.setUint8(
              8 + 8 * index + place,
              Number((BigInt.asUintN(64, value) >> BigInt(8 * byte)) & 0xffn),
            );
          }
          return value;
        });
        const bytes = new Uint8Array(tail.buffer);
        const record = recordOf(event, bytes);
        const options = { symbols: noSymbols, littleEndian };
        const { args } = new ValueReader(options).read(record);
        const typed = new TypedValueReader(options).read(record).args;
        const number = (value: bigint, size: number) => (size === 8 ? value : Number(value));
        const names = shapes.map(({ type }) => type);
        const values = shapes.map(({ size }, index) => number(expected[index]!, size));
        expect(names.map(name => args[name])).toEqual(values);
        expect(names.map(name => typed[name]!.value)).toEqual(values);

        const text = new TraceText(options);
        const shown = shapes.map(({ type }, index) => `${type}=${expected[index]}`).join(' ');
        expect(lineOf(text, record)).toContain(` ${shown}\n`);

        const lines = new JsonLines(options);
        lines.record(record);
        const json = JSON.parse(latin1(lines.take())) as { args: Record<string, unknown> };
        expect(names.map(name => json.args[name])).toEqual(
          shapes.map(({ size }, index) => (size === 8 ? `${expected[index]}` : Number(expected[index]))),
        );

        const csv = new CsvLines({ ...options, events: [event], values: 'plain' });
        csv.batch({ records: [record], lost: [] });
        expect(latin1(csv.take()).trimEnd().split('\n').at(-1)!.split(',').slice(-8)).toEqual(
          expected.map(String),
        );
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});

describe('text', () => {
  it('is UTF-8 exactly when a strict decoder takes it', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.string({ unit: 'binary' }).map(text => new TextEncoder().encode(text)),
    );
    const property = fc.property(fc.array(pieces, { maxLength: 4 }), parts => {
      const bytes = Uint8Array.from(parts.flatMap(part => [...part]));
      let expected: string | undefined;
      try {
        expected = strict.decode(bytes);
      } catch {
        expected = undefined;
      }
      expect(isUtf8(bytes)).toBe(expected !== undefined);
      expect(decodeText(bytes)).toEqual({ text: expected ?? latin1(bytes), latin1: expected === undefined });
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

describe('damaged bytes', () => {
  const { capture, files, symbols } = loadRecording('6.12-cloud');

  it('give values and lines of bounded size, never an exception', () => {
    const { format, events } = capture;
    const page = files.get('raw.cpu0')!.subarray(4096 * 5, 4096 * 6);
    const values = new ValueReader({ symbols });
    const text = new TraceText({ symbols });
    const change = fc.tuple(fc.integer({ min: 16, max: 4095 }), fc.nat(255));
    const property = fc.property(fc.array(change, { minLength: 1, maxLength: 60 }), changes => {
      const bytes = Uint8Array.from(page);
      for (const [at, value] of changes) bytes[at] = value;
      const reader = new RecordReader({ format, events, cpus: [0], commOf: () => undefined });
      reader.feed(0, bytes);
      for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) {
        for (const record of batch.records) {
          const { args, problems } = values.read(record);
          expect(Object.keys(args).length).toBe(parseProbeFormat(record.event.layout)!.args.length);
          for (const name of problems.keys()) expect(name in args).toBe(true);
          text.record(record);
          expect(text.take().length).toBeLessThan(40 * 4096);
        }
      }
    });
    fc.assert(property, { numRuns: 100 });
  });
});
