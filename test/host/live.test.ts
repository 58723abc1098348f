import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Btf } from '../../src/btf/index.js';
import { findTracefs, openLiveKernel } from '../../src/host/index.js';
import { parseConfig, parseCpuList } from '../../src/host/live-facts.js';
import { parseMountinfo } from '../../src/host/tracefs-mount.js';

/** A machine that exists as a folder only. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'btfprobe-live-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, content: string | Uint8Array) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function putMachine() {
  put('/proc/sys/kernel/osrelease', '6.12.1-test\n');
  put('/proc/self/mountinfo', '24 1 0:22 / /my\\040traces rw - tracefs tracefs rw\n');
  put(
    '/proc/kallsyms',
    'ffffffff81000000 T _stext\nffffffff81000000 T run\nffffffff81001000 D _end\nffffffff82000000 D __tracepoint_one\n',
  );
  put('/proc/modules', 'late 1 0 - Live 0x0\nearly 1 0 - Live 0x0\n');
  put('/proc/config.gz', gzipSync('CONFIG_X86_KERNEL_IBT=y\nCONFIG_HZ=250\n# CONFIG_KASAN is not set\n'));
  put('/sys/devices/system/cpu/possible', '0-3,8\n');
  put('/sys/kernel/debug/kprobes/blacklist', '0xffffffff81000000-0xffffffff81000004\trun\n');
  put('/my traces/README', 'f[:[<group>/][<event>]] <func-name>[%return] [<args>]\n');
  put('/my traces/available_filter_functions', 'run\n');
  put('/my traces/available_filter_functions_addrs', 'ffffffff81000004 run\n');
  put('/my traces/available_events', 'g:e\n');
  put(
    '/my traces/events/g/e/format',
    'name: e\nID: 5\nformat:\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: ""\n',
  );
}

describe('a machine that shows everything', () => {
  beforeEach(putMachine);

  test('is read where its files are', () => {
    using kernel = openLiveKernel({ root });
    expect(kernel).toMatchObject({ name: 'live', release: '6.12.1-test', possibleCpus: 5, endbr: true });
    expect([kernel.dialect.fprobe, kernel.dialect.tprobe]).toEqual([true, false]);
    expect(kernel.config.get('CONFIG_KASAN')).toBe('n');
    expect(kernel.functions.siteOffset('run')).toBe(4);
    expect(kernel.symbols.resolve(0xffffffff81000010n)?.offset).toBe(16);
    expect(kernel.hasTracepoint('one')).toBe(true);
    expect(kernel.isBlacklisted(0xffffffff81000001n)).toBe(true);
    expect(kernel.events.names()).toEqual(['g/e']);
    expect(kernel.events.find('g', 'e')).toMatchObject({ group: 'g', id: 5, fields: [{ name: 'a' }] });
    expect(kernel.events.find('..', 'e')).toBeUndefined();
    expect(kernel.missing.map(({ part }) => part)).toEqual(['vmlinux.btf']);
  });

  test('has its modules in load order', () => {
    const modules = 'test/data/kernels/6.12+modules/modules';
    const unpack = (path: string) => gunzipSync(readFileSync(path));
    put('/sys/kernel/btf/vmlinux', unpack('test/data/kernels/6.12+modules/vmlinux.btf.gz'));
    put('/sys/kernel/btf/late', unpack(`${modules}/xor.btf.gz`));
    put('/sys/kernel/btf/early', unpack(`${modules}/overlay.btf.gz`));
    using kernel = openLiveKernel({ root });
    expect(kernel.moduleNames()).toEqual(['early', 'late']);
    expect([kernel.isModuleLoaded('early'), kernel.isModuleLoaded('other')]).toEqual([true, false]);
    using found = kernel.findFunction('ovl_open');
    expect(found?.handle?.module).toBe('early');
    expect(kernel.missing).toEqual([]);
  });

  test('keeps its types and where its symbols lie for the next time, by its build', () => {
    const build = (byte: number) => {
      const sizes = Buffer.from(Uint32Array.of(4, 4, 3).buffer);
      put('/sys/kernel/notes', Buffer.concat([sizes, Buffer.from('GNU\0'), Buffer.alloc(4, byte)]));
    };
    const cache = join(root, 'cache');
    const types = (path: string) => new Uint8Array(gunzipSync(readFileSync(path)));
    const [own, other] = ['kernels/6.12-cloud', 'test/data/kernels/6.1'].map(at =>
      types(`${at}/vmlinux.btf.gz`),
    );
    const seen = (options = {}) => {
      using kernel = openLiveKernel({ root, cache, ...options });
      return [
        kernel.types?.typeCount,
        kernel.findFunction('vfs_read')?.func,
        kernel.symbols.first('_stext')?.address,
      ];
    };
    build(1);
    put('/sys/kernel/btf/vmlinux', own!);
    const first = seen();
    expect(first).toEqual([Btf.parse(own!).typeCount, expect.any(Number), 0xffffffff81000000n]);
    expect(readdirSync(cache).sort()).toEqual(['01010101-starts', '01010101-types', 'symbols']);
    // The same build shows the same: its types are not read again.
    put('/sys/kernel/btf/vmlinux', other!);
    expect(seen()).toEqual(first);
    expect(seen({ cache: false })).not.toEqual(first);
    build(2);
    expect(seen()[0]).toBe(Btf.parse(other!).typeCount);
    // What is damaged is read again.
    build(1);
    put('/sys/kernel/btf/vmlinux', own!);
    for (const name of ['01010101-starts', '01010101-types']) {
      const kept = readFileSync(join(cache, name));
      put(`cache/${name}`, kept.subarray(0, -4));
      expect(seen()).toEqual(first);
      put(`cache/${name}`, '');
      expect(seen()).toEqual(first);
    }
  });

  test('looks at files for uprobes when asked', () => {
    put('/a-file', 'x');
    symlinkSync(join(root, 'a-file'), join(root, 'a-link'));
    using kernel = openLiveKernel({ root });
    const files = kernel.fileFacts?.files;
    const kinds = ['a-link', 'proc', 'nothing'].map(name => files?.get(join(root, name)));
    expect([...kinds, files?.get('/dev/null'), files?.has(join(root, 'a-file'))]).toEqual([
      'regular',
      'directory',
      undefined,
      'device',
      true,
    ]);
  });
});

describe('a machine that hides', () => {
  test('its addresses says so, and resolves none', () => {
    putMachine();
    put('/proc/kallsyms', '0000000000000000 T _stext\n0000000000000000 T run\n');
    using kernel = openLiveKernel({ root });
    expect(kernel.missing).toContainEqual({
      part: 'kallsyms',
      reason: expect.stringContaining('kptr_restrict'),
    });
    expect(kernel.symbols.find('run')).toHaveLength(1);
    expect(kernel.symbols.resolve(0xffffffff81000010n)).toBeUndefined();
  });

  test('its tracefs is told from its types', () => {
    put('/proc/sys/kernel/osrelease', '6.1\n');
    mkdirSync(join(root, 'sys/kernel/btf'), { recursive: true });
    put('/sys/kernel/btf/vmlinux', gunzipSync(readFileSync('test/data/kernels/6.1/vmlinux.btf.gz')));
    using kernel = openLiveKernel({ root });
    expect([kernel.dialect.eprobe, kernel.dialect.fprobe]).toEqual([true, false]);
    expect(kernel.missing).toContainEqual({
      part: 'README',
      reason: expect.stringContaining('mount -t tracefs'),
    });
    expect(kernel.functions.has('run')).toBe(false);
    expect(kernel.events.names()).toEqual([]);
  });

  test('everything is a kernel without facts, and no machine at all a typed error', () => {
    expect(() => openLiveKernel({ root })).toThrow(expect.objectContaining({ code: 'not-found' }));
    put('/proc/sys/kernel/osrelease', '6.1\n');
    using kernel = openLiveKernel({ root });
    expect([kernel.types, kernel.possibleCpus, kernel.endbr, kernel.hasTracepoint('x')]).toEqual([
      undefined,
      1,
      false,
      false,
    ]);
    expect(kernel.missing.map(({ part }) => part)).toContain('config');
  });
});

test('this machine is opened with whatever it shows', () => {
  using kernel = openLiveKernel();
  expect(kernel.release).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
  using found = kernel.findFunction('vfs_read');
  expect(found === undefined).toBe(kernel.types === undefined);
  for (const { reason } of kernel.missing) expect(reason).not.toBe('');
});

describe('tracefs', () => {
  test.each([
    ['1 2 0:1 / /sys/kernel/tracing rw,relatime shared:12 - tracefs tracefs rw', '/sys/kernel/tracing'],
    ['1 2 0:1 /instances/x /x rw - tracefs t rw\n1 2 0:1 / /a\\134b rw - tracefs t rw', '/a\\b'],
    [
      '1 2 0:1 / /first rw - tracefs t rw\n1 2 0:1 / /sys/kernel/tracing rw - tracefs t rw',
      '/sys/kernel/tracing',
    ],
  ])('is found in %j', (mountinfo, place) => {
    put('/proc/self/mountinfo', `3 1 8:1 / / rw - ext4 /dev/sda rw\n${mountinfo}\n`);
    expect(findTracefs(root)).toBe(join(root, place));
  });

  test('is found at its usual places, and only when it is there', () => {
    put('/proc/self/mountinfo', 'nonsense\n');
    mkdirSync(join(root, 'sys/kernel/tracing'), { recursive: true });
    expect(findTracefs(root)).toBeUndefined();
    put('/sys/kernel/debug/tracing/README', '');
    expect(findTracefs(root)).toBe(join(root, 'sys/kernel/debug/tracing'));
  });

  test('mounts have a type, a root and a place', () => {
    expect(
      parseMountinfo('25 23 0:7 / /sys/kernel/debug rw,nosuid shared:11 master:1 - debugfs debugfs rw\n\n?'),
    ).toEqual([{ type: 'debugfs', root: '/', place: '/sys/kernel/debug' }]);
  });
});

test.each([
  ['0-1', 2],
  ['0', 1],
  ['0-3,8,10-11\n', 7],
  ['', 1],
  ['nonsense', 1],
  ['5-2', 1],
])('the processor list %j has %i', (list, count) => {
  expect(parseCpuList(list)).toBe(count);
});

test('a configuration has numbers, texts and options that are not set', () => {
  const text = 'CONFIG_A=m\nCONFIG_B="hello"\nCONFIG_C=0x10\n# CONFIG_D is not set\n# a comment\n';
  const expected = new Map<string, string | number>([
    ['CONFIG_A', 'm'],
    ['CONFIG_B', 'hello'],
    ['CONFIG_C', 16],
    ['CONFIG_D', 'n'],
  ]);
  expect(parseConfig(Buffer.from(text))).toEqual(expected);
  expect(parseConfig(gzipSync(text))).toEqual(expected);
  expect(parseConfig(gzipSync(text).subarray(0, 20)).size).toBe(0);
});
