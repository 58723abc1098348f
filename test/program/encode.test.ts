import { describe, expect, test } from 'vitest';
import type { EventField } from '../../src/kernel/index.js';
import type { FetchOp, FetchType, ProbeArgument, ProbeEvent } from '../../src/language/index.js';
import { encodeRecord, saveEntryData } from '../../src/program/index.js';
import { kernelBase, TestMachine } from './test-machine.js';

const common: EventField[] = [
  field('common_type', 'unsigned short', 0, 2),
  field('common_flags', 'unsigned char', 2, 1),
  field('common_preempt_count', 'unsigned char', 3, 1),
  field('common_pid', 'int', 4, 4),
];

function field(name: string, type: string, offset: number, size: number): EventField {
  return { name, type, offset, size, signed: false, array: undefined };
}

function type(kind: FetchType['kind'], size: number): FetchType {
  return { name: kind, size, signed: false, formatType: kind, printFormat: '', kind };
}

/** An event with these arguments, packed as the kernel packs them. */
function eventOf(isReturn: boolean, args: { name: string; type: FetchType; ops: FetchOp[] }[]): ProbeEvent {
  const head = isReturn ? ['__probe_func', '__probe_ret_ip'] : ['__probe_ip'];
  const fields = head.map((name, index) => field(name, 'unsigned long', 8 + 8 * index, 8));
  let offset = 8 + 8 * head.length;
  const packed: ProbeArgument[] = args.map(({ name, type, ops }) => {
    fields.push(field(name, type.formatType, offset, type.size));
    const argument: ProbeArgument = {
      name,
      body: '',
      type,
      count: 0,
      offset,
      size: type.size,
      program: [...ops, { op: 'END' }],
      btf: undefined,
    };
    offset += type.size;
    return argument;
  });
  return {
    kind: 'f',
    isReturn,
    group: 'fprobes',
    name: 'test',
    place: { kind: 'function', symbol: 'test' },
    maxactive: 0,
    args: packed,
    entryProgram: [],
    layout: { group: 'fprobes', name: 'test', id: 1500, common, fields, printFmt: '' },
    prototype: undefined,
    listing: '',
    [Symbol.dispose]: () => {},
  };
}

const head = {
  id: 1500,
  flags: 1,
  preemptCount: 2,
  pid: 154,
  ip: 0xffffffff81000004n,
  returnIp: 0xffffffff81000100n,
};
const comm: FetchOp[] = [{ op: 'COMM' }, { op: 'ST_STRING', offset: 0, size: 4 }];
const textOf = (address: bigint): FetchOp[] => [
  { op: 'IMM', value: address },
  { op: 'ST_STRING', offset: 0, size: 4 },
];
const hex = (bytes: Uint8Array | undefined) =>
  bytes && [...bytes].map(b => b.toString(16).padStart(2, '0')).join('');

