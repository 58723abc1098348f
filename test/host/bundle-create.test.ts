import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBundle, openBundle, summarizeBundle } from '../../src/host/index.js';

/** A machine that exists as a folder only. */
let root: string;
let out: string;
beforeEach(() => {
  const place = mkdtempSync(join(tmpdir(), 'btfprobe-create-'));
  root = join(place, 'machine');
  out = join(place, 'out');
  putMachine();
});
afterEach(() => rmSync(dirname(root), { recursive: true }));

function put(path: string, content: string | Uint8Array) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const format = (name: string, id: number) =>
  `name: ${name}\nID: ${id}\nformat:\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: "%d", REC->a\n`;

const types = gunzipSync(readFileSync('test/data/kernels/6.12+modules/vmlinux.btf.gz'));
const moduleTypes = gunzipSync(readFileSync('test/data/kernels/6.12+modules/modules/nf_log_syslog.btf.gz'));

function putMachine() {
  put('/proc/sys/kernel/osrelease', '6.12.1-test\n');
  put('/proc/sys/kernel/version', '#1 SMP\n');
  put('/proc/self/mountinfo', '24 1 0:22 / /traces rw - tracefs tracefs rw\n');
  put(
    '/proc/kallsyms',
    'ffffffff81000000 T _stext\nffffffff81000000 T vfs_read\nffffffff81001000 D _end\nffffffff82000000 D __tracepoint_one\nffffffffc0001000 t nf_log_ip_packet\t[nf_log_syslog]\nffffffffc0000000 D __tracepoint_extra\t[other]\n',
  );
  put('/proc/modules', 'nf_log_syslog 1 0 - Live 0x0\nother 1 0 - Live 0x0\n');
  put(
    '/proc/config.gz',
    gzipSync('CONFIG_X86_KERNEL_IBT=y\nCONFIG_HZ=250\n# CONFIG_KASAN is not set\nCONFIG_DRM=m\n'),
  );
  put('/sys/devices/system/cpu/possible', '0-3\n');
  put('/sys/kernel/btf/vmlinux', types);
  put('/sys/kernel/btf/nf_log_syslog', moduleTypes);
  put('/sys/kernel/debug/kprobes/blacklist', '0xffffffff81000000-0xffffffff81000004\trun\n');
  put('/traces/README', 'f[:[<group>/][<event>]] <func-name>[%return] [<args>]\n');
  put('/traces/available_filter_functions', 'vfs_read\n');
  put('/traces/available_filter_functions_addrs', 'ffffffff81000004 vfs_read\n');
  put('/traces/available_events', 'g:e\nmine:probe\nmine:kept\nftrace:print\n');
  put('/traces/dynamic_events', 'p:mine/probe vfs_read\n');
  put('/traces/events/g/e/format', format('e', 5));
  put('/traces/events/mine/probe/format', format('probe', 6));
  put('/traces/events/mine/kept/format', format('kept', 8));
  put('/traces/events/ftrace/print/format', format('print', 7));
  put('/traces/events/g/filter', 'none\n');
}

const facts = () =>
  JSON.parse(readFileSync(join(out, 'facts.json'), 'utf8')) as Record<string, unknown> & {
    missing: { part: string; reason: string }[];
  };

describe('a bundle of a machine that shows everything', () => {
  test.each(['', '.btfbundle'])('answers as the machine does (out%s)', ending => {
    const created = createBundle(out + ending, { root });
    expect(created.missing).toEqual([]);
    using kernel = openBundle(out + ending, { cache: false });
    expect(kernel).toMatchObject({ name: 'out', release: '6.12.1-test', possibleCpus: 4, endbr: true });
    expect([kernel.dialect.fprobe, kernel.dialect.tprobe]).toEqual([true, false]);
    expect(kernel.types?.findFunction('vfs_read')).toBeDefined();
    using found = kernel.findFunction('nf_log_ip_packet')!;
    expect(found.handle?.module).toBe('nf_log_syslog');
    expect(kernel.symbols.modules()).toEqual(['other', 'nf_log_syslog']);
    expect(kernel.functions.siteOffset('vfs_read')).toBe(4);
    expect([kernel.hasTracepoint('one'), kernel.hasTracepoint('extra'), kernel.hasTracepoint('two')]).toEqual(
      [true, true, false],
    );
    expect(kernel.isBlacklisted(0xffffffff81000001n)).toBe(true);
    expect(kernel.events.find('g', 'e')).toMatchObject({ id: 5, printFmt: '"%d", REC->a' });
  });

  test('leaves out events that somebody defined for the time being', () => {
    createBundle(out, { root });
    using kernel = openBundle(out, { cache: false });
    expect(kernel.events.names()).toEqual(['ftrace/print', 'g/e', 'mine/kept']);
    expect(kernel.events.has('mine', 'probe')).toBe(false);
    const list = gunzipSync(readFileSync(join(out, 'available_events.gz'))).toString();
    expect(list).toBe('g:e\nmine:kept\nftrace:print\n');
  });

  test('has the facts that bundles have', () => {
    createBundle(out, { root });
    expect(facts()).toMatchObject({
      kernel: '6.12.1-test',
      version: '#1 SMP',
      arch: 'x86_64',
      modules: ['other', 'nf_log_syslog'],
      config: { CONFIG_X86_KERNEL_IBT: 'y', CONFIG_HZ: 250, CONFIG_KASAN: 'n' },
      possibleCpus: 4,
      missing: [],
    });
    expect(facts().btfSha256).toBe('e0e6430bf6ddca2c65bebe329cd8244ffd06756cbc25f9b37acff9d1d0244131');
    expect(Object.keys(facts().moduleBtfSha256 as object)).toEqual(['nf_log_syslog']);
  });

  test('holds the types of the modules that were asked for', () => {
    const { missing } = createBundle(out, { root, modules: ['xfs'] });
    expect(missing).toEqual([{ part: 'modules/xfs.btf', reason: expect.stringContaining('not loaded') }]);
    expect(readdirSync(join(out, 'modules'))).toEqual([]);
    expect(summarizeBundle(out, { cache: false }).missing.map(({ part }) => part)).toEqual([
      'modules/xfs.btf',
    ]);
  });

  test('changes nothing on the machine', () => {
    const list = () => readdirSync(root, { recursive: true }).sort();
    const before = list();
    createBundle(out, { root });
    expect(list()).toEqual(before);
  });
});

