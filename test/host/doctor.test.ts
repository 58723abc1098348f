import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCapabilities } from '../../src/host/doctor/capabilities.js';
import {
  type CheckId,
  examineHost,
  examineTracefs,
  kernelChecks,
  openBundle,
  waysOf,
} from '../../src/host/index.js';

/** A machine that exists as a folder only. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'btfprobe-doctor-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, content: string | Uint8Array) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const types = (kernel: string) => gunzipSync(readFileSync(`test/data/kernels/${kernel}/vmlinux.btf.gz`));

/** As a guest with Debian's 6.12 shows itself. */
function putMachine({ capabilities = '1ffffffffff', btf = '6.12+modules' } = {}) {
  put('/proc/sys/kernel/osrelease', '6.12.1-test\n');
  put('/proc/self/mountinfo', '24 1 0:22 / /traces rw - tracefs tracefs rw\n');
  put('/proc/self/status', `Name:\tnode\nCapEff:\t${capabilities.padStart(16, '0')}\nCapBnd:\t0\n`);
  put('/proc/kallsyms', 'ffffffff81000000 T _stext\n');
  put('/proc/modules', '');
  for (const [name, value] of [
    ['perf_event_paranoid', 3],
    ['unprivileged_bpf_disabled', 2],
    ['kptr_restrict', 0],
    ['ftrace_enabled', 1],
  ]) {
    put(`/proc/sys/kernel/${name}`, `${value}\n`);
  }
  put('/sys/kernel/debug/kprobes/enabled', '1\n');
  put('/sys/kernel/security/lockdown', '[none] integrity confidentiality\n');
  put('/sys/bus/event_source/devices/kprobe/type', '8\n');
  put('/sys/kernel/btf/vmlinux', types(btf));
  put('/traces/dynamic_events', '');
  put('/traces/available_filter_functions', 'run\n');
  const readme =
    'f[:[<group>/][<event>]] <func-name>[%return] [<args>]\n<argname>[->field[->field|.field...]]\n';
  put('/traces/README', btf === '6.1' ? 'place: <symbol>\n' : readme);
}

test('what tracefs rests on is told alone as it is among all', () => {
  putMachine();
  put('/sys/kernel/security/lockdown', 'none integrity [confidentiality]\n');
  const alone = examineTracefs(root);
  const ids = alone.map(({ id }) => id);
  expect(ids).toEqual([
    'tracefs.mounted',
    'tracefs.readable',
    'tracefs.writable',
    'symbols.traceable',
    'rights.lockdown',
  ]);
  expect(alone).toEqual(ids.map(id => look().check(id)));
});

function look() {
  const { checks } = examineHost({ root });
  return {
    state: (id: CheckId) => checks.find(check => check.id === id)?.state,
    check: (id: CheckId) => checks.find(check => check.id === id)!,
    open: waysOf(checks)
      .filter(way => way.open)
      .map(({ id }) => id),
    lacks: Object.fromEntries(waysOf(checks).map(({ id, lacks }) => [id, lacks.map(lack => lack.id)])),
    checks,
  };
}

describe('a machine with everything', () => {
  test('has every way open and every check with its evidence', () => {
    putMachine();
    const { checks, open, check } = look();
    expect(open).toEqual(['native', 'lowered', 'bpf']);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    expect(checks.filter(({ evidence, title }) => evidence === '' || title === '')).toEqual([]);
    expect(check('tracefs.mounted').evidence).toBe('/traces');
    expect(check('types.vmlinux').evidence).toMatch(/^\/sys\/kernel\/btf\/vmlinux, \d{7} bytes$/);
  });

  test('of Linux 6.1 has no f events, and no kprobe-multi', () => {
    putMachine({ btf: '6.1' });
    const { state, open, lacks } = look();
    expect(open).toEqual(['lowered', 'bpf']);
    expect(lacks.native).toEqual(['probes.function']);
    expect([state('bpf.kprobe-multi'), state('bpf.trampolines')]).toEqual(['missing', 'ok']);
  });
});

