import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  HostError,
  monotonicOffset,
  processStartTime,
  systemTracefs,
  Tracefs,
} from '../../src/host/index.js';
import { MemoryTracefs } from '../backends/tracefs/memory-tracefs.js';

const entry = (time: string, command: string, message: string): string =>
  `[    ${time}] trace_fprobe: error: ${message}\n  Command: ${command}\n           ^\n`;

describe('a refused definition', () => {
  test('comes with the newest entry about it', () => {
    const files = new MemoryTracefs();
    const log = (line: string): string =>
      entry('2.000000', line, 'first') +
      entry('2.000001', line, 'second') +
      entry('2.000002', 'f:z/z x', 'of others');
    files.refusals.push({ when: /vfs_read/, errno: 'ENOENT', log });
    const refusal = new Tracefs(files).define('f:g/e   vfs_read nope');
    expect(refusal?.errno).toBe('ENOENT');
    // The kernel shows single blanks; the entry is found by its first word as well.
    expect(refusal?.entry?.message).toBe('second');
  });

  test('takes nothing from older entries about the same line', () => {
    const files = new MemoryTracefs();
    const plan = { when: /vfs_read/, errno: 'ENOENT', log: (line: string) => entry('2.000000', line, 'old') };
    files.refusals.push(plan);
    const tracefs = new Tracefs(files);
    expect(tracefs.define('f:g/e vfs_read')?.entry?.message).toBe('old');
    files.refusals[0] = { when: /vfs_read/, errno: 'EINVAL' };
    expect(tracefs.define('f:g/e vfs_read')).toEqual({ errno: 'EINVAL', entry: undefined });
  });
});

describe('the files of a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'btfprobe-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are never truncated by a write', () => {
    writeFileSync(join(folder, 'dynamic_events'), 'kept\n');
    systemTracefs(folder).write('dynamic_events', 'added\xe9');
    expect(readFileSync(join(folder, 'dynamic_events'), 'latin1')).toBe('kept\nadded\xe9');
  });

  test('that are missing are named in the error', () => {
    const error = failureOf(() => systemTracefs(folder).read('trace_clock'));
    expect(error).toMatchObject({ code: 'not-found', errno: 'ENOENT', file: join(folder, 'trace_clock') });
    expect(error.message).toContain(join(folder, 'trace_clock'));
  });

  test('cannot be made by a write', () => {
    expect(failureOf(() => systemTracefs(folder).write('new', 'x'))).toMatchObject({ code: 'not-found' });
  });

  test('are busy or there already with codes of their own', () => {
    mkdirSync(join(folder, 'instances'));
    const files = systemTracefs(folder);
    expect(failureOf(() => files.makeDirectory('instances'))).toMatchObject({ code: 'exists' });
    expect(failureOf(() => Tracefs.open(join(folder, 'nowhere')))).toMatchObject({ code: 'not-found' });
  });
});

test('a process has one start time, and none when it does not exist', () => {
  const own = processStartTime('self');
  expect(own).toMatch(/^\d+$/);
  expect(processStartTime(process.pid)).toBe(own);
  expect(processStartTime(99_999_999)).toBeUndefined();
});

test('a process that ended has no start time although its parent does not ask for it', async () => {
  // The child waits until its parent is a program that never asks.
  const script = 'cat <&3 >/dev/null & echo $!; exec sleep 60 3<&-';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise(resolve => setTimeout(resolve, 1));
  };
  try {
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'latin1') === 'sleep\n');
    expect(processStartTime(Number(line))).toMatch(/^\d+$/);
    (parent.stdio[3] as Writable).end();
    await until(() => readFileSync(`/proc/${Number(line)}/stat`, 'latin1').includes(') Z '));
    expect(processStartTime(Number(line))).toBeUndefined();
  } finally {
    parent.kill('SIGKILL');
  }
});

test('the clock of a time namespace is told from the kernel\u2019s', () => {
  const folder = mkdtempSync(join(tmpdir(), 'btfprobe-clock-'));
  const file = join(folder, 'timens_offsets');
  try {
    expect(monotonicOffset(file)).toBe(0n);
    writeFileSync(file, 'monotonic           0         0\nboottime            7         0\n');
    expect(monotonicOffset(file)).toBe(0n);
    writeFileSync(file, 'monotonic  -172800 500000000\nboottime    604800         0\n');
    expect(monotonicOffset(file)).toBe(-172_799_500_000_000n);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function failureOf(work: () => unknown): HostError {
  try {
    work();
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
  throw new Error('no failure');
}
