import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonLines, runIn } from './btfprobe.js';

const old = 'test/data/kernels/6.1';
const recent = 'kernels/6.12-cloud';
const withModules = 'test/data/kernels/6.12+modules';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-matrix-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const matrix = (...args: readonly string[]) => runIn({ XDG_CACHE_HOME: folder }, 'check', ...args);
const on = (...kernels: readonly string[]) => kernels.flatMap(kernel => ['--kernel', kernel]);

interface Row {
  readonly definition: string;
  readonly reference: string | null;
  readonly kernels: readonly {
    readonly kernel: string;
    readonly verdict: string;
    readonly differences?: readonly string[];
    readonly hints?: readonly string[];
    readonly errno?: string;
  }[];
}
const rows = (stdout: string) => jsonLines(stdout) as Row[];
const verdicts = (stdout: string) => rows(stdout).map(({ kernels }) => kernels.map(({ verdict }) => verdict));

describe('a matrix', () => {
  test('shows what each kernel says, and why it refuses', async () => {
    const { status, stdout, stderr } = await matrix(
      ...on(recent, old),
      'f vfs_read count pos=file->f_pos',
      'p:k/plain vfs_write +96($arg1):u32',
      'r:k/ret do_sys_openat2 $retval',
    );
    expect([status, stderr]).toEqual([1, '']);
    const lines = stdout.split('\n');
    expect(lines.slice(3, 7)).toEqual([
      ' 1 2',
      ' + x  f vfs_read count pos=file->f_pos',
      ' + +  p:k/plain vfs_write +96($arg1):u32',
      ' + ~  r:k/ret do_sys_openat2 $retval',
    ]);
    expect(stdout).toContain(`${old}: refused with EINVAL: `);
    expect(stdout).toContain(`${old}: differs from ${recent}\n    arg1 is of type x64, not s64\n`);
    expect(stdout.match(/k\/plain/g)).toHaveLength(1);
  });

  test('ends well when everything is accepted everywhere', async () => {
    const { status, stdout } = await matrix(
      ...on(recent, withModules),
      'f vfs_read count',
      '--',
      '-:fprobes/vfs_read__entry',
    );
    expect(status).toBe(0);
    expect(stdout).toContain(' + +  f vfs_read count\n + +  -:fprobes/vfs_read__entry\n');
  });

  test('says the same to programs, each definition compared with the first kernel that accepts it', async () => {
    const given = ['f vfs_read count', 'f nf_log_ip_packet pf', 's:x int a', 'p:k/arg vfs_read $arg1'];
    const { status, stdout } = await matrix('--json', ...on(old, recent, withModules), ...given);
    expect(status).toBe(1);
    expect(verdicts(stdout)).toEqual([
      ['refused', 'accepted', 'accepted'],
      ['refused', 'refused', 'accepted'],
      ['not-judged', 'not-judged', 'not-judged'],
      ['accepted', 'differs', 'differs'],
    ]);
    expect(rows(stdout).map(({ reference }) => reference)).toEqual([recent, withModules, null, old]);
    expect(rows(stdout)[0]!.kernels[0]).toMatchObject({
      kernel: old,
      release: '6.1.0-56-amd64',
      errno: 'EINVAL',
    });
    expect(rows(stdout)[3]!.kernels[1]!.differences).toEqual(['has the arguments file, not arg1']);
  });

  test('says what would work on a kernel that refuses', async () => {
    const { stdout } = await matrix('--json', ...on(old, recent), 'f vfs_read pos=file->f_pos');
    const hints = rows(stdout)[0]!.kernels[0]!.hints!.join('\n');
    expect(hints).toContain('6.5');
    const [, form] = /: (p:\S+ vfs_read .*)/.exec(hints) ?? [];
    const again = await matrix('--json', ...on(old, recent), form!);
    expect(verdicts(again.stdout)[0]![0]).toBe('accepted');
  });

  test('judges on one list, or each definition alone', async () => {
    const given = ['--json', ...on(recent, withModules), 'f:a/b vfs_read', 'f:a/b vfs_read'];
    expect(verdicts((await matrix(...given)).stdout)[1]).toEqual(['refused', 'refused']);
    expect(verdicts((await matrix(...given, '--alone')).stdout)[1]).toEqual(['accepted', 'accepted']);
  });

  test('finds the bundles of a folder, in the order of their numbers', async () => {
    const bundles = join(folder, 'bundles');
    for (const name of ['6.12', '6.2']) cpSync(old, join(bundles, name), { recursive: true });
    mkdirSync(join(bundles, 'no-bundle'));
    writeFileSync(join(bundles, 'notes.txt'), '');
    const { stdout } = await matrix('--json', '--kernels', bundles, ...on('default'), 'p vfs_read');
    expect(rows(stdout)[0]!.kernels.map(({ kernel }) => kernel)).toEqual(['default', '6.2', '6.12']);
    const none = await matrix('--kernels', join(bundles, 'no-bundle'), 'p vfs_read');
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no bundle') });
    expect(await matrix('--kernels', join(bundles, 'nowhere'), 'p vfs_read')).toMatchObject({ status: 2 });
  });

  test('names the bundle that is damaged', async () => {
    writeFileSync(join(folder, 'bad.btfbundle'), 'BTFBUNDL');
    const { status, stderr } = await matrix(...on(recent), '--kernels', folder, 'p vfs_read');
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/bad: the bundle .*bad\.btfbundle is damaged/),
    ]);
  });

  test('says when a bundle lacks what verdicts rest on', async () => {
    const poor = join(folder, 'poor');
    cpSync(recent, poor, { recursive: true });
    rmSync(join(poor, 'kallsyms.gz'));
    for (const _ of ['judged', 'kept']) {
      const { stderr } = await matrix(...on(recent, poor), 'f vfs_read');
      expect(stderr).toMatch(/^btfprobe: \S*poor: kallsyms is not known: .*p and r lines[^\n]*\n$/);
    }
  });
});