describe('what is missing', () => {
  test('tracefs is told once, with how to mount it', () => {
    putMachine();
    put('/proc/self/mountinfo', '');
    rmSync(join(root, 'traces'), { recursive: true });
    const { lacks, check, open } = look();
    expect(open).toEqual(['bpf']);
    expect(lacks).toMatchObject({ native: ['tracefs.mounted'], lowered: ['tracefs.mounted'] });
    expect(check('tracefs.mounted').advice).toEqual(['mount it: mount -t tracefs nodev /sys/kernel/tracing']);
  });

  test.each([
    ['nobody', '0', ['CAP_BPF', 'CAP_PERFMON']],
    ['CAP_BPF alone', '8000000000', ['CAP_PERFMON']],
  ])('rights of %s do not load programs', (_, capabilities, lacking) => {
    putMachine({ capabilities });
    const { check, lacks } = look();
    expect(lacks.bpf).toEqual(['bpf.load']);
    expect(check('bpf.load')).toMatchObject({
      state: 'denied',
      evidence: `this process lacks ${lacking.join(' and ')}`,
    });
  });

  test('CAP_BPF and CAP_PERFMON load programs, but open no kprobe on Debian', () => {
    putMachine({ capabilities: 'c000000000' });
    const { state } = look();
    expect([state('bpf.load'), state('bpf.kprobe'), state('rights.capabilities')]).toEqual([
      'ok',
      'denied',
      'denied',
    ]);
    put('/proc/sys/kernel/perf_event_paranoid', '2\n');
    expect(look().state('bpf.kprobe')).toBe('ok');
  });

  test('lockdown, the JIT, types, switches: each closes what rests on it', () => {
    putMachine();
    put('/sys/kernel/security/lockdown', 'none integrity [confidentiality]\n');
    expect(look().open).toEqual([]);
    putMachine();
    put('/proc/sys/net/core/bpf_jit_enable', '0\n');
    expect(look().lacks).toEqual({ native: [], lowered: [], bpf: ['bpf.load'] });
    put('/proc/sys/net/core/bpf_jit_enable', '1\n');
    rmSync(join(root, 'sys/kernel/btf'), { recursive: true });
    expect(look().lacks).toEqual({
      native: ['probes.names'],
      lowered: ['types.vmlinux'],
      bpf: ['types.vmlinux'],
    });
    put('/sys/kernel/debug/kprobes/enabled', '0\n');
    expect(look().check('probes.armed')).toMatchObject({
      state: 'missing',
      advice: ['echo 1 > /sys/kernel/debug/kprobes/enabled'],
    });
  });

  test('files that say nothing leave a check unknown, and close nothing', () => {
    putMachine();
    rmSync(join(root, 'sys/kernel/security'), { recursive: true });
    rmSync(join(root, 'proc/self/status'));
    const { state, open } = look();
    expect(open).toEqual(['native', 'lowered', 'bpf']);
    expect([state('rights.lockdown'), state('bpf.load')]).toEqual(['unknown', 'unknown']);
  });
});

test('what a kernel was built with can be said of a bundle', () => {
  using kernel = openBundle('test/data/kernels/6.1');
  const states = Object.fromEntries(kernelChecks(kernel).map(({ id, state }) => [id, state]));
  expect(states).toEqual({
    'probes.function': 'missing',
    'probes.tracepoint': 'missing',
    'probes.kprobe': 'ok',
    'probes.uprobe': 'ok',
    'probes.event': 'ok',
    'probes.names': 'missing',
    'bpf.syscall': 'ok',
    'bpf.ring-buffer': 'ok',
    'bpf.trampolines': 'ok',
    'bpf.kprobe-multi': 'missing',
  });
});

test('capabilities have the names that setpriv prints', () => {
  const dump = execFileSync('setpriv', ['--dump'], { encoding: 'latin1' });
  const [, listed] = /^Capability bounding set: (.*)$/m.exec(dump)!;
  const [, bounding] = /^CapBnd:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))!;
  const ours = [...parseCapabilities(`CapEff:\t${bounding}\n`)!].map(name =>
    name.replace('CAP_', '').toLowerCase(),
  );
  expect(ours).toEqual(listed === '[none]' ? [] : listed!.split(',').map(name => name.replace(/^cap_/, '')));
  expect([...parseCapabilities('CapEff:\t20000000000')!]).toEqual(['CAP_41']);
  expect(parseCapabilities('CapEff: hm')).toBeUndefined();
});
