import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBundle } from '../../src/host/index.js';
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

test('no symbol covers an address below the lowest', () => {
  const table = createSymbolTable(bytes(kallsyms));
  expect(table.lowest?.()).toBe(0xffffffff81000000n);
  const module = kallsyms.split('\n').filter(line => line.endsWith(']'));
  const modules = createSymbolTable(bytes(module.join('\n')));
  expect(modules.lowest?.()).toBe(0xffffffffc0100000n);
  for (const { resolve, lowest } of [table, modules]) {
    expect(resolve(lowest!()!)).toBeDefined();
    expect(resolve(lowest!()! - 1n)).toBeUndefined();
  }
  expect(createSymbolTable(bytes(kallsyms.replaceAll(/^\w+/gm, '0'.repeat(16)))).lowest?.()).toBeUndefined();
  expect(createSymbolTable(undefined).lowest?.()).toBeUndefined();
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

/** What `resolve` says it does, line by line. */
function resolvePlainly(lines: readonly string[], address: bigint) {
  const all = lines.map(line => {
    const [, digits, name, module] = /^([0-9a-f]+) \S (\S+?)(?:\t\[(.*)\])?$/.exec(line)!;
    return { address: BigInt(`0x${digits}`), name: name!, module };
  });
  const mark = (name: string) => all.find(symbol => symbol.name === name && symbol.module === undefined);
  const [first, end] = [mark('_stext')?.address || 1n, mark('_end')?.address || 0xffff_ffff_ffff_ffffn];
  const known = all
    .filter(symbol => symbol.address > 0n)
    .filter(symbol => symbol.module !== undefined || (symbol.address >= first && symbol.address <= end))
    .sort((a, b) => (a.address < b.address ? -1 : Number(a.address > b.address)));
  const behind = known.findIndex(symbol => symbol.address > address);
  const below = behind < 0 ? known : known.slice(0, behind);
  const last = below.at(-1);
  if (last === undefined) return undefined;
  const { name, module } = below.find(symbol => symbol.address === last.address)!;
  const next = behind < 0 ? undefined : known[behind]!;
  const pageEnd = (last.address / 4096n + 1n) * 4096n;
  const free = last.module === undefined ? end : pageEnd;
  const isNext = next !== undefined && (next.module === last.module || (next.address < free && last.module));
  const size = (isNext ? next.address : free) - last.address;
  const offset = address - last.address;
  return offset < size ? { name, offset: Number(offset), size: Number(size), module } : undefined;
}

const placeAddress = (place: number) => (place === 0 ? 0n : 0xffffffff81000000n + BigInt(place) * 0x700n);

test('lines in any order are resolved as the same lines read one by one', () => {
  const line = fc
    .record({
      place: fc.integer({ min: 0, max: 40 }),
      module: fc.constantFrom('', '', '', '\t[alpha]', '\t[beta]'),
      name: fc.constantFrom('a', 'b', '_c', '_stext', '_end'),
    })
    .map(({ place, module, name }) => ({
      place,
      text: `${placeAddress(place).toString(16).padStart(16, '0')} t ${name}${module}`,
    }));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.nat({ max: 30 }), (lines, sorted) => {
      const ordered = lines.slice(0, sorted).sort((a, b) => a.place - b.place);
      const texts = [...ordered, ...lines.slice(sorted)].map(({ text }) => text);
      const table = createSymbolTable(bytes(texts.join('\n')));
      for (let place = 0; place < 41; place++) {
        for (const offset of [-1n, 0n, 0x6ffn]) {
          const asked = placeAddress(place) + offset;
          expect(table.resolve(asked)).toEqual(asked < 0n ? undefined : resolvePlainly(texts, asked));
        }
      }
    }),
  );
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
