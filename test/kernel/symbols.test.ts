import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBundle } from '../../src/host/index.js';
import { AddressSearch } from '../../src/kernel/address-search.js';
import { createSymbolTable, KernelError } from '../../src/kernel/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Small enough to see through: per-CPU offsets, the image, two modules of which `beta` was loaded last. */
const kallsyms = [
  '0000000000000000 A fixed_percpu_data',
  '0000000000001000 A cpu_debug_store',
  'ffffffff81000000 T _stext',
  'ffffffff81000000 T _text',
  'ffffffff81000010 t twin',
  'ffffffff81000040 t twin',
  'ffffffff81000040 t alias_of_twin',
  'ffffffff81000100 D some_data',
  'ffffffff81001000 B _end',
  'ffffffff83e00000 d sme_workarea',
  'ffffffffc0200040 t late\t[beta]',
  'ffffffffc0200000 t twin\t[beta]',
  'ffffffffc0100000 t first\t[alpha]',
  'ffffffffc0300000 t ftrace_trampoline\t[__builtin__ftrace]',
  '',
].join('\n');

describe('find', () => {
  const table = createSymbolTable(bytes(kallsyms));

  test('gives every symbol of that exact name in file order', () => {
    expect(table.find('twin').map(symbol => [symbol.address, symbol.module])).toEqual([
      [0xffffffff81000010n, undefined],
      [0xffffffff81000040n, undefined],
      [0xffffffffc0200000n, 'beta'],
    ]);
    expect(table.find('some_data')).toEqual([
      { name: 'some_data', address: 0xffffffff81000100n, type: 'D', module: undefined },
    ]);
    expect(table.find('_of_twin')).toEqual([]);
    expect(table.find('alias_of')).toEqual([]);
  });

  test('narrows to a module', () => {
    expect(table.find('twin', 'beta')).toHaveLength(1);
    expect(table.find('twin', 'alpha')).toEqual([]);
  });

  test.each(['', 'T _stext', 'twin\n', 'late\t[beta]', '[beta]', ' '])('takes %j for no name', name => {
    expect(table.find(name)).toEqual([]);
  });

  test('answers the same before and after it builds its index', () => {
    const names = ['twin', 'late', 'first', '_end', 'nothing', 'alias_of_twin', 'fixed_percpu_data'];
    const fresh = names.map(name => createSymbolTable(bytes(kallsyms)).find(name));
    const indexed = createSymbolTable(bytes(kallsyms));
    for (let round = 0; round < 3; round++) expect(names.map(name => indexed.find(name))).toEqual(fresh);
  });
});

describe('resolve', () => {
  const table = createSymbolTable(bytes(kallsyms));

  test.each([
    [0xffffffff81000000n, '_stext', 0, 0x10, undefined],
    [0xffffffff81000045n, 'twin', 5, 0xc0, undefined],
    [0xffffffff81000fffn, 'some_data', 0xeff, 0xf00, undefined],
    [0xffffffffc0200041n, 'late', 1, 0xfc0, 'beta'],
    [0xffffffffc0200004n, 'twin', 4, 0x40, 'beta'],
  ])('names %s', (address, name, offset, size, module) => {
    expect(table.resolve(address)).toEqual({ name, offset, size, module });
  });

  test.each([
    0n,
    1n,
    0x1008n,
    0xffffffff80ffffffn,
    0xffffffff81001000n,
    0xffffffff83e00001n,
    0xffffffffc0201000n,
    -1n,
    1n << 64n,
  ])('has no symbol for %s', address => {
    expect(table.resolve(address)).toBeUndefined();
  });

  test('has none at all when addresses are hidden', () => {
    const hidden = createSymbolTable(bytes(kallsyms.replace(/^[0-9a-f]{16}/gm, '0'.repeat(16))));
    expect(hidden.find('late', 'beta')[0]?.address).toBe(0n);
    expect(hidden.resolve(0xffffffff81000045n)).toBeUndefined();
    expect(hidden.resolve(0n)).toBeUndefined();
  });
});

