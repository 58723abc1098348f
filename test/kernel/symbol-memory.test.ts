import { expect, test } from 'vitest';
import { GrowingText } from '../../src/kernel/growing-text.js';
import type { PlacedSymbol } from '../../src/kernel/index.js';
import { createGrowingSymbolTable } from '../../src/kernel/symbols.js';

const pieces = [
  '0000000000000000 A per_cpu\nffffffff81000000 T _stext\nffffffff81000000 T _text\n',
  'ffffffff81000100 T run\nffffffff81000180 t walk\nffffffff81000180 T stroll\n',
  'ffffffff81000200 T last\nffffffff81001000 D _end\n',
];

function addressText(address: string, moved: bigint | 'hidden'): string {
  return moved === 'hidden' ? '0'.repeat(16) : (BigInt(`0x${address}`) + moved).toString(16);
}

/** A kernel's symbols, all moved by as much as it was at this start, and how many pieces were read; `hidden`: no addresses are told. */
function boot(
  memory: ReadonlyMap<string, PlacedSymbol> & { set(name: string, symbol: PlacedSymbol): unknown },
  moved: bigint | 'hidden' = 0n,
) {
  let read = 0;
  function* texts() {
    for (const text of pieces) {
      read++;
      const lines = text.replace(/^f+[0-9a-f]+/gm, address => addressText(address, moved));
      yield new TextEncoder().encode(lines);
    }
  }
  const table = createGrowingSymbolTable(new GrowingText(texts()), () => false, {
    find: name => memory.get(name),
    keep: symbol => memory.set(symbol.name, symbol),
  });
  return { table, read: () => read };
}

test('a symbol that was found is known at the next start, wherever the kernel lies then', () => {
  const memory = new Map<string, PlacedSymbol>();
  const cold = boot(memory);
  expect(cold.table.first('run')?.address).toBe(0xffffffff81000100n);
  expect(cold.read()).toBe(2);
  expect([...memory.values()]).toEqual([{ name: 'run', type: 'T', offset: 0x100, size: 0x80 }]);
  const warm = boot(memory, 0x4000000n);
  expect(warm.table.first('run')).toEqual({
    name: 'run',
    type: 'T',
    address: 0xffffffff85000100n,
    module: undefined,
  });
  expect(warm.table.resolve(0xffffffff85000104n)).toEqual({
    name: 'run',
    offset: 4,
    size: 0x80,
    module: undefined,
  });
  expect(warm.read()).toBe(1);
  expect(warm.table.resolve(0xffffffff85000180n)?.name).toBe('walk');
  expect(warm.table.resolve(0xffffffff850000ffn)?.name).toBe('_stext');
});

test('what is told of as another symbol, or is no part of the image, is not kept', () => {
  const memory = new Map<string, PlacedSymbol>();
  const { table } = boot(memory);
  expect(table.first('stroll')?.address).toBe(0xffffffff81000180n);
  expect(table.first('per_cpu')?.address).toBe(0n);
  expect(table.first('nothing')).toBeUndefined();
  expect(memory.size).toBe(0);
});

test('where addresses are hidden nothing is remembered', () => {
  const memory = new Map([['run', { name: 'run', type: 'T', offset: 0x100, size: 0x80 }]]);
  const { table } = boot(memory, 'hidden');
  expect(table.first('run')?.address).toBe(0n);
  expect(table.first('walk')?.address).toBe(0n);
  expect([...memory.keys()]).toEqual(['run']);
});
