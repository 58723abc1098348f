import { expect, test } from 'vitest';
import { functionTargets, isSharedName } from '../../../src/backends/bpf/functions.js';
import { describePlace } from '../../../src/backends/bpf/index.js';
import { openBuiltInKernel } from '../../../src/host/index.js';
import { type Kernel, type KernelSymbol, KernelView } from '../../../src/kernel/index.js';

const kernel = openBuiltInKernel('6.12-cloud');

/** Where ftrace's list has functions of these names. */
function sites(names: readonly string[]): bigint[] {
  return [...new Set(names)].flatMap(name =>
    kernel.symbols
      .find(name)
      .map(({ address }) => address)
      .filter(address => kernel.functions.siteOffsetAt(address) !== undefined),
  );
}

test('functions go by name where each name is one function alone', () => {
  expect(functionTargets(['vfs_read'], kernel)).toEqual({ symbols: ['vfs_read'] });
  const names = kernel.functions.match('vfs_re*');
  expect(functionTargets(names, kernel)).toEqual({ symbols: names });
});

test('functions that share a name go by address, and so do those beside them', () => {
  expect(functionTargets(['type_show'], kernel)).toEqual({ addresses: sites(['type_show']) });
  expect(sites(['type_show'])).toHaveLength(kernel.functions.count('type_show'));
  const names = kernel.functions.match('type_*');
  expect(names).toContain('type_show');
  const targets = functionTargets(names, kernel);
  expect(targets).toEqual({ addresses: sites(names) });
});

/** The kernel with `find` of its symbols changed. */
function withFind(find: (name: string) => readonly KernelSymbol[]): Kernel {
  class OtherSymbols extends KernelView {
    override get symbols() {
      return { ...kernel.symbols, find };
    }
  }
  return new OtherSymbols(kernel, {});
}

test('hidden addresses are no addresses', () => {
  const hidden = withFind(name => kernel.symbols.find(name).map(symbol => ({ ...symbol, address: 0n })));
  expect(() => functionTargets(['type_show'], hidden)).toThrow('addresses are hidden');
  expect(functionTargets(['vfs_read'], hidden)).toEqual({ symbols: ['vfs_read'] });
});

test('a global function is not looked for among all symbols', () => {
  const unread = withFind(() => {
    throw new Error('all symbols are read');
  });
  expect(isSharedName('vfs_read', unread)).toBe(false);
  expect(isSharedName('type_show', kernel)).toBe(true);
});

test('what is attached to is said in words', () => {
  const place = { kind: 'kprobe-multi', isReturn: false } as const;
  expect(describePlace({ ...place, symbols: ['type_show'] })).toBe('kprobe-multi of all functions type_show');
  expect(describePlace({ ...place, symbols: ['vfs_read', 'vfs_readv'] })).toBe('kprobe-multi of 2 functions');
});
