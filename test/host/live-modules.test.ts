import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLiveKernel } from '../../src/host/index.js';

// What a guest shows with real modules (test/guest/module-life.test.ts), in little and in every run.

const recorded = 'test/data/kernels/6.12+modules';
const unpacked = (part: string) => gunzipSync(readFileSync(join(recorded, `${part}.btf.gz`)));
const log = 'nf_log_syslog';
const xor = 'xor';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'btfprobe-modules-'));
  put('/proc/sys/kernel/osrelease', '6.12.1-test\n');
  put('/sys/kernel/btf/vmlinux', unpacked('vmlinux'));
  load([log]);
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, content: string | Uint8Array) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

let boots = 0;

/** These modules are loaded now, in this order; their symbols stand elsewhere each time. */
function load(modules: readonly string[]) {
  boots++;
  put(
    '/proc/modules',
    [...modules]
      .reverse()
      .map(name => `${name} 1 0 - Live 0x0\n`)
      .join(''),
  );
  const line = (name: string) => `ffffffffc000${String(boots).padStart(4, '0')} t of_${name}\t[${name}]\n`;
  put('/proc/kallsyms', `ffffffff81000000 T _stext\n${[...modules].reverse().map(line).join('')}`);
  for (const name of modules) put(`/sys/kernel/btf/${name}`, unpacked(`modules/${name}`));
}

function unload(name: string, left: readonly string[]) {
  rmSync(join(root, '/sys/kernel/btf', name));
  load(left);
}

test('nothing changes while no module comes or goes', () => {
  using kernel = openLiveKernel({ root });
  expect(kernel.refreshModules()).toEqual({ loaded: [], unloaded: [] });
  using types = kernel.acquireModuleTypes(log)!;
  expect(kernel.refreshModules()).toEqual({ loaded: [], unloaded: [] });
  expect(types.stale).toBe(false);
});

test('a module that comes is found, last in order', () => {
  using kernel = openLiveKernel({ root });
  expect(kernel.moduleNames()).toEqual([log]);
  expect(kernel.symbols.find(`of_${xor}`)).toEqual([]);
  load([log, xor]);
  expect(kernel.refreshModules()).toEqual({ loaded: [xor], unloaded: [] });
  expect(kernel.moduleNames()).toEqual([log, xor]);
  expect(kernel.symbols.find(`of_${xor}`)).toHaveLength(1);
  using types = kernel.acquireModuleTypes(xor)!;
  expect(types.btf.findFunction('xor_blocks')).toBeDefined();
});

test('a module that goes is not found, and readable for who holds it', () => {
  using kernel = openLiveKernel({ root });
  using types = kernel.acquireModuleTypes(log)!;
  expect(kernel.symbols.find(`of_${log}`)).toHaveLength(1);
  unload(log, []);
  expect(kernel.refreshModules()).toEqual({ loaded: [], unloaded: [log] });
  expect([kernel.moduleNames(), kernel.isModuleLoaded(log), kernel.findFunction('nf_log_ip_packet')]).toEqual(
    [[], false, undefined],
  );
  expect(kernel.symbols.find(`of_${log}`)).toEqual([]);
  expect([types.stale, types.btf.findFunction('nf_log_ip_packet') !== undefined]).toEqual([true, true]);
});

test('a module that went and came again is a new one, at another address', () => {
  using kernel = openLiveKernel({ root });
  using first = kernel.acquireModuleTypes(log)!;
  const [before] = kernel.symbols.find(`of_${log}`);
  // Another inode, as sysfs gives to a new file.
  const types = join(root, '/sys/kernel/btf', log);
  writeFileSync(`${types}.new`, '');
  renameSync(`${types}.new`, types);
  load([xor, log]);
  expect(kernel.refreshModules()).toEqual({ loaded: [xor, log], unloaded: [log] });
  using again = kernel.acquireModuleTypes(log)!;
  expect([first.stale, again.stale, first.btf === again.btf]).toEqual([true, false, false]);
  expect(kernel.symbols.find(`of_${log}`)[0]!.address).not.toBe(before!.address);
});

test('order is that of loading', () => {
  using kernel = openLiveKernel({ root });
  expect(kernel.moduleNames()).toEqual([log]);
  unload(log, []);
  kernel.refreshModules();
  load([xor, log]);
  expect(kernel.refreshModules().loaded).toEqual([xor, log]);
  expect(kernel.moduleNames()).toEqual([xor, log]);
});
