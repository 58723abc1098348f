import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines, run, runWith } from './btfprobe.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('an accepted definition: its event and the listing line', async () => {
  expect(await run('check', 'f vfs_read count pos=file->f_pos')).toEqual({
    status: 0,
    stderr: '',
    stdout: 'ok fprobes/vfs_read__entry\n  f:fprobes/vfs_read__entry vfs_read count=count pos=file->f_pos\n',
  });
});

test("a refused definition: the kernel's words as in its error_log, then hints, then what else is wrong", async () => {
  const { status, stdout } = await run('check', 'f vfs_read a=$arg1:foo b=bar');
  expect(status).toBe(1);
  expect(stdout.split('\n').slice(0, 8)).toEqual([
    'trace_fprobe: error: Unknown type is specified',
    '  Command: f vfs_read a=$arg1:foo b=bar',
    '                              ^',
    '  refused with EINVAL',
    expect.stringMatching(/^ {2}hint: types: u8 /),
    '  also wrong: This variable is not found at this probe point',
    '    f vfs_read a=$arg1:foo b=bar',
    '                             ^~~',
  ]);
});

test('blanks are folded in the Command line and kept in ours', async () => {
  const { stdout } = await run('check', 'f   vfs_read  count:foo   b=bar');
  expect(stdout.split('\n').slice(1, 3)).toEqual([
    '  Command: f vfs_read count:foo b=bar',
    '                            ^',
  ]);
  expect(stdout).toContain('    f   vfs_read  count:foo   b=bar\n                                ^~~\n');
});

test('what the kernel refuses without a word is said to be that', async () => {
  const { status, stdout } = await run('check', 'vfs_read');
  expect(status).toBe(1);
  expect(stdout).toBe(
    'error: The kernel refuses this with EINVAL and logs no reason\n    vfs_read\n    ^~~~~~~~\n  refused with EINVAL\n  hint: did you mean f vfs_read?\n',
  );
});

test('warnings of what the kernel accepts and gets wrong', async () => {
  const { status, stdout } = await run('check', 'f vfs_read count:string');
  expect(status).toBe(0);
  expect(stdout.split('\n').slice(2, 4)).toEqual([
    expect.stringMatching(/^ {2}warning: count:string is size_t, no text/),
    '  hint: leave the type out',
  ]);
});

test('characters that steer a terminal are shown, not sent', async () => {
  const { stdout } = await run('check', 'f vfs_read \x1b[2J');
  expect(stdout).toContain('\\x1b[2J');
  expect(stdout).not.toContain('\x1b');
});

test('definitions are judged on top of each other, or alone', async () => {
  const twice = ['check', 'f:x vfs_read count', 'f:x vfs_write count', 'f:x vfs_read file'];
  const { status, stdout } = await run(...twice);
  expect(status).toBe(1);
  expect(stdout.match(/^(ok|.*error).*/gm)).toEqual([
    'ok fprobes/x',
    'ok fprobes/x',
    'trace_fprobe: error: Argument type or name is different from existing probe',
  ]);
  expect((await run(...twice, '--alone')).status).toBe(0);
});

test('a deletion comes after --, and deletes what was judged before', async () => {
  expect(await run('check', 'f:x vfs_read', '--', '-:x')).toMatchObject({ status: 0 });
  expect(await run('check', '--', '-:x')).toMatchObject({ status: 1 });
});

