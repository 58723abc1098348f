import { describe, expect, test } from 'vitest';
import { Assembler } from '../../../src/backends/bpf/assembler.js';
import { encode, slotOrigins } from '../../../src/backends/bpf/instruction.js';
import { disassemble } from './disassembly.js';

const maps = { ring: 3, own: 4 };

function bytesOf(write: (assembler: Assembler) => void): string {
  const assembler = new Assembler();
  write(assembler);
  const hex = Buffer.from(encode(assembler.instructions(), maps)).toString('hex');
  return hex.replace(/(.{16})(?=.)/g, '$1 ');
}

// The bytes are those of spec 15.1.
test.each<[string, (a: Assembler) => void, string]>([
  [
    'return 0',
    a => {
      a.constant(0, 0n);
      a.exit();
    },
    'b700000000000000 9500000000000000',
  ],
  ['a negative constant', a => a.constant(2, -1n), 'b7020000ffffffff'],
  ['one of 32 bits without sign', a => a.constant(2, 0xffff_ffffn), 'b4020000ffffffff'],
  ['one of 64 bits', a => a.constant(1, 0x1122_3344_5566_7788n), '1801000088776655 0000000044332211'],
  ['an address of the kernel', a => a.constant(1, 0xffff_ffff_8100_0000n), 'b701000000000081'],
  ['a map', a => a.mapAddress(1, 'own'), '1811000004000000 0000000000000000'],
  ['a move', a => a.move(6, 1), 'bf16000000000000'],
  [
    'arithmetic',
    a => {
      a.add(3, -8);
      a.operateBy('|=', 1, 8);
    },
    '07030000f8ffffff 4f81000000000000',
  ],
  [
    'shifts',
    a => {
      a.operate('<<=', 1, 3);
      a.operate('>>=', 1, 4);
    },
    '6701000003000000 7701000004000000',
  ],
  ['adding nothing', a => a.add(3, 0), ''],
  [
    'loads',
    a => {
      a.load(1, 2, 6, 8);
      a.load(8, 2, 10, -8);
    },
    '7162080000000000 79a2f8ff00000000',
  ],
  [
    'loads of 2 and 4',
    a => {
      a.load(2, 2, 6, 8);
      a.load(4, 2, 6, 8);
    },
    '6962080000000000 6162080000000000',
  ],
  [
    'stores',
    a => {
      a.store(8, 7, 16, 0);
      a.store(4, 7, 4, 0);
    },
    '7b07100000000000 6307040000000000',
  ],
  [
    'stored constants',
    a => {
      a.storeConstant(4, 7, 0, 9);
      a.storeConstant(1, 7, 0, 1);
    },
    '6207000009000000 7207000001000000',
  ],
  ['an atomic addition', a => a.atomicAdd(0, 8, 1), 'db10080000000000'],
  ['a call', a => a.call(131), '8500000083000000'],
])('%s', (_, write, bytes) => {
  expect(bytesOf(write)).toBe(bytes);
});

describe('jumps', () => {
  test('count slots, of which a 64-bit constant has two', () => {
    const bytes = bytesOf(a => {
      const end = a.label();
      a.jumpIf(0, '==', 0, end);
      a.mapAddress(1, 'ring');
      a.jumpIf(0, 's<=', 0, end);
      a.jump(end);
      a.bind(end);
      a.exit();
    });
    expect(bytes.split(' ').map(slot => slot.slice(0, 8))).toEqual([
      '15000400',
      '18110000',
      '00000000',
      'd5000100',
      '05000000',
      '95000000',
    ]);
  });

  test('compare registers', () => {
    expect(
      bytesOf(a => {
        const end = a.label();
        a.jumpIfBy(1, '<', 2, end);
        a.bind(end);
      }),
    ).toBe('ad21000000000000');
  });

  test('go forward, to a place that is bound once', () => {
    const assembler = new Assembler();
    const label = assembler.label();
    assembler.bind(label);
    expect(() => assembler.jump(label)).toThrow(RangeError);
    expect(() => assembler.bind(label)).toThrow(RangeError);
  });
});

test('the text shows slots and what an instruction was made for', () => {
  const assembler = new Assembler();
  assembler.move(6, 1);
  assembler.origin = 'count';
  assembler.mapAddress(1, 'ring');
  assembler.load(8, 1, 6, 16);
  assembler.origin = undefined;
  assembler.exit();
  const made = assembler.instructions();
  expect(disassemble(made)).toBe(`; record
   0: r6 = r1
; argument count
   1: r1 = map ring
   3: r1 = *(u64 *)(r6 +16)
; record
   4: exit
`);
  expect(slotOrigins(made)).toEqual([undefined, 'count', 'count', 'count', undefined]);
});
