import { expect, test } from 'vitest';
import { BtfBuilder } from '../../src/btf/index.js';
import { openDefaultKernel } from '../../src/host/index.js';
import { type AddedModule, extendKernel, type Kernel, KernelError } from '../../src/kernel/index.js';

const kernel = openDefaultKernel();

function moduleOf(base: Kernel, name: string, functionName: string, address: bigint): AddedModule {
  return {
    name,
    symbols: [
      { name: functionName, address, size: 0x40, type: 't', siteOffset: 4 },
      {
        name: `${functionName}_table`,
        address: address + 0x1000n,
        size: 8,
        type: 'd',
        siteOffset: undefined,
      },
    ],
    types() {
      const builder = new BtfBuilder({ base: base.types! });
      builder.func(functionName, builder.funcProto(1, [['only', 1]]));
      return builder.build();
    },
  };
}

test('an added module is seen in every look-up, and by the view alone', () => {
  using view = extendKernel(kernel);
  view.loadModule(moduleOf(kernel, 'extra', 'extra_run', 0xffffffffc0400000n));
  expect(view.isModuleLoaded('extra')).toBe(true);
  expect(view.moduleNames()).toEqual([...kernel.moduleNames(), 'extra']);
  expect(view.symbols.find('extra_run', 'extra')).toMatchObject([
    { address: 0xffffffffc0400000n, module: 'extra' },
  ]);
  expect(view.symbols.find('extra_run', 'other')).toEqual([]);
  const covering = { name: 'extra_run', offset: 63, size: 64, module: 'extra' };
  expect(view.symbols.resolve(0xffffffffc040003fn)).toEqual(covering);
  expect(view.symbols.resolve(0xffffffffc0400040n)?.name).not.toBe('extra_run');
  expect(view.symbols.modules()).toContain('extra');
  expect(view.functions.has('extra_run')).toBe(true);
  expect(view.functions.has('extra_run_table')).toBe(false);
  expect(view.functions.match('extra_r*')).toEqual(['extra_run']);
  expect(view.functions.siteOffset('extra_run')).toBe(4);
  expect(view.functions.siteOffsetAt(0xffffffffc0400000n)).toBe(4);
  using found = view.findFunction('extra_run');
  expect(found?.btf.parameters(found.proto).map(parameter => parameter.name)).toEqual(['only']);
  expect(found?.handle?.module).toBe('extra');
  expect(kernel.isModuleLoaded('extra')).toBe(false);
  expect(kernel.findFunction('extra_run')).toBeUndefined();
});

test('what the kernel has itself comes first', () => {
  using view = extendKernel(kernel);
  view.loadModule(moduleOf(kernel, 'extra', 'vfs_read', 0xffffffffc0400000n));
  using found = view.findFunction('vfs_read');
  expect(found?.handle).toBeUndefined();
  expect(view.symbols.find('vfs_read').map(symbol => symbol.module)).toEqual([undefined, 'extra']);
});

test('an unloaded module is gone, while its types stay readable for those who hold them', () => {
  using view = extendKernel(kernel);
  const extra = moduleOf(kernel, 'extra', 'extra_run', 0xffffffffc0400000n);
  view.loadModule(extra);
  const found = view.findFunction('extra_run');
  expect(view.unloadModule('extra')).toBe(true);
  expect(view.unloadModule('extra')).toBe(false);
  expect(view.findFunction('extra_run')).toBeUndefined();
  expect(view.symbols.find('extra_run')).toEqual([]);
  expect(found?.handle?.stale).toBe(true);
  expect(found?.btf.nameOf(found.func)).toBe('extra_run');
  found?.[Symbol.dispose]();
  expect(() => found?.btf).toThrow(KernelError);
  view.loadModule(extra);
  view.loadModule(moduleOf(kernel, 'second', 'second_run', 0xffffffffc0500000n));
  view.loadModule(extra);
  expect(view.moduleNames().slice(-2)).toEqual(['second', 'extra']);
});
