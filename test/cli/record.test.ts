import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimBackend } from '../../src/backends/sim/index.js';
import { TraceDatWriter } from '../../src/formats/index.js';
import { FileSink, openDefaultKernel } from '../../src/host/index.js';
import { commonLines, judgedLines } from '../formats/trace-cmd-lines.js';
import { jsonLines, run, start } from './btfprobe.js';

// The simulated kernel only. The judge of what is written is trace-cmd.

const targets = [
  'f vfs_read name=file->f_path.dentry->d_name.name:string arr=+0(file):x64[3] here=$stack0:symbol',
  'f vfs_read%return count ret=$retval',
  'sched:sched_switch',
];

/** It has hung on bad files. */
const TRACE_CMD_MS = 60_000;
const switches = { event: { group: 'sched', name: 'sched_switch' } };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-record-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function traceCmd(...args: string[]): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    execFile(
      'trace-cmd',
      args,
      { maxBuffer: 64 << 20, encoding: 'latin1', timeout: TRACE_CMD_MS },
      (error, stdout, stderr) => resolve({ failed: error !== null, stdout, stderr }),
    );
  });
}

/** Both reports of a file, compared; the number of records. */
async function compareReports(file: string): Promise<number> {
  const [ours, theirs] = await Promise.all([run('report', file), traceCmd('report', '-N', file)]);
  expect(ours).toMatchObject({ status: 0, stderr: '' });
  expect(theirs).toMatchObject({ failed: false, stderr: '' });
  const lines = judgedLines(theirs.stdout, '');
  expect(commonLines(ours.stdout)).toEqual(lines);
  expect(theirs.stdout.trimEnd().split('\n')).toHaveLength(lines.length + 1);
  return lines.length;
}

test('trace-cmd opens the file without complaint and prints the records that we print', async () => {
  const file = join(folder, 'trace.dat');
  const { status, stdout, stderr } = await run('record', '-b', 'sim', '-o', file, '-n', '400', ...targets);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toMatch(
    /^btfprobe: .* simulated kernel.*\n400 records, 0 lost\n {2}\d+ {2}fprobes:vfs_read__entry\n/,
  );
  expect(await compareReports(file)).toBe(400);
  const { stdout: text } = await traceCmd('report', '-N', file);
  expect(text).toMatch(
    /vfs_read__entry: +\([\da-f]{16}\) name="\S+" arr=\{0x\w+,0x[1-9a-f]\w*,0xf{8}\w+\} here=ksys_read\+0x/,
  );
  expect(text).toMatch(/sched_switch: +prev_comm=\S+ prev_pid=\d+ prev_prio=\d+/);
  for (const args of [
    ['report', '-R'],
    ['report', '--stat'],
    ['dump', '--summary', '-i'],
  ]) {
    expect(await traceCmd(...args, file)).toMatchObject({ failed: false, stderr: '' });
  }
});

test('a report of it says as much of values as the trace itself, by the definitions in the file', async () => {
  const file = join(folder, 'typed.dat');
  const typed = [
    'f:mine/rd vfs_read name=file->f_path.dentry->d_name.name:string mode=file->f_path.dentry->d_inode->i_mode',
    'f:mine/fc vfs_read%return file->f_op ret=$retval',
    'sched:sched_switch',
  ];
  const count = ['-b', 'sim', '-n', '60'];
  const traced = await run('trace', ...count, '--json', ...typed);
  await run('record', ...count, '-o', file, ...typed);
  const reported = await run('report', file, '--json');
  interface Line {
    readonly event: string;
    readonly typed?: object;
    readonly states?: object;
  }
  // What a fetch met on its way is in no trace.dat.
  const comparable = (text: string) => (jsonLines(text) as Line[]).map(({ states: _, ...line }) => line);
  const lines = comparable(traced.stdout);
  expect(
    lines.filter(({ event, typed: meaning }) => event === 'mine/fc' && meaning !== undefined),
  ).not.toEqual([]);
  expect(comparable(reported.stdout)).toEqual(lines);
  expect(await compareReports(file)).toBe(60);
});

test('what was written before a SIGKILL can be read', async () => {
  const file = join(folder, 'killed.dat');
  const { child, ended } = start('record', '-b', 'sim', '-o', file, ...targets);
  // Symbols are written half a second later than records.
  const written = async () => (existsSync(file) ? (await run('report', file)).stdout : '');
  while (!(await written()).includes(' here=ksys_read+0x6f')) await sleep(100);
  child.kill('SIGKILL');
  await ended;
  // What was never written takes no room.
  expect(statSync(file).blocks * 512).toBeLessThan(64 << 20);
  expect(await compareReports(file)).toBeGreaterThan(0);
});

test.each([0, 1, 7, 100])('trace-cmd reads a file that was left after %i records', async count => {
  const file = join(folder, `left-${count}.dat`);
  using kernel = openDefaultKernel();
  const backend = createSimBackend({ paced: false });
  await using session = await backend.open(
    kernel,
    targets.map(target => (target.includes(' ') ? { definition: target } : switches)),
  );
  using sink = new FileSink(file);
  const writer = new TraceDatWriter(sink, {
    events: session.events,
    cpus: [0, 1],
    release: kernel.release,
    machine: kernel.arch,
    clock: 'mono',
    symbols: kernel.symbols,
  });
  for await (const { records } of session) {
    writer.batch({ records: records.slice(0, count), lost: [] });
    writer.flush();
    break;
  }
  expect(await compareReports(file)).toBe(count);
  expect(await traceCmd('dump', '--summary', '-i', file)).toMatchObject({ failed: false, stderr: '' });
});

test('SIGINT ends it with a complete file; the summary as JSON', async () => {
  const file = join(folder, 'ended.dat');
  const { child, ended } = start('record', '-b', 'sim', '--json', '-o', file, ...targets);
  while (!existsSync(file) || statSync(file).size < 140_000) await sleep(50);
  child.kill('SIGINT');
  const { status, stderr } = await ended;
  expect(status).toBe(0);
  const { summary } = JSON.parse(stderr.split('\n')[1]!) as { summary: { records: number } };
  expect(await compareReports(file)).toBe(summary.records);
});

test('a full disk ends it with an error that says what is left', async () => {
  const { status, stderr } = await run('record', '-b', 'sim', '-o', '/dev/full', '-n', '10', ...targets);
  expect(status).toBe(2);
  expect(stderr).toContain('cannot write /dev/full: ENOSPC');
});

test('a pipe is no trace.dat, neither to record nor to report', async () => {
  const pipe = join(folder, 'pipe');
  spawnSync('mkfifo', [pipe]);
  for (const output of ['-', pipe]) {
    const { status, stdout, stderr } = await run('record', '-b', 'sim', '-o', output, '-n', '1', ...targets);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('hint: trace writes records in one go');
  }
  expect(await run('report', pipe)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('is a pipe'),
  });
  expect(existsSync('-')).toBe(false);
});

test('a definition that is refused leaves no file', async () => {
  const file = join(folder, 'none.dat');
  const { status, stderr } = await run('record', '-b', 'sim', '-o', file, 'f vfs_read nothing');
  expect(status).toBe(1);
  expect(stderr).toContain('nothing');
  expect(existsSync(file)).toBe(false);
});
