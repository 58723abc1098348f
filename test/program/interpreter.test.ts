import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FetchOp } from '../../src/language/index.js';
import { linkSymbols } from '../../src/program/index.js';
import { fetchBytes, fetchTexts, fetchValue, kernelBase, TestMachine } from './test-machine.js';

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

describe('the worked examples', () => {
  const machine = new TestMachine();
  machine.registers.set('ax', 0x1122334455667788n);
  machine.registers.set('di', kernelBase + 0x100n);
  machine.registers.set('si', kernelBase + 0x200n);
  machine.stack = [0xffffffff81000010n, 1n, 2n, 3n];
  machine.symbols = [{ name: 'path_openat', address: 0xffffffff81000000n, size: 0x40 }];
  machine.put(kernelBase + 0xf0n, [kernelBase + 0x300n]);
  machine.put(kernelBase + 0x200n, 'hello\0');
  machine.put(kernelBase + 0x308n, Uint8Array.of(98, 117, 105, 108));
  machine.put(0xffffc90000000008n, [0xffffffff81000020n]);
  machine.put(0x1000n, [0x99n]);
  machine.put(0xffffffff82000000n, [0xfedcba9876543210n]);

  test('p f %ax', () => {
    const ops: FetchOp[] = [
      { op: 'REG', register: 'ax' },
      { op: 'ST_RAW', size: 8 },
    ];
    expect(fetchValue(ops, machine, 8)).toBe(0x1122334455667788n);
  });
  test('p f %ax:s16', () => {
    const ops: FetchOp[] = [
      { op: 'REG', register: 'ax' },
      { op: 'ST_RAW', size: 2 },
    ];
    expect(fetchValue(ops, machine, 2)).toBe(0x7788n);
  });
  test('p f %ax:b4@8/32', () => {
    const ops: FetchOp[] = [
      { op: 'REG', register: 'ax' },
      { op: 'ST_RAW', size: 4 },
      { op: 'MOD_BF', base: 4, left: 20, right: 28 },
    ];
    expect(fetchValue(ops, machine, 4)).toBe(7n);
  });
  test('p f $stack3', () => {
    const ops: FetchOp[] = [
      { op: 'STACK', index: 3 },
      { op: 'ST_RAW', size: 8 },
    ];
    expect(fetchValue(ops, machine, 8)).toBe(3n);
  });
  test('p f @jiffies:u32', () => {
    const ops: FetchOp[] = [
      { op: 'SYMBOL', symbol: 'jiffies', offset: 0n },
      { op: 'IMM', value: 0xffffffff82000000n },
      { op: 'ST_MEM', offset: 0, size: 4 },
    ];
    expect(fetchValue(ops, machine, 4)).toBe(0x76543210n);
  });
  test('p f @0x1000 reads user memory by kernel rules', () => {
    const ops: FetchOp[] = [
      { op: 'IMM', value: 0x1000n },
      { op: 'ST_MEM', offset: 0, size: 8 },
    ];
    expect(fetchValue(ops, machine, 8)).toBe(0x99n);
  });
  test('p f +8(-16(%di)):u8[4]', () => {
    const ops: FetchOp[] = [
      { op: 'REG', register: 'di' },
      { op: 'DEREF', offset: -16 },
      { op: 'ST_MEM', offset: 8, size: 1 },
      { op: 'LP_ARRAY', count: 4 },
    ];
    expect(fetchBytes(ops, machine, 4)).toEqual({ bytes: Uint8Array.of(98, 117, 105, 108), faults: [] });
  });
  test('p f +0(%si):string', () => {
    const ops: FetchOp[] = [
      { op: 'REG', register: 'si' },
      { op: 'ST_STRING', offset: 0, size: 4 },
    ];
    expect(fetchTexts(ops, machine)).toEqual({ texts: ['hello'], used: 6, measured: 6, faults: [] });
  });
  test('p f +u0(%si):string of a kernel address', () => {
    const ops: FetchOp[] = [
      { op: 'REG', register: 'si' },
      { op: 'ST_USTRING', offset: 0, size: 4 },
    ];
    const { texts, measured, faults } = fetchTexts(ops, machine);
    expect({ texts, measured, kinds: faults.map(f => f.kind) }).toEqual({
      texts: [undefined],
      measured: 0,
      kinds: ['no-space'],
    });
  });
  test('p f $comm', () => {
    expect(fetchTexts([{ op: 'COMM' }, { op: 'ST_STRING', offset: 0, size: 4 }], machine).texts).toEqual([
      'sh',
    ]);
  });
  test('p f \\"ab"', () => {
    expect(
      fetchTexts(
        [
          { op: 'DATA', text: 'ab' },
          { op: 'ST_STRING', offset: 0, size: 4 },
        ],
        machine,
      ).texts,
    ).toEqual(['ab']);
  });
  test('p f \\-1:s32', () => {
    expect(
      fetchValue(
        [
          { op: 'IMM', value: -1n },
          { op: 'ST_RAW', size: 4 },
        ],
        machine,
        4,
      ),
    ).toBe(0xffffffffn);
  });
  test('p f $stack0:symstr', () => {
    const ops: FetchOp[] = [
      { op: 'STACK', index: 0 },
      { op: 'ST_SYMSTR', offset: 0, size: 4 },
    ];
    const text = 'path_openat+0x10/0x40';
    expect(fetchTexts(ops, machine)).toEqual({
      texts: [text],
      used: text.length,
      measured: text.length + 1,
      faults: [],
    });
  });
  test('p f +8($stack):symstr', () => {
    const ops: FetchOp[] = [
      { op: 'STACKP' },
      { op: 'DEREF', offset: 8 },
      { op: 'ST_SYMSTR', offset: 0, size: 4 },
    ];
    expect(fetchTexts(ops, machine).texts).toEqual(['path_openat+0x20/0x40']);
  });
  test('f vfs_open path->dentry->d_name.name:string', () => {
    const at = new TestMachine();
    at.arguments = [kernelBase];
    at.put(kernelBase + 8n, [kernelBase + 0x1000n]);
    at.put(kernelBase + 0x1028n, [kernelBase + 0x2000n]);
    at.put(kernelBase + 0x2000n, 'passwd\0');
    const ops: FetchOp[] = [
      { op: 'ARG', index: 0 },
      { op: 'DEREF', offset: 8 },
      { op: 'DEREF', offset: 0x28 },
      { op: 'ST_STRING', offset: 0, size: 4 },
    ];
    expect(fetchTexts(ops, at).texts).toEqual(['passwd']);
  });
  test('t sched_switch next->in_iowait', () => {
    const at = new TestMachine();
    at.arguments = [0n, 0n, 0n, kernelBase];
    at.put(kernelBase + 2360n, Uint8Array.of(0xef, 0xff, 0xff, 0xff));
    const ops: FetchOp[] = [
      { op: 'ARG', index: 3 },
      { op: 'ST_MEM', offset: 2360, size: 4 },
      { op: 'MOD_BF', base: 8, left: 59, right: 63 },
    ];
    // Only 4 bytes were stored, yet the 4 behind them are cleared: the kernel's defect.
    expect([...fetchBytes(ops, at, 12).bytes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0xaa, 0xaa, 0xaa]);
    at.put(kernelBase + 0x10000n, Uint8Array.of(0x10, 0, 0, 0));
    at.arguments[3] = kernelBase + 0x10000n - 2360n;
    expect([...fetchBytes(ops, at, 8).bytes]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  });
  test('return events read what was saved at entry', () => {
    const at = new TestMachine();
    at.entryData = new DataView(new BigUint64Array([5n, 0x8000000000000001n]).buffer);
    expect(
      fetchValue(
        [
          { op: 'EDATA', offset: 8 },
          { op: 'ST_RAW', size: 8 },
        ],
        at,
        8,
      ),
    ).toBe(0x8000000000000001n);
    at.result = 0xfffffffffffffff5n;
    expect(fetchValue([{ op: 'RETVAL' }, { op: 'ST_RAW', size: 8 }], at, 8)).toBe(0xfffffffffffffff5n);
  });
  test('p /bin/x:0x10 @+0x100:x64 and $comm in user space', () => {
    const at = new TestMachine();
    at.userSpace = true;
    at.fileBase = 0x400000n;
    at.put(0x400100n, [42n]);
    expect(
      fetchValue(
        [
          { op: 'FOFFS', offset: 0x100n },
          { op: 'ST_MEM', offset: 0, size: 8 },
        ],
        at,
        8,
      ),
    ).toBe(42n);
    expect(fetchTexts([{ op: 'COMM' }, { op: 'ST_STRING', offset: 0, size: 4 }], at).texts).toEqual(['sh']);
    const immediate = fetchTexts(
      [
        { op: 'DATA', text: 'ab' },
        { op: 'ST_STRING', offset: 0, size: 4 },
      ],
      at,
    );
    expect(immediate.texts).toEqual([undefined]);
  });
});

describe('fields of an attached event', () => {
  const machine = new TestMachine();
  const bytes = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 16, 0, 3, 0, 0, 0, 111, 107, 0]);
  machine.attachedRecord = { address: kernelBase, bytes };
  machine.put(kernelBase, bytes);
  const field = (
    name: string,
    type: string,
    offset: number,
    size: number,
    signed: boolean,
    array?: string,
  ) => ({ name, type, offset, size, signed, array });

  test.each([
    [field('a', 'short', 8, 2, true), 0xfffffffffffffffen],
    [field('a', 'unsigned short', 8, 2, false), 0xfffen],
    [field('a', 'unsigned char', 9, 1, false), 0xffn],
    [field('a', 'signed char', 9, 1, true), 0xffffffffffffffffn],
    [field('a', 'int', 12, 4, true), 3n],
    [field('c', 'char', 16, 3, false, '3'), kernelBase + 16n],
    [field('c', 'unsigned char', 16, 3, false, '3'), kernelBase + 16n],
    [field('c', '__data_loc unsigned char[]', 10, 4, false), kernelBase + 16n],
  ])('%o', (member, value) => {
    expect(
      fetchValue(
        [
          { op: 'TP_ARG', field: member },
          { op: 'ST_RAW', size: 8 },
        ],
        machine,
        8,
      ),
    ).toBe(value);
  });
  test('a __data_loc and a __rel_loc give the text', () => {
    const store: FetchOp = { op: 'ST_STRING', offset: 0, size: 4 };
    const dataLoc = field('s', '__data_loc char[]', 10, 4, true);
    expect(fetchTexts([{ op: 'TP_ARG', field: dataLoc }, store], machine).texts).toEqual(['ok']);
    const relLoc = field('s', '__rel_loc char[]', 8, 4, true);
    machine.attachedRecord = {
      address: kernelBase,
      bytes: Uint8Array.from([...bytes.subarray(0, 8), 4, 0, 3, 0, ...bytes.subarray(12)]),
    };
    expect(fetchTexts([{ op: 'TP_ARG', field: relLoc }, store], machine).texts).toEqual(['ok']);
  });
  test('a field beyond the record is no value', () => {
    const { faults } = fetchBytes(
      [
        { op: 'TP_ARG', field: field('x', 'u64', 400, 8, false) },
        { op: 'ST_RAW', size: 8 },
      ],
      machine,
      8,
    );
    expect(faults.map(f => f.kind)).toEqual(['bad-operation']);
  });
});