describe('kept verdicts', () => {
  const given = ['--json', ...on(old, recent), 'f vfs_read count', 'p vfs_read'];
  const verdictFolder = () => join(folder, 'btfprobe', 'verdicts');
  const entries = () => readdirSync(verdictFolder()).map(name => join(verdictFolder(), name));

  test('are used by the next run, and by none with other definitions', async () => {
    const first = await matrix(...given);
    expect(entries()).toHaveLength(2);
    // An entry that says otherwise shows who is asked.
    const { createHash } = await import('node:crypto');
    for (const entry of entries()) {
      const [, json] = readFileSync(entry, 'utf8').split('\n');
      const other = json!.replace(/"release":"[^"]*"/, '"release":"kept"');
      writeFileSync(entry, `${createHash('sha256').update(other).digest('hex')}\n${other}`);
    }
    const second = await matrix(...given);
    expect(second.stdout).toBe(first.stdout.replaceAll(/"release":"[^"]*"/g, '"release":"kept"'));
    expect((await matrix(...given, 'p vfs_write')).stdout).not.toContain('kept');
    expect((await matrix(...given, '--alone')).stdout).not.toContain('kept');
    expect(entries()).toHaveLength(6);
  });

  test('are not believed when they are damaged', async () => {
    const { stdout } = await matrix(...given);
    const damages = [
      (bytes: Buffer) => bytes.subarray(0, bytes.length - 1),
      () => Buffer.alloc(0),
      (bytes: Buffer) => Buffer.from(bytes.toString().replace('accepted', 'refused ')),
      () => Buffer.from('{}\n{}'),
    ];
    for (const damage of damages) {
      for (const entry of entries()) writeFileSync(entry, damage(readFileSync(entry)));
      expect((await matrix(...given)).stdout).toBe(stdout);
    }
  });

  test('are of the bundle as it was', async () => {
    const bundle = join(folder, 'bundle');
    cpSync(recent, bundle, { recursive: true });
    const args = ['--json', ...on(bundle, recent), 'f vfs_read count'];
    expect(verdicts((await matrix(...args)).stdout)[0]).toEqual(['accepted', 'accepted']);
    rmSync(join(bundle, 'vmlinux.btf.gz'));
    expect(verdicts((await matrix(...args)).stdout)[0]).toEqual(['refused', 'accepted']);
  });

  test('are those of its copies, and of no bundle with other facts', async () => {
    const copy = join(folder, 'copy');
    cpSync(recent, copy, { recursive: true });
    await matrix('--json', ...on(copy, recent), 'f vfs_read count');
    expect(entries()).toHaveLength(1);
    const facts = join(copy, 'facts.json');
    writeFileSync(facts, readFileSync(facts, 'utf8').replace('"fprobe": true', '"fprobe": false'));
    const { stdout } = await matrix('--json', ...on(copy, recent), 'f vfs_read count');
    expect(verdicts(stdout)[0]).toEqual(['refused', 'accepted']);
  });

  test('are no error where they cannot be kept, and may be deleted', async () => {
    writeFileSync(join(folder, 'btfprobe'), 'a file in its place');
    expect(await matrix(...given)).toMatchObject({ status: 1, stderr: '' });
    rmSync(join(folder, 'btfprobe'));
    await matrix(...given);
    rmSync(verdictFolder(), { recursive: true });
    expect(await matrix(...given)).toMatchObject({ status: 1, stderr: '' });
    expect(existsSync(verdictFolder())).toBe(true);
  });

  test('serve processes that run at once', async () => {
    const ended = await Promise.all([matrix(...given), matrix(...given), matrix(...given)]);
    expect(new Set(ended.map(({ stdout }) => stdout)).size).toBe(1);
    expect(entries()).toHaveLength(2);
  });
});