test('modules come in load order, without the owners that are no modules', () => {
  expect(createSymbolTable(bytes(kallsyms)).modules()).toEqual(['alpha', 'beta']);
});

test('an unloaded module has no symbols', () => {
  const table = createSymbolTable(bytes(kallsyms), [], module => module === 'beta');
  expect(table.find('twin')).toHaveLength(2);
  expect(table.resolve(0xffffffffc0200004n)).toBeUndefined();
  expect(table.modules()).toEqual(['alpha']);
});

test('further lines stand after those of kallsyms', () => {
  const more = bytes('ffffffffc0400000 t bpf_prog_1\t[bpf]');
  const table = createSymbolTable(bytes(kallsyms.trimEnd()), [more]);
  expect(table.find('bpf_prog_1')).toHaveLength(1);
  expect(table.resolve(0xffffffffc0400010n)?.name).toBe('bpf_prog_1');
});

test.each([
  'garbage',
  'ffffffff81000000T _stext',
  'ffffffff81000000 T',
  'zz T name',
  `${'f'.repeat(17)} T name`,
])('the broken line %j is a typed error', line => {
  const table = createSymbolTable(bytes(`${kallsyms}${line}\n`));
  expect(() => table.resolve(1n)).not.toThrow(TypeError);
  const lookups = () => {
    for (let time = 0; time < 10; time++) table.find('name');
    table.resolve(0xffffffff81000010n);
  };
  expect(lookups).toThrow(KernelError);
});

test('the first look-ups, which search the text, answer as the later ones, which have a table', () => {
  const recorded = new Uint8Array(gunzipSync(readFileSync('test/data/kernels/6.12+modules/kallsyms.gz')));
  const lines = new TextDecoder().decode(recorded).split('\n').filter(Boolean);
  const search = new AddressSearch(recorded);
  const warm = createSymbolTable(recorded);
  for (let time = 0; time < 20; time++) warm.resolve(0xffffffff81000010n);
  const somewhere = fc.record({
    line: fc.integer({ min: 0, max: lines.length - 1 }),
    offset: fc.oneof(fc.bigInt(-2n, 2n), fc.bigInt(-0x20000n, 0x20000n)),
  });
  let found = 0;
  fc.assert(
    fc.property(somewhere, ({ line, offset }) => {
      const address = BigInt(`0x${lines[line]!.slice(0, 16)}`) + offset;
      const entry = search.at(address);
      const resolved = warm.resolve(address);
      if (entry === undefined) return;
      found++;
      expect(resolved).toMatchObject({ offset: entry.offset, size: entry.size });
      const text = new TextDecoder().decode(recorded.subarray(entry.lineStart, entry.lineStart + 200));
      expect(/^\S+ \S (\S+)/.exec(text)?.[1]).toBe(resolved?.name);
    }),
    { numRuns: 200 },
  );
  // Half of the lines are those of modules, which only the table has.
  expect(found).toBeGreaterThan(50);
});

describe('the recorded trace', () => {
  const folder = 'test/data/traces/6.12-cloud';
  const more = readFileSync(`${folder}/kallsyms-more`);
  const trace = gunzipSync(readFileSync(`${folder}/trace.txt.gz`)).toString('latin1');
  const rendered = new Set(trace.match(/[A-Za-z_][\w.]*\+0x[0-9a-f]+\/0x[0-9a-f]+/g));

  test('shows places that are resolved as the kernel did', () => {
    using kernel = openBundle('kernels/6.12-cloud', { moreSymbols: [more] });
    expect(rendered.size).toBeGreaterThan(100);
    const wrong = Array.from(rendered).filter(text => {
      const [, name, offset] = /^(.*)\+0x([0-9a-f]+)\//.exec(text)!;
      const answers = kernel.symbols.find(name!).map(symbol => {
        const found = kernel.symbols.resolve(symbol.address + BigInt(`0x${offset}`));
        return found && `${found.name}+0x${found.offset.toString(16)}/0x${found.size.toString(16)}`;
      });
      return !answers.includes(text);
    });
    expect(wrong).toEqual([]);
  });
});
