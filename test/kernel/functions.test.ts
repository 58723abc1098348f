import { describe, expect, test } from 'vitest';
import { createSymbolTable, createTraceableFunctions, KernelError } from '../../src/kernel/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const kallsyms = `ffffffff81000000 T _stext
ffffffff81000000 t plain
ffffffff81000100 t guarded
ffffffff81000200 t twin
ffffffff81000300 t twin
ffffffff81001000 B _end
ffffffffc0000000 t of_module\t[beta]
`;
const sites = `ffffffff81000000 plain
ffffffff81000104 guarded
ffffffff81000304 twin
ffffffffc0000004 of_module [beta]
`;
const names = 'plain\nguarded\ntwin\ntwin\nof_module [beta]\n';

function open(parts: { names?: string | undefined; sites?: string | undefined; unloaded?: string }) {
  return createTraceableFunctions({
    names: () => (parts.names === undefined ? undefined : bytes(parts.names)),
    sites: () => (parts.sites === undefined ? undefined : bytes(parts.sites)),
    symbols: createSymbolTable(bytes(kallsyms)),
    isUnloaded: module => module === parts.unloaded,
  });
}

describe.each([
  ['with both lists', { names, sites }],
  ['with addresses only', { sites: sites.replace(/(.*twin\n)/, '$1$1') }],
])('%s', (_, parts) => {
  const functions = open(parts);

  test('a name is there or not', () => {
    expect(functions.has('plain')).toBe(true);
    expect(functions.has('of_module')).toBe(true);
    for (const name of ['plai', 'lain', '', '[beta]', 'beta', 'plain\nguarded', 'of_module [beta]']) {
      expect(functions.has(name)).toBe(false);
    }
  });

  test('a pattern finds each name once', () => {
    expect(functions.match('t*')).toEqual(['twin']);
    expect(functions.match('*d*')).toEqual(['guarded', 'of_module']);
    expect(functions.match('nothing*')).toEqual([]);
  });

  test('a position counts lines from 1', () => {
    expect(functions.match('2')).toEqual(['guarded']);
    expect(functions.match('0x5')).toEqual(['of_module']);
    expect(functions.match('6')).toEqual([]);
    expect(functions.match('0')).toEqual([]);
  });

  test('a site lies at its symbol or behind an ENDBR', () => {
    expect(
      ['plain', 'guarded', 'twin', 'of_module', 'nothing'].map(name => functions.siteOffset(name)),
    ).toEqual([0, 4, 4, 4, undefined]);
    expect(functions.siteOffsetAt(0xffffffff81000300n)).toBe(4);
    expect(functions.siteOffsetAt(0xffffffff81000200n)).toBeUndefined();
    expect(functions.siteOffsetAt(0xffffffff81000000n)).toBe(0);
  });
});

test('without any list nothing is traceable', () => {
  const functions = open({});
  expect(functions.has('plain')).toBe(false);
  expect(functions.match('*')).toEqual([]);
  expect(functions.siteOffset('plain')).toBeUndefined();
});

test('a list without a newline at its end is read to the end', () => {
  expect(open({ names: 'plain\nlast' }).has('last')).toBe(true);
  expect(open({ names: 'plain\nlast' }).match('l*')).toEqual(['last']);
});

test("an unloaded module's functions are gone", () => {
  const functions = open({ names, sites, unloaded: 'beta' });
  expect(functions.has('of_module')).toBe(false);
  expect(functions.match('*')).toEqual(['plain', 'guarded', 'twin']);
});

test('a broken site is a typed error', () => {
  expect(() => open({ sites: 'nonsense plain\n' }).siteOffset('plain')).toThrow(KernelError);
});

test('many look-ups answer as the first ones did', () => {
  const functions = open({ names, sites });
  const answers = () => ['plain', 'guarded', 'twin', 'of_module', 'no'].map(name => functions.has(name));
  const first = answers();
  for (let round = 0; round < 4; round++) expect(answers()).toEqual(first);
});
