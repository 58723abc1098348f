import { describe, expect, it } from 'vitest';
import { JsonLines } from '../../src/formats/index.js';
import {
  type AddressValue,
  type FieldValue,
  flagCharacters,
  parseProbeFormat,
  type RecordValues,
  type TracedEvent,
  type TraceRecord,
  TraceText,
  ValueReader,
} from '../../src/records/index.js';
import { WORTH_SCRIPT } from '../../src/records/late-script.js';
import { eventOf, loadRecording, noSymbols, recordOf } from '../records/recorded.js';

interface Line {
  readonly event: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const parse = (bytes: Uint8Array): Line[] =>
  new TextDecoder('utf-8', { fatal: true })
    .decode(bytes)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));

function addressJson({ address, symbol }: AddressValue): object {
  const json = { address: `0x${address.toString(16)}` };
  if (symbol === undefined) return json;
  const place = { ...json, symbol: `${symbol.name}+0x${symbol.offset.toString(16)}` };
  return symbol.module === undefined ? place : { ...place, module: symbol.module };
}

/** The schema's form of a value, by the conversion of its argument. */
function valueJson(value: FieldValue, conversion: string): unknown {
  if (Array.isArray(value)) return value.map(element => valueJson(element, conversion));
  if (value !== null && typeof value === 'object' && 'address' in value) return addressJson(value);
  if (value !== null && conversion === 'hex') return `0x${value.toString(16)}`;
  return typeof value === 'bigint' ? String(value) : value;
}

function recordJson(record: TraceRecord, values: RecordValues): object {
  const { event, bytes } = record;
  const args: Record<string, unknown> = {};
  for (const { field, conversion } of parseProbeFormat(event.layout)!.args) {
    args[field.name] = valueJson(values.args[field.name]!, conversion);
  }
  const place =
    values.ip !== undefined
      ? { ip: addressJson(values.ip) }
      : values.func !== undefined
        ? { func: addressJson(values.func), ret: addressJson(values.returnIp!) }
        : {};
  return {
    v: 1,
    event: `${event.group}/${event.name}`,
    time: String(record.time),
    cpu: record.cpu,
    pid: record.pid,
    comm: record.comm,
    flags: flagCharacters(bytes[2]!, bytes[3]!),
    ...place,
    args,
    ...(values.problems.size > 0 ? { faults: Object.fromEntries(values.problems) } : {}),
  };
}

describe.each(['6.12-cloud', '6.12-cloud-symstr'])('the JSON lines of %s', name => {
  const { capture, symbols } = loadRecording(name);

  it('say what the typed values say', () => {
    const json = new JsonLines({ symbols });
    const values = new ValueReader({ symbols });
    const expected: object[] = [];
    const lines: Line[] = [];
    for (const batch of capture.batches()) {
      json.batch(batch);
      for (const record of batch.records) expected.push(recordJson(record, values.read(record)));
      lines.push(...parse(json.take()));
    }
    expect(lines).toEqual(expected);
  });
});

const lineOf = (event: TracedEvent, tail: readonly number[], time = 1n): Record<string, unknown> => {
  const json = new JsonLines({ symbols: noSymbols });
  json.record(recordOf(event, Uint8Array.from(tail), time));
  return { ...parse(json.take())[0]! };
};