describe('a bundle of a machine that hides things', () => {
  test('has no symbols whose addresses are hidden, but the tracepoints', () => {
    put('/proc/kallsyms', '0000000000000000 T vfs_read\n0000000000000000 D __tracepoint_one\n');
    const { missing } = createBundle(out, { root });
    expect(missing).toEqual([{ part: 'kallsyms', reason: expect.stringContaining('kptr_restrict') }]);
    expect(readdirSync(out)).not.toContain('kallsyms.gz');
    using kernel = openBundle(out, { cache: false });
    expect(kernel.hasTracepoint('one')).toBe(true);
  });

  test('has what is left, and says what is not, why, and what that means', () => {
    for (const path of ['/traces', '/proc/config.gz', '/sys/kernel/debug', '/proc/self']) {
      rmSync(join(root, path), { recursive: true });
    }
    const { missing } = createBundle(out, { root });
    expect(Object.fromEntries(missing.map(({ part, reason }) => [part, reason]))).toMatchObject({
      README: expect.stringContaining('mount -t tracefs'),
      available_filter_functions: expect.stringContaining('mount -t tracefs'),
      available_events: expect.stringContaining('mount -t tracefs'),
      'event-formats': expect.stringContaining('mount -t tracefs'),
      'kprobes-blacklist': expect.stringContaining('mount -t debugfs'),
      config: expect.stringContaining('/proc/config.gz'),
    });
    const summary = summarizeBundle(out, { cache: false });
    // Nobody told the dialect: the kernel's types do.
    expect(summary).toMatchObject({
      dialectFrom: 'types',
      dialect: { fprobe: true, btfFields: true },
      configOptions: 0,
    });
    const told = new Map(summary.missing.map(({ part, meaning }) => [part, meaning]));
    expect(Array.from(told.keys()).sort()).toEqual(missing.map(({ part }) => part).sort());
    expect(told.get('event-formats')).toContain('e lines');
  });

  test('names the part that opens and cannot be read', () => {
    rmSync(join(root, '/traces/available_events'));
    mkdirSync(join(root, '/traces/available_events'));
    const { missing } = createBundle(out, { root });
    expect(missing).toEqual([
      { part: 'available_events', reason: expect.stringContaining('cannot be read') },
    ]);
  });

  test('has no types of modules without those of the kernel', () => {
    rmSync(join(root, '/sys/kernel/btf/vmlinux'));
    createBundle(out, { root });
    using kernel = openBundle(out, { cache: false });
    expect([kernel.types, kernel.moduleNames()]).toEqual([undefined, []]);
  });

  test('is not made where there is no kernel', () => {
    rmSync(join(root, '/proc'), { recursive: true });
    expect(() => createBundle(out, { root })).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(readdirSync(dirname(root))).toEqual(['machine']);
  });
});

test('a summary counts what is in each part', () => {
  createBundle(out, { root });
  const { parts, modules, form } = summarizeBundle(out, { cache: false });
  const counts = Object.fromEntries(parts.map(({ name, count }) => [name, count]));
  expect(counts).toEqual({
    'facts.json': undefined,
    'vmlinux.btf': undefined,
    'modules/nf_log_syslog.btf': undefined,
    kallsyms: 6,
    tracepoints: 2,
    available_filter_functions: 1,
    available_filter_functions_addrs: 1,
    'kprobes-blacklist': 1,
    available_events: 3,
    'event-formats': 3,
  });
  expect([modules, form]).toEqual([['nf_log_syslog'], 'folder']);
});

test('a summary finds damage in any part', () => {
  createBundle(out, { root });
  writeFileSync(join(out, 'kprobes-blacklist.gz'), 'no gzip');
  expect(() => summarizeBundle(out, { cache: false })).toThrow(
    expect.objectContaining({ code: 'bad-archive' }),
  );
});
