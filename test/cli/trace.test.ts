import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawnOf, slicesOf } from '../formats/drawn.js';
import { jsonLines, run, start } from './btfprobe.js';

// The simulated kernel only: what needs a real one runs in the guest.

const simulated = 'btfprobe: these are records of a simulated kernel, laid out as 6.12-cloud\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("text: the kernel's trace lines, as many as asked for, and the summary on stderr", async () => {
  const { status, stdout, stderr } = await run(
    'trace',
    '--backend',
    'sim',
    'f vfs_read count',
    '--count',
    '3',
  );
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    expect(line).toMatch(
      /^ +[\w-]+-\d+ +\[00[01]\] \S{5} +\d+\.\d{6}: vfs_read__entry: \(vfs_read\+0x4\/0x[\da-f]+\) count=\d+$/,
    );
  }
  expect(stderr).toBe(`${simulated}3 records, 0 lost\n  3  fprobes:vfs_read__entry\n`);
});

test('json: typed records of definitions and of an event that exists', async () => {
  const { status, stdout, stderr } = await run(
    ...['trace', '-b', 'sim', 't sched_switch next=next->pid', 'sched:sched_wakeup', '-n', '20', '--json'],
  );
  expect(status).toBe(0);
  const records = jsonLines(stdout) as { event: string; args: Record<string, unknown> }[];
  expect(records).toHaveLength(20);
  const switches = records.filter(({ event }) => event === 'tracepoints/sched_switch');
  const wakeups = records.filter(({ event }) => event === 'sched/sched_wakeup');
  expect(switches.length).toBeGreaterThan(0);
  expect(wakeups.length).toBeGreaterThan(0);
  for (const { args } of switches) expect(args).toEqual({ next: expect.any(Number) });
  for (const { args } of wakeups) expect(Object.keys(args)).toEqual(['comm', 'pid', 'prio', 'target_cpu']);
  const [summary] = jsonLines(stderr.slice(simulated.length));
  expect(summary).toMatchObject({
    v: 1,
    summary: {
      records: 20,
      lost: 0,
      events: [
        { event: 'tracepoints/sched_switch', records: switches.length },
        { event: 'sched/sched_wakeup', records: wakeups.length },
      ],
    },
  });
});