describe('a line', () => {
  const definition = 'e:grp/ev a.b';

  it('keeps every digit of 64-bit numbers', () => {
    const event = eventOf(
      '" u=%Lu s=%Ld x=0x%Lx n=%u m=%d h=0x%x", REC->u',
      [
        ['u64', 'u', 8, 8],
        ['s64', 's', 16, 8, true],
        ['u64', 'x', 24, 8],
        ['u32', 'n', 32, 4],
        ['s16', 'm', 36, 2, true],
        ['u8', 'h', 38, 1],
      ],
      definition,
    );
    const line = lineOf(event, new Array(31).fill(0xff), 0xffff_ffff_ffff_ffffn);
    expect(line).toMatchObject({
      time: '18446744073709551615',
      args: {
        u: '18446744073709551615',
        s: '-1',
        x: '0xffffffffffffffff',
        n: 4294967295,
        m: -1,
        h: '0xff',
      },
    });
  });

  it.each<[string, number[], string, boolean]>([
    ['UTF-8', [...new TextEncoder().encode('dé\u{1f600}')], 'dé\u{1f600}', false],
    ['bytes that are none', [0x61, 0xff, 0xc3], 'a\u00ff\u00c3', true],
    ['quotes and control characters', [0x22, 0x5c, 0x0a, 0x01, 0x7f], '"\\\n\u0001\u007f', false],
  ])('writes a string of %s', (_name, bytes, text, latin1) => {
    const event = eventOf(
      '" a=\\"%s\\"", __get_str(a)',
      [['__data_loc char[]', 'a', 8, 4, true]],
      definition,
    );
    const length = bytes.length + 1;
    const line = lineOf(event, [12, 0, length, 0, ...bytes, 0]);
    expect(line.args).toEqual({ a: text });
    expect(line.latin1).toEqual(latin1 ? ['args.a'] : undefined);
  });

  it('writes characters, whatever their number', () => {
    const event = eventOf("\" c={'%c','%c','%c'}\", REC->c[0]", [['u8', 'c', 8, 3, false, '']], definition);
    expect(lineOf(event, [0, 0x22, 0xe9]).args).toEqual({ c: ['\u0000', '"', '\u00e9'] });
  });

  it('marks a command name that is not UTF-8', () => {
    const event = eventOf('""', [], definition);
    const record = recordOf(event, new Uint8Array(0));
    const json = new JsonLines({ symbols: noSymbols });
    json.record({ event, cpu: 0, pid: 1, time: 1n, comm: 'caf\u00e9', bytes: record.bytes });
    json.record({ event, cpu: 0, pid: 1, time: 1n, comm: 'caf\u00c3\u00a9', bytes: record.bytes });
    expect(parse(json.take())).toMatchObject([{ comm: 'café', latin1: ['comm'] }, { comm: 'café' }]);
  });

  it('of a loss names the CPU', () => {
    const json = new JsonLines({ symbols: noSymbols });
    json.batch({
      records: [],
      lost: [
        { cpu: 1, count: 5 },
        { cpu: 2, count: undefined },
      ],
    });
    expect(parse(json.take())).toEqual([
      { v: 1, lost: { cpu: 1, count: 5 } },
      { v: 1, lost: { cpu: 2, count: null } },
    ]);
  });

  it('of a process address has no symbol', () => {
    const event = eventOf(
      '"(%lx)", REC->__probe_ip',
      [['unsigned long', '__probe_ip', 8, 8]],
      'p:grp/ev /bin/sh:0x10',
    );
    const symbols = { resolve: () => ({ name: 'wrong', offset: 0, size: 1, module: undefined }) };
    const json = new JsonLines({ symbols });
    json.record(recordOf(event, Uint8Array.from([0x10, 0, 0, 0, 0, 0, 0, 0])));
    expect(parse(json.take())[0]).toMatchObject({ ip: { address: '0x10' } });
  });

  it.each(['a"b', 'a\\', 'caf\u00e9'])('is JSON whatever the field %j is called', name => {
    const event = eventOf(`" ${name}=%u", REC->x`, [['u32', name, 8, 4]], definition);
    expect(lineOf(event, [1, 0, 0, 0]).args).toEqual({ [name]: 1 });
    expect(lineOf(event, [])).toMatchObject({ args: { [name]: null }, faults: { [name]: 'damaged' } });
    const text = eventOf(`" ${name}=\\"%s\\""`, [['__data_loc char[]', name, 8, 4, true]], definition);
    expect(lineOf(text, [12, 0, 1, 0, 0xff])).toMatchObject({ latin1: [`args.${name}`] });
  });

  it('takes no flags from a record that has none', () => {
    const event = eventOf('""', [], definition);
    const layout = { ...event.layout, common: [] };
    const bytes = new Uint8Array(1 << 17).fill(0xff);
    const json = new JsonLines({ symbols: noSymbols });
    const text = new TraceText({ symbols: noSymbols });
    for (const out of [json, text])
      out.record({ event: { ...event, layout }, cpu: 0, pid: 1, time: 1n, comm: 'cat', bytes });
    expect(parse(json.take())[0]).toMatchObject({ flags: '.....' });
    expect(new TextDecoder().decode(text.take())).toContain(' ..... ');
  });

  it.each([true, false])(
    'says of a place that is not known that it is not (generated code: %s)',
    generate => {
      const event = eventOf(
        '"(%lx <- %lx) a=%pS", REC->__probe_func, REC->__probe_ret_ip, (void *)REC->a',
        [
          ['unsigned long', '__probe_func', 8, 8],
          ['unsigned long', '__probe_ret_ip', 16, 8],
          ['u64', 'a', 24, 8],
        ],
        'f:grp/ev vfs_read%return',
      );
      const bytes = new Uint8Array(32);
      new DataView(bytes.buffer).setBigUint64(16, 1n << 32n, true);
      const json = new JsonLines({ symbols: noSymbols }, generate);
      for (let count = 0; count <= WORTH_SCRIPT; count++)
        json.record({ event, cpu: 0, pid: 1, time: 1n, comm: 'cat', bytes });
      const expected = {
        func: null,
        ret: { address: '0x100000000' },
        args: { a: { address: '0x0' } },
      };
      const lines = parse(json.take());
      expect(lines[0]).toMatchObject(expected);
      expect(lines.at(-1)).toEqual(lines[0]);
    },
  );

  it('of damaged fields says so', () => {
    const event = eventOf(
      '"(%lx) a=%u", REC->__probe_ip, REC->a',
      [
        ['unsigned long', '__probe_ip', 8, 8],
        ['u32', 'a', 16, 4],
      ],
      'f:grp/ev vfs_read',
    );
    expect(lineOf(event, [1, 2, 3, 4])).toMatchObject({
      ip: null,
      args: { a: null },
      faults: { a: 'damaged' },
    });
  });
});
