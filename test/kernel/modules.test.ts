import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { openBundle } from '../../src/host/index.js';
import type { OpenedKernel } from '../../src/kernel/index.js';

const folder = 'test/data/kernels/6.12+modules';
const xfs = () => gunzipSync(readFileSync(`${folder}/modules/xfs.btf.gz`));
const released = expect.objectContaining({ code: 'released' });

describe('module types', () => {
  let kernel: OpenedKernel;
  beforeEach(() => {
    kernel = openBundle(folder);
  });

  test('come in load order', () => {
    expect(kernel.moduleNames()).toEqual([
      'crc32c_intel',
      'crc32c_generic',
      'libcrc32c',
      'xfs',
      'nf_log_syslog',
      'raid6_pq',
      'xor',
      'blake2b_generic',
      'btrfs',
      'nf_defrag_ipv4',
      'nf_defrag_ipv6',
      'nf_conntrack',
      'overlay',
    ]);
  });

  test('are searched after vmlinux', () => {
    using own = kernel.findFunction('vfs_read');
    expect(own?.handle).toBeUndefined();
    using found = kernel.findFunction('xfs_file_open');
    expect(found?.handle?.module).toBe('xfs');
    expect(found?.btf.parameters(found.proto).map(parameter => parameter.name)).toEqual(['inode', 'file']);
    expect(kernel.modules.openHandles('xfs')).toBe(1);
  });

  test('are not held by a look-up that fails', () => {
    expect(kernel.findFunction('no_such_function')).toBeUndefined();
    expect(kernel.acquireModuleTypes('no_such_module')).toBeUndefined();
    expect(kernel.moduleNames().map(module => kernel.modules.openHandles(module))).toEqual(Array(13).fill(0));
  });

  test('are released once, however often a handle is disposed', () => {
    const first = kernel.acquireModuleTypes('xfs')!;
    using second = kernel.acquireModuleTypes('xfs');
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(kernel.modules.openHandles('xfs')).toBe(1);
    expect(second?.btf.findFunction('xfs_file_open')).toBeDefined();
  });

  test('cannot be used after release', () => {
    const handle = kernel.acquireModuleTypes('xfs')!;
    const found = kernel.findFunction('xfs_file_open')!;
    handle[Symbol.dispose]();
    found[Symbol.dispose]();
    expect(() => handle.btf).toThrow(released);
    expect(() => handle.stale).toThrow(released);
    expect(() => found.btf).toThrow(released);
  });

  test('of an unloaded module stay readable to their holders and are found no more', () => {
    using handle = kernel.acquireModuleTypes('xfs');
    expect(handle?.stale).toBe(false);
    kernel.modules.unload('xfs');
    expect(handle?.stale).toBe(true);
    expect(handle?.btf.findFunction('xfs_file_open')).toBeDefined();
    expect(kernel.findFunction('xfs_file_open')).toBeUndefined();
    expect(kernel.acquireModuleTypes('xfs')).toBeUndefined();
    expect(kernel.isModuleLoaded('xfs')).toBe(false);
    expect(kernel.moduleNames()).not.toContain('xfs');
    expect(kernel.symbols.find('xfs_file_open')).toEqual([]);
    expect(kernel.functions.has('xfs_file_open')).toBe(false);
  });

  test('are a new object when the module is loaded again', () => {
    using before = kernel.acquireModuleTypes('xfs');
    kernel.modules.unload('xfs');
    kernel.modules.load('xfs', xfs);
    using after = kernel.acquireModuleTypes('xfs');
    expect(after?.btf).not.toBe(before?.btf);
    expect([before?.stale, after?.stale]).toEqual([true, false]);
    expect(kernel.moduleNames().at(-1)).toBe('xfs');
    expect(kernel.isModuleLoaded('xfs')).toBe(true);
    expect(kernel.symbols.find('xfs_file_open')).toHaveLength(1);
  });

  test('that are damaged say so, and hold nothing', () => {
    kernel.modules.load('broken', () => new Uint8Array([1, 2, 3]));
    expect(() => kernel.acquireModuleTypes('broken')).toThrow(expect.objectContaining({ code: 'bad-types' }));
    expect(kernel.modules.openHandles('broken')).toBe(0);
  });

  test('outlive the kernel in open handles only', () => {
    using handle = kernel.acquireModuleTypes('xfs');
    kernel[Symbol.dispose]();
    kernel[Symbol.dispose]();
    expect(handle?.btf.findFunction('xfs_file_open')).toBeDefined();
    for (const use of [
      () => kernel.types,
      () => kernel.symbols,
      () => kernel.moduleNames(),
      () => kernel.functions.has('vfs_read'),
      () => kernel.hasTracepoint('sched_switch'),
      () => kernel.isBlacklisted(1n),
    ]) {
      expect(use).toThrow(released);
    }
  });
});