test('standard input: one definition a line, comments and blank lines passed over', async () => {
  const input = '# my probes\n\nf vfs_read count\n  f vfs_write foo # ours\n';
  const { status, stdout } = await runWith(input, 'check', '--json');
  expect(status).toBe(1);
  expect(jsonLines(stdout)).toEqual([
    {
      v: 1,
      definition: 'f vfs_read count',
      origin: 'stdin:3',
      accepted: true,
      event: {
        group: 'fprobes',
        name: 'vfs_read__entry',
        kind: 'f',
        return: false,
        listing: 'f:fprobes/vfs_read__entry vfs_read count=count',
      },
      warnings: [],
    },
    expect.objectContaining({
      definition: '  f vfs_write foo # ours',
      origin: 'stdin:4',
      accepted: false,
      errno: 'ENOENT',
      log: [
        {
          subsystem: 'trace_fprobe',
          message: 'This variable is not found at this probe point',
          caret: 12,
          command: 'f vfs_write foo',
        },
      ],
      diagnostics: [expect.objectContaining({ code: 'NO_BTFARG', caret: 12, span: { start: 14, end: 17 } })],
    }),
  ]);
});

test('files come with their names and lines; the last line needs no newline', async () => {
  const one = join(folder, 'one.txt');
  const two = join(folder, 'two.txt');
  writeFileSync(one, 'f vfs_read count\n');
  writeFileSync(two, '\nf vfs_write foo');
  const { status, stdout } = await run('check', '--file', one, '-f', two);
  expect(status).toBe(1);
  expect(stdout).toContain(`refused with ENOENT at ${two}:2\n`);
});

test('bytes that are no UTF-8 are kept', async () => {
  const { stdout } = await runWith(
    Buffer.from('f:x\xe9 vfs_read caf\xe9=count\n', 'latin1'),
    'check',
    '--json',
  );
  expect(jsonLines(stdout)).toEqual([
    expect.objectContaining({
      enc: 'latin1',
      definition: 'f:x\xe9 vfs_read caf\xe9=count',
      accepted: true,
      event: expect.objectContaining({ name: 'x\xe9' }),
    }),
  ]);
});

test('synthetic events are not judged', async () => {
  const { status, stdout } = await run('check', 's:my_event int x', '--json');
  expect(status).toBe(1);
  expect(jsonLines(stdout)).toEqual([
    { v: 1, definition: 's:my_event int x', notJudged: 'synthetic events (s:) are not judged by btfprobe' },
  ]);
});

test.each([
  [
    'a file that is not there',
    ['check', '--file', '/nowhere/probes.txt'],
    /cannot read \/nowhere\/probes\.txt/,
  ],
  [
    'a kernel that is not there',
    ['check', '--kernel', 'nonesuch', 'f vfs_read'],
    /there is no kernel "nonesuch"/,
  ],
  [
    'an unknown option',
    ['check', '--jsn', 'f vfs_read'],
    /unknown option '--jsn'\n\(Did you mean --json\?\)/,
  ],
  ['an unknown command', ['chek'], /unknown command 'chek'\n\(Did you mean check\?\)/],
  ['too many definitions', ['explain', 'f vfs_read', 'count'], /too many arguments/],
])('%s is wrong use: exit code 2', async (_, args, message) => {
  const { status, stdout, stderr } = await run(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

test('a line that is no text is refused as input, not kept in memory', async () => {
  const { status, stderr } = await runWith('f vfs_read '.repeat(200_000), 'check');
  expect(status).toBe(2);
  expect(stderr).toMatch(/standard input: a line of more than 1048576 bytes/);
});

test('another kernel answers in its own words', async () => {
  const kernel = new URL('../data/kernels/6.1', import.meta.url).pathname;
  expect(await run('check', '--kernel', kernel, 'p vfs_read $arg1')).toMatchObject({ status: 0 });
  expect(await run('check', '--kernel', kernel, 'f vfs_read')).toMatchObject({ status: 1 });
});

test('help names commands, options and exit codes; the version is the package’s', async () => {
  const { status, stdout } = await run('--help');
  expect(status).toBe(0);
  for (const command of ['check', 'explain', 'trace', 'list', 'clean', 'ask', 'demo']) {
    expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    const help = await run(command, '--help');
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/Examples?:\n {2}[$#] .*btfprobe/);
  }
  expect(stdout).toContain('Exit codes:');
  expect(await run('--version')).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
});