test('linking writes the address of a symbol, and only of one that is known', () => {
  const program: FetchOp[] = [
    { op: 'SYMBOL', symbol: 'jiffies', offset: -8n },
    { op: 'IMM', value: 0n },
    { op: 'DEREF', offset: 0 },
    { op: 'ST_RAW', size: 8 },
    { op: 'END' },
  ];
  const linked = linkSymbols(program, symbol => (symbol === 'jiffies' ? 0xffffffff82000000n : undefined));
  expect(linked[1]).toEqual({ op: 'IMM', value: 0xffffffff81fffff8n });
  expect([...linked.slice(0, 1), ...linked.slice(2)]).toEqual([...program.slice(0, 1), ...program.slice(2)]);
  expect(linkSymbols(program, () => undefined)).toEqual(program);
});

describe('plain values', () => {
  test('a value is cut to its size', () => {
    fc.assert(
      fc.property(word, fc.constantFrom(1, 2, 4, 8) as fc.Arbitrary<1 | 2 | 4 | 8>, (value, size) => {
        const got = fetchValue(
          [
            { op: 'IMM', value },
            { op: 'ST_RAW', size },
          ],
          new TestMachine(),
          size,
        );
        expect(got).toBe(BigInt.asUintN(8 * size, value));
      }),
    );
  });
  test('a bitfield is (value << left) >> right of its base', () => {
    const shape = fc
      .constantFrom(1, 2, 4, 8)
      .chain(base => fc.tuple(fc.constant(base), fc.nat(8 * base - 1), fc.nat(8 * base - 1)));
    fc.assert(
      fc.property(word, shape, (value, [base, left, right]) => {
        const ops: FetchOp[] = [
          { op: 'IMM', value },
          { op: 'ST_RAW', size: base },
          { op: 'MOD_BF', base, left, right },
        ];
        const got = fetchValue(ops, new TestMachine(), base as 1 | 2 | 4 | 8);
        expect(got).toBe(BigInt.asUintN(8 * base, value << BigInt(left)) >> BigInt(right));
      }),
    );
  });
  test('array elements are consecutive, and each is modified', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(7), (data, right) => {
        const machine = new TestMachine();
        machine.put(kernelBase + 3n, data);
        const ops: FetchOp[] = [
          { op: 'IMM', value: kernelBase },
          { op: 'ST_MEM', offset: 3, size: 1 },
          { op: 'MOD_BF', base: 1, left: 0, right },
          { op: 'LP_ARRAY', count: data.length },
        ];
        expect(fetchBytes(ops, machine, data.length).bytes).toEqual(data.map(byte => byte >> right));
      }),
    );
  });
  test('addresses wrap at 2^64', () => {
    const machine = new TestMachine();
    machine.put(0x10n, [7n]);
    const ops: FetchOp[] = [
      { op: 'IMM', value: 0xfffffffffffffff0n },
      { op: 'ST_MEM', offset: 0x20, size: 8 },
    ];
    expect(fetchValue(ops, machine, 8)).toBe(7n);
  });
});