describe('encodeRecord', () => {
  test('common fields, address, packed values and the bytes of texts', () => {
    const machine = new TestMachine();
    machine.arguments = [0x1122n];
    const event = eventOf(false, [
      {
        name: 'a',
        type: type('unsigned', 1),
        ops: [
          { op: 'ARG', index: 0 },
          { op: 'ST_RAW', size: 1 },
        ],
      },
      { name: 's', type: type('string', 4), ops: comm },
      {
        name: 'b',
        type: type('hex', 2),
        ops: [
          { op: 'ARG', index: 0 },
          { op: 'ST_RAW', size: 2 },
        ],
      },
    ]);
    const record = encodeRecord(event, machine, head);
    expect(record?.states.size).toBe(0);
    expect(hex(record?.bytes)).toBe(
      ['dc05', '01', '02', '9a000000', '04000081ffffffff', '22', '17000300', '2211', '736800'].join(''),
    );
  });
  test('a return event has the function and where it returns to', () => {
    const record = encodeRecord(eventOf(true, []), new TestMachine(), head);
    expect(hex(record?.bytes)).toBe('dc0501029a000000' + '04000081ffffffff' + '00010081ffffffff');
  });
  test('faults are zeros in the record and states beside it', () => {
    const machine = new TestMachine();
    const event = eventOf(false, [
      {
        name: 'n',
        type: type('hex', 8),
        ops: [
          { op: 'IMM', value: 8n },
          { op: 'DEREF', offset: 8 },
          { op: 'ST_MEM', offset: 0, size: 8 },
        ],
      },
      { name: 's', type: type('string', 4), ops: textOf(0x10n) },
      {
        name: 'ok',
        type: type('hex', 1),
        ops: [
          { op: 'IMM', value: 5n },
          { op: 'ST_RAW', size: 1 },
        ],
      },
    ]);
    const record = encodeRecord(event, machine, head);
    expect(hex(record?.bytes.subarray(16))).toBe('0000000000000000' + '1d000000' + '05');
    expect([...(record?.states ?? [])]).toEqual([
      ['n', { state: 'fault', step: 0, address: 0x10n }],
      ['s', { state: 'fault', step: 0, address: 0x10n }],
    ]);
  });
  test('a string whose pointer faults shows the next text, as on the kernel', () => {
    const machine = new TestMachine();
    const event = eventOf(false, [
      {
        name: 'x',
        type: type('string', 4),
        ops: [
          { op: 'IMM', value: 0n },
          { op: 'DEREF', offset: 0 },
          { op: 'ST_STRING', offset: 0, size: 4 },
        ],
      },
      { name: 'y', type: type('string', 4), ops: comm },
    ]);
    const record = encodeRecord(event, machine, head);
    expect(hex(record?.bytes.subarray(16))).toBe('18000300' + '18000300' + '736800');
    expect(record?.states.get('x')).toEqual({ state: 'null', step: 0 });
  });
  test('symstr keeps the preset length, and the next text starts on its NUL', () => {
    const machine = new TestMachine();
    machine.symbols = [{ name: 'f', address: 0xffffffff81000000n, size: 16 }];
    const event = eventOf(false, [
      {
        name: 'x',
        type: type('symstr', 4),
        ops: [
          { op: 'IMM', value: 0xffffffff81000000n },
          { op: 'ST_SYMSTR', offset: 0, size: 4 },
        ],
      },
      { name: 'y', type: type('string', 4), ops: comm },
    ]);
    const bytes = encodeRecord(event, machine, head)?.bytes ?? new Uint8Array();
    const text = 'f+0x0/0x10';
    const view = new DataView(bytes.buffer);
    expect([view.getUint16(18, true), view.getUint16(16, true)]).toEqual([text.length + 1 + 3, 24]);
    expect([view.getUint16(22, true), view.getUint16(20, true)]).toEqual([3, 24 + text.length]);
    expect(String.fromCharCode(...bytes.subarray(24))).toBe(`${text}sh\0\0`);
  });
  test('a bitfield at the end clears the first bytes of the text behind it', () => {
    const machine = new TestMachine();
    machine.put(kernelBase, Uint8Array.of(4, 0, 0, 0));
    const bitfield: FetchOp[] = [
      { op: 'IMM', value: kernelBase },
      { op: 'ST_MEM', offset: 0, size: 4 },
      { op: 'MOD_BF', base: 8, left: 61, right: 63 },
    ];
    const event = eventOf(false, [
      { name: 'a', type: type('string', 4), ops: comm },
      { name: 'b', type: type('unsigned', 4), ops: bitfield },
    ]);
    expect(hex(encodeRecord(event, machine, head)?.bytes.subarray(16))).toBe(
      '18000300' + '01000000' + '000000',
    );
  });
  test.each([
    [4051, true],
    [4052, true],
    [4053, false],
  ])('a text of %i bytes with its NUL fits a page: %s', (length, fits) => {
    const machine = new TestMachine();
    machine.put(kernelBase, `${'x'.repeat(length - 1)}\0`);
    const event = eventOf(false, [{ name: 's', type: type('string', 4), ops: textOf(kernelBase) }]);
    expect(encodeRecord(event, machine, head) !== undefined).toBe(fits);
  });
});

describe('saveEntryData', () => {
  test('keeps the arguments in the order of their slots', () => {
    const machine = new TestMachine();
    machine.arguments = [1n, 2n, 3n];
    const saved = saveEntryData(
      [
        { op: 'ARG', index: 2 },
        { op: 'ST_EDATA', offset: 0 },
        { op: 'ARG', index: 0 },
        { op: 'ST_EDATA', offset: 8 },
        { op: 'END' },
      ],
      machine,
    );
    expect([saved?.getBigUint64(0, true), saved?.getBigUint64(8, true), saved?.byteLength]).toEqual([
      3n,
      1n,
      16,
    ]);
  });
  test('an event without arguments saves nothing', () => {
    expect(saveEntryData([], new TestMachine())).toBeUndefined();
  });
});
