import { describe, expect, test } from 'vitest';
import { Btf, BtfBuilder, BtfError, BtfKind, findProblems } from '../../src/btf/index.js';
import { readVmlinux } from './blobs.js';
import { everyKind } from './every-kind.js';

function refusal(question: () => unknown): BtfError {
  try {
    question();
  } catch (error) {
    if (error instanceof BtfError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('members', () => {
  const btf = Btf.parse(readVmlinux('6.12-cloud'));
  const struct = (name: string): number => btf.find(name, BtfKind.Struct) ?? 0;

  test('the offsets of anonymous members around one add up', () => {
    const builder = new BtfBuilder();
    const int = builder.int('int', 4, { signed: true });
    const deep = builder.union('', 4, [{ name: 'x', type: int, bitOffset: 0 }]);
    const middle = builder.struct('', 12, [
      { name: 'a', type: int, bitOffset: 0 },
      { name: '', type: builder.const(deep), bitOffset: 64 },
    ]);
    const outer = builder.struct('outer', 32, [
      { name: 'b', type: int, bitOffset: 0 },
      { name: '', type: middle, bitOffset: 96 },
    ]);
    const found = Btf.parse(builder.build()).findMember(outer, 'x');
    expect(found).toEqual({
      name: 'x',
      index: 0,
      type: int,
      container: deep,
      bitOffset: 160,
      bitfieldWidth: 0,
    });
  });

  test('named members win over anonymous ones, the last anonymous one over those before it', () => {
    const builder = new BtfBuilder();
    const int = builder.int('int', 4);
    const inner = builder.struct('', 8, [
      { name: 'x', type: int, bitOffset: 0 },
      { name: 'y', type: int, bitOffset: 32 },
    ]);
    const outer = builder.struct('outer', 20, [
      { name: '', type: inner, bitOffset: 0 },
      { name: '', type: inner, bitOffset: 64 },
      { name: 'x', type: int, bitOffset: 128 },
    ]);
    const types = Btf.parse(builder.build());
    expect(types.findMember(outer, 'x')?.bitOffset).toBe(128);
    expect(types.findMember(outer, 'y')?.bitOffset).toBe(96);
  });

  test('the kernel remembers 16 anonymous members', () => {
    const lost = 'tx_aborted_errors tx_carrier_errors tx_fifo_errors tx_heartbeat_errors tx_window_errors';
    for (const name of [...lost.split(' '), 'rx_compressed', 'tx_compressed']) {
      expect(btf.findMember(struct('net_device_stats'), name)?.name).toBe(name);
      expect(btf.findMember(struct('net_device_stats'), name, { anonymousLimit: 16 })).toBeUndefined();
    }
    const found = btf.findMember(struct('net_device_stats'), 'rx_packets', { anonymousLimit: 16 });
    expect(found?.bitOffset).toBe(0);
  });

  test('bit-fields of either encoding', () => {
    const bit = btf.findMember(struct('sk_buff'), 'ip_summed');
    expect([bit?.bitOffset, bit?.bitfieldWidth]).toEqual([128 * 8 + 5, 2]);
    const builder = new BtfBuilder();
    const old = builder.typedef('bits', builder.int('unsigned int', 4, { bits: 3, bitOffset: 5 }));
    const id = builder.struct('s', 8, [{ name: 'b', type: old, bitOffset: 32 }]);
    const types = Btf.parse(builder.build(), { strict: true });
    expect(types.findMember(id, 'b')).toMatchObject({ bitOffset: 37, bitfieldWidth: 3 });
    expect([types.memberBitOffset(id, 0), types.memberBitfieldWidth(id, 0)]).toEqual([32, 0]);
  });

  test('what has no members has none', () => {
    expect(btf.findMember(0, 'x')).toBeUndefined();
    expect(btf.findMember(btf.find('int', BtfKind.Int) ?? 0, 'x')).toBeUndefined();
    expect(btf.findMember(struct('file'), '')).toBeUndefined();
    expect(btf.findMember(struct('file'), 'f_päth')).toBeUndefined();
  });
});

describe('C spelling', () => {
  const builder = new BtfBuilder();
  const char = builder.int('char', 1);
  const int = builder.int('int', 4, { signed: true });
  const constChar = builder.pointer(builder.const(char));
  const array = builder.array(int, int, 4);
  const proto = builder.funcProto(int, [
    ['a', int],
    ['', 0],
  ]);
  const none = builder.funcProto(0, []);
  const file = builder.struct('file', 0, []);
  const cases: [number, string, string][] = [
    [0, 'void', 'void x'],
    [builder.pointer(0), 'void *', 'void *x'],
    [builder.pointer(file), 'struct file *', 'struct file *x'],
    [constChar, 'const char *', 'const char *x'],
    [builder.const(constChar), 'const char * const', 'const char * const x'],
    [builder.pointer(constChar), 'const char **', 'const char **x'],
    [array, 'int [4]', 'int x[4]'],
    [builder.array(array, int, 2), 'int [2][4]', 'int x[2][4]'],
    [builder.pointer(array), 'int (*)[4]', 'int (*x)[4]'],
    [builder.array(constChar, int, 0), 'const char *[]', 'const char *x[]'],
    [builder.pointer(proto), 'int (*)(int a, ...)', 'int (*x)(int a, ...)'],
    [builder.pointer(none), 'void (*)(void)', 'void (*x)(void)'],
    [builder.array(builder.pointer(none), int, 3), 'void (*[3])(void)', 'void (*x[3])(void)'],
    [builder.struct('', 0, []), 'struct {...}', 'struct {...} x'],
    [builder.forward('u', 'union'), 'union u', 'union u x'],
    [builder.typedef('size_t', int), 'size_t', 'size_t x'],
    [
      builder.pointer(builder.typeTag('user', int)),
      'int __attribute__((btf_type_tag("user"))) *',
      'int __attribute__((btf_type_tag("user"))) *x',
    ],
  ];
  const btf = Btf.parse(builder.build());
  test.each(cases)('type %i is %s', (id, name, declaration) => {
    expect(btf.typeName(id)).toBe(name);
    expect(btf.declaration(id, 'x')).toBe(declaration);
  });
});

describe('sizes', () => {
  test('what has no size has none', () => {
    const builder = new BtfBuilder();
    const forward = builder.forward('later', 'struct');
    const proto = builder.funcProto(0, []);
    const array = builder.array(forward, forward, 2);
    const btf = Btf.parse(builder.build());
    for (const id of [0, forward, proto, array]) {
      expect(btf.sizeOf(id)).toBeUndefined();
      expect(btf.alignOf(id)).toBeUndefined();
    }
  });

  test('pointers are as wide as unsigned long, or as told', () => {
    const builder = new BtfBuilder();
    const pointer = builder.pointer(0);
    expect(Btf.parse(builder.build()).sizeOf(pointer)).toBe(8);
    expect(Btf.parse(builder.build(), { pointerSize: 4 }).sizeOf(pointer)).toBe(4);
    builder.int('unsigned long', 4);
    expect(Btf.parse(builder.build()).sizeOf(pointer)).toBe(4);
  });

  test('a struct whose members are not aligned is packed', () => {
    const builder = new BtfBuilder();
    const int = builder.int('int', 4);
    const char = builder.int('char', 1);
    const packed = builder.struct('packed', 5, [
      { name: 'c', type: char, bitOffset: 0 },
      { name: 'i', type: int, bitOffset: 8 },
    ]);
    const plain = builder.struct('plain', 8, [
      { name: 'c', type: char, bitOffset: 0 },
      { name: 'i', type: int, bitOffset: 32 },
    ]);
    const btf = Btf.parse(builder.build());
    expect([btf.alignOf(packed), btf.alignOf(plain)]).toEqual([1, 4]);
  });
});

describe('newer and damaged blobs', () => {
  function withUnknownKind(layout: boolean): Uint8Array {
    const builder = new BtfBuilder({ layout });
    builder.int('int', 4);
    builder.raw(42, '', 1, false, 0, [7]);
    builder.int('long', 8);
    return builder.build();
  }

  test('an unknown kind ends what can be read', () => {
    const bytes = withUnknownKind(false);
    const error = refusal(() => Btf.parse(bytes));
    expect([error.code, error.typeId, error.offset]).toEqual(['unknown-kind', 2, 24 + 16]);
    expect(error.message).toContain('42');
    const btf = Btf.parse(bytes, { partial: true });
    expect([btf.typeCount, btf.nameOf(1), btf.stopped?.code]).toEqual([2, 'int', 'unknown-kind']);
    expect(refusal(() => btf.kind(2)).code).toBe('bad-type-id');
  });

  test('a layout section tells the length of unknown kinds', () => {
    const bytes = withUnknownKind(true);
    expect(refusal(() => Btf.parse(bytes)).code).toBe('unknown-kind');
    // Kind 20 is known to us; let the section say that its records are longer.
    const builder = new BtfBuilder({ layout: true });
    builder.raw(BtfKind.LocParam, '', 2, false, 0, [1, 2, 3, 4, 5]);
    builder.int('int', 4);
    const longer = builder.build();
    const view = new DataView(longer.buffer);
    const layout = 32 + view.getUint32(24, true);
    longer.set([4, 8], layout + BtfKind.LocParam * 4);
    expect(Btf.parse(longer).nameOf(2)).toBe('int');
    longer.set([8], layout + BtfKind.Struct * 4);
    expect(refusal(() => Btf.parse(longer)).code).toBe('bad-header');
  });

  test('records of inlined calls in the form that was only proposed', () => {
    const builder = new BtfBuilder();
    builder.raw(BtfKind.LocParam, '', 0, false, 8, [1, 2]);
    builder.raw(BtfKind.LocSec, 'inline.text', 1, false, 0, [0, 3, 1, 64]);
    builder.int('int', 4);
    expect(Btf.parse(builder.build()).nameOf(3)).toBe('int');
  });

  test('more than 65,535 members', () => {
    const builder = new BtfBuilder();
    const int = builder.int('int', 4);
    const members = Array.from({ length: 70_000 }, (_, i) => ({
      name: `m${i}`,
      type: int,
      bitOffset: i * 32,
    }));
    const id = builder.struct('huge', 280_000, members);
    const btf = Btf.parse(builder.build());
    expect(btf.vlen(id)).toBe(70_000);
    expect(btf.findMember(id, 'm69999')?.bitOffset).toBe(69_999 * 32);
  });

  test.each([
    ['version', 2, 9, 'newer-format'],
    ['flags', 3, 1, 'newer-format'],
    ['short header', 4, 8, 'bad-header'],
    ['magic', 0, 0, 'not-btf'],
    ['unaligned types', 8, 2, 'bad-header'],
    ['type length', 13, 0xff, 'truncated'],
    ['overlap', 16, 0, 'bad-header'],
  ])('header with wrong %s', (_, at, value, code) => {
    const bytes = everyKind(new BtfBuilder()).build();
    bytes[at] = value;
    if (at === 16) bytes[17] = 0;
    const error = refusal(() => Btf.parse(bytes));
    expect(error.code).toBe(code);
  });

  test('header with a field of the future', () => {
    const bytes = new Uint8Array(37);
    bytes.set(new BtfBuilder().build().subarray(0, 8));
    bytes[4] = 36;
    bytes[20] = 1;
    expect(Btf.parse(bytes).typeCount).toBe(1);
    bytes[33] = 1;
    expect(refusal(() => Btf.parse(bytes)).code).toBe('newer-format');
  });

  test('questions to the wrong kind, member or id', () => {
    const btf = Btf.parse(everyKind(new BtfBuilder()).build());
    const point = btf.find('point', BtfKind.Struct) ?? 0;
    expect(refusal(() => btf.int(point)).code).toBe('wrong-kind');
    expect(refusal(() => btf.referenced(point)).code).toBe('wrong-kind');
    expect(refusal(() => btf.hasEnumerator(point, new Uint8Array([1]))).code).toBe('wrong-kind');
    expect(refusal(() => btf.memberName(point, 3)).code).toBe('bad-index');
    expect(refusal(() => btf.memberName(point, 0.5)).code).toBe('bad-index');
    for (const id of [-1, 1.5, Number.NaN, btf.typeCount]) {
      expect(refusal(() => btf.kind(id)).code).toBe('bad-type-id');
    }
  });

  test('the builder refuses what does not fit', () => {
    const builder = new BtfBuilder();
    const bitfield = { name: 'b', type: 1, bitOffset: 1 << 24, bitfieldWidth: 1 };
    expect(refusal(() => builder.struct('s', 4, [bitfield])).code).toBe('unrepresentable');
    expect(refusal(() => builder.typedef('a\0b', 1)).code).toBe('unrepresentable');
    expect(refusal(() => builder.pointer(2 ** 32)).code).toBe('unrepresentable');
    expect(refusal(() => builder.raw(128, '', 0, false, 0)).code).toBe('unrepresentable');
  });
});

describe('the strict rules', () => {
  const problemOf = (add: (builder: BtfBuilder, int: number) => void): string => {
    const builder = new BtfBuilder();
    add(builder, builder.int('int', 4, { signed: true }));
    return findProblems(Btf.parse(builder.build()))
      .map(({ message }) => message)
      .join('\n');
  };

  test('hold for every kind and for a real kernel', () => {
    expect(findProblems(Btf.parse(everyKind(new BtfBuilder()).build()))).toEqual([]);
    expect(findProblems(Btf.parse(readVmlinux('6.1')))).toEqual([]);
  });

  test.each<[string, (builder: BtfBuilder, int: number) => void]>([
    ['target is type 77', b => b.pointer(77)],
    ['member 0 is void', b => b.struct('s', 4, [{ name: 'm', type: 0, bitOffset: 0 }])],
    ['ends behind the struct', (b, int) => b.struct('s', 4, [{ name: 'm', type: int, bitOffset: 8 }])],
    [
      'wider than its type',
      (b, int) => b.struct('s', 8, [{ name: 'm', type: int, bitOffset: 0, bitfieldWidth: 33 }]),
    ],
    ['has no size', b => b.struct('s', 4, [{ name: 'm', type: b.forward('f', 'struct'), bitOffset: 0 }])],
    ['no FUNC_PROTO', (b, int) => b.func('f', int)],
    ['a FUNC_PROTO', b => b.array(b.funcProto(0, []), 1, 1)],
    ['larger than 2^32', (b, int) => b.array(int, int, 0x40000000)],
    [
      'contains itself',
      b => b.array(b.nextId + 1, 1, 1) && b.struct('s', 0, [{ name: 'm', type: 2, bitOffset: 0 }]),
    ],
    ['has no name', b => b.typedef('', 1)],
    ['has a name', b => b.raw(BtfKind.Ptr, 'p', 0, false, 1)],
    ['kind flag', b => b.raw(BtfKind.Ptr, '', 0, true, 1)],
    ['has 3 entries', b => b.raw(BtfKind.Ptr, '', 3, false, 1)],
    ['characters', b => b.func('bad name', b.funcProto(0, []))],
    ['encoding 3', b => b.int('i', 4, { signed: true, char: true })],
    ['bits at bit', b => b.int('i', 4, { bits: 32, bitOffset: 1 })],
    ['enum of 3 bytes', b => b.enum('e', 3, [])],
    ['float of 5 bytes', b => b.float('f', 5)],
    ['no VAR', (b, int) => b.datasec('.data', 4, [[int, 0, 4]])],
  ])('refuse: %s', (message, add) => {
    expect(problemOf(add)).toContain(message);
  });
});

describe('starts that are known', () => {
  const bytes = readVmlinux('6.12-cloud');
  const scanned = Btf.parse(bytes);
  const { starts } = scanned;

  test('spare the pass, and give the same types', () => {
    if (starts === undefined) throw new Error('no starts');
    const known = Btf.parse(bytes, { starts });
    expect(known.typeCount).toBe(scanned.typeCount);
    expect(known.table.starts).toBe(starts);
    expect(known.findFunction('vfs_read')).toEqual(scanned.findFunction('vfs_read'));
    expect(known.starts).toEqual(starts);
  });

  test('of other bytes are not believed', () => {
    if (starts === undefined) throw new Error('no starts');
    const others = [
      new Int32Array(),
      new Int32Array(starts.length),
      starts.subarray(0, -1),
      starts.map((start, at) => (at > 600 && at < starts.length - 1 ? start + 1 : start)),
      Btf.parse(readVmlinux('6.1')).starts!,
    ];
    for (const other of others) {
      const types = Btf.parse(bytes, { starts: other });
      expect([types.typeCount, types.starts]).toEqual([scanned.typeCount, starts]);
    }
  });
});