test('a duration ends it, and --output takes the records', async () => {
  const file = join(folder, 'records.jsonl');
  const { status, stdout, stderr } = await run(
    ...['trace', '--backend', 'sim', 'f vfs_read count', '--duration', '300ms', '--json', '--output', file],
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  const records = jsonLines(readFileSync(file, 'utf8'));
  expect(records.length).toBeGreaterThan(0);
  expect(jsonLines(stderr.slice(simulated.length))).toEqual([
    expect.objectContaining({ summary: expect.objectContaining({ records: records.length }) }),
  ]);
});

test('a timeline has calls as slices with the arguments of entry and return', async () => {
  const file = join(folder, 'records.pftrace');
  const { status, stderr } = await run(
    ...['trace', '--backend', 'sim', 'f vfs_read count', 'f vfs_read%return $retval', '--count', '40'],
    ...['--format', 'perfetto', '--output', file],
  );
  expect(status).toBe(0);
  expect(stderr).toContain('40 records, 0 lost');
  const slices = slicesOf(drawnOf(readFileSync(file)));
  expect(slices.length).toBeGreaterThanOrEqual(19);
  for (const { name, args } of slices.slice(0, 15)) {
    expect(name).toBe('vfs_read');
    expect(args).toMatchObject({ count: expect.any(BigInt), arg1: expect.any(BigInt) });
  }
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends with the summary of what was printed',
  async signal => {
    const { child, ended } = start('trace', '--backend', 'sim', 'f vfs_read count');
    await new Promise(resolve => child.stdout!.once('data', resolve));
    child.kill(signal);
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(0);
    const records = stdout.trimEnd().split('\n').length;
    expect(stderr).toBe(`${simulated}${records} records, 0 lost\n  ${records}  fprobes:vfs_read__entry\n`);
  },
);

test('a reader that goes away ends it quietly', async () => {
  const { child, ended } = start('trace', '--backend', 'sim', 'f vfs_read count');
  await new Promise(resolve => child.stdout!.once('data', resolve));
  child.stdout!.destroy();
  const { status, stderr } = await ended;
  expect(status).toBe(0);
  expect(stderr).toMatch(/\d+ records, 0 lost\n/);
});

test('while a reader does not read the first signal waits for it, the second does not', async () => {
  // Much more a second than the buffers between the two processes hold.
  const definitions = Array.from({ length: 12 }, (_, index) => `f:probe${index} vfs_read $arg*`);
  const { child, ended } = start('trace', '--backend', 'sim', '--json', ...definitions);
  await new Promise(resolve => child.stdout!.once('data', resolve));
  child.stdout!.pause();
  await new Promise(resolve => setTimeout(resolve, 1500));
  child.kill('SIGINT');
  await new Promise(resolve => setTimeout(resolve, 300));
  expect(child.exitCode).toBeNull();
  child.kill('SIGINT');
  expect(await new Promise(resolve => child.once('exit', resolve))).toBe(130);
  child.stdout!.resume();
  await ended;
});

test("a refused definition: the kernel's words, exit code 1, nothing traced", async () => {
  const { status, stdout, stderr } = await run(
    'trace',
    '--backend',
    'sim',
    'f vfs_read count',
    'f kfree foo',
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(
    'trace_fprobe: error: This variable is not found at this probe point\n  Command: f kfree foo\n                   ^\n  refused with ENOENT\n',
  );
});

test('the same as JSON', async () => {
  const { status, stderr } = await run('trace', '--backend', 'sim', 'f kfree foo', '--json');
  expect(status).toBe(1);
  expect(jsonLines(stderr.slice(simulated.length))).toEqual([
    {
      v: 1,
      error: {
        code: 'definition',
        message: 'This variable is not found at this probe point',
        definition: 'f kfree foo',
        kernel: null,
        diagnostics: [expect.objectContaining({ code: 'NO_BTFARG', errno: 'ENOENT', caret: 8 })],
        disagreement: false,
        hints: expect.any(Array),
      },
    },
  ]);
});

test('a hint is said once', async () => {
  const { stderr } = await run('trace', '--backend', 'sim', 'f vfs_read conut');
  expect(stderr.match(/did you mean count/g)).toHaveLength(1);
});

test.each([
  ['an event that does not exist', 1, ['--backend', 'sim', 'sched:nonesuch'], /has no event sched:nonesuch/],
  [
    'a place that is not simulated',
    2,
    ['--backend', 'sim', 'f tcp_v4_connect'],
    /not simulated: f tcp_v4_connect/,
  ],
  ['one word', 2, ['--backend', 'sim', 'vfs_read'], /"vfs_read" is neither a definition nor an event/],
  ['a deletion', 2, ['--backend', 'sim', '--', '-:mine/event'], /a deletion is nothing to trace: -:mine/],
  [
    'a synthetic event',
    2,
    ['--backend', 'sim', 's:late u32 delay'],
    /not traced by btfprobe: s:late u32 delay/,
  ],
  ['a time without unit', 2, ['--duration', '5', 'f vfs_read'], /A time such as 500ms, 2s or 1m is expected/],
  ['no number', 2, ['--count', '-1', 'f vfs_read'], /A whole number above 0 is expected/],
  [
    'an unknown backend',
    2,
    ['--backend', 'nosuch', 'f vfs_read'],
    /Allowed choices are auto, tracefs, lowered, bpf, sim/,
  ],
  [
    "another kernel's facts for this machine",
    2,
    ['--kernel', 'default', 'f vfs_read'],
    /this machine runs its own kernel/,
  ],
  [
    'a file that cannot be written',
    2,
    ['--backend', 'sim', '-o', '/nowhere/x', 'f vfs_read'],
    /cannot write \/nowhere\/x: no such file or directory \(ENOENT\)\n/,
  ],
])('%s: exit code %i', async (_, code, args, message) => {
  const { status, stdout, stderr } = await run('trace', ...args);
  expect({ status, stdout }).toEqual({ status: code, stdout: '' });
  expect(stderr).toMatch(message);
});