describe('faults', () => {
  const machine = new TestMachine();
  machine.put(kernelBase, [kernelBase + 8n, 0xbadn]);
  machine.put(kernelBase + 0x100n, Uint8Array.of(1, 2));

  test('a failed pointer ends the program and leaves the field', () => {
    const ops: FetchOp[] = [
      { op: 'IMM', value: kernelBase },
      { op: 'DEREF', offset: 8 },
      { op: 'DEREF', offset: 16 },
      { op: 'ST_MEM', offset: 0, size: 4 },
    ];
    expect(fetchBytes(ops, machine, 4)).toEqual({
      bytes: new Uint8Array(4).fill(0xaa),
      faults: [{ kind: 'dereference', address: 0xbadn + 16n, slot: 2, element: 0 }],
    });
  });
  test('a failed read is no error: the bitfield works on what was there', () => {
    const ops: FetchOp[] = [
      { op: 'IMM', value: 0x10n },
      { op: 'ST_MEM', offset: 0, size: 4 },
      { op: 'MOD_BF', base: 4, left: 0, right: 4 },
    ];
    const { bytes, faults } = fetchBytes(ops, machine, 4);
    expect([...bytes]).toEqual([0xaa, 0xaa, 0xaa, 0x0a]);
    expect(faults.map(f => f.kind)).toEqual(['value']);
  });
  test('elements behind a failed one are still read', () => {
    const ops: FetchOp[] = [
      { op: 'IMM', value: kernelBase + 0xffn },
      { op: 'ST_MEM', offset: 0, size: 1 },
      { op: 'LP_ARRAY', count: 4 },
    ];
    const { bytes, faults } = fetchBytes(ops, machine, 4);
    expect([...bytes]).toEqual([0xaa, 1, 2, 0xaa]);
    expect(faults.map(f => f.element)).toEqual([0, 3]);
  });
  test('a user read of kernel memory fails', () => {
    const ops: FetchOp[] = [
      { op: 'IMM', value: kernelBase },
      { op: 'ST_UMEM', offset: 0, size: 8 },
    ];
    expect(fetchBytes(ops, machine, 8).faults).toEqual([
      { kind: 'value', address: kernelBase, slot: 1, element: 0 },
    ]);
  });
  test('an operation out of its stage', () => {
    const kinds = (ops: FetchOp[]) => fetchBytes(ops, machine, 8).faults.map(f => f.kind);
    expect(kinds([{ op: 'ST_RAW', size: 8 }])).toEqual(['bad-operation']);
    expect(kinds([{ op: 'IMM', value: 1n }])).toEqual(['bad-operation']);
    expect(
      kinds([
        { op: 'IMM', value: 1n },
        { op: 'ST_RAW', size: 8 },
        { op: 'DEREF', offset: 0 },
      ]),
    ).toEqual(['bad-operation']);
    expect(kinds([])).toEqual(['bad-operation']);
  });
});
