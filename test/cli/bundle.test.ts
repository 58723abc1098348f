import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packBundle } from '../../src/host/index.js';
import { jsonLines, run } from './btfprobe.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-bundles-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('bundle create', () => {
  // What this machine shows to whoever runs the tests differs; that all of it is either there or missing does not.
  test.each(['here', 'here.btfbundle'])(
    'writes what this machine shows to %s, and names the rest',
    async name => {
      const out = join(folder, name);
      const { status, stdout } = await run('bundle', 'create', out, '--json');
      expect(status).toBe(0);
      const [created] = jsonLines(stdout) as [
        { release: string; parts: { name: string }[]; missing: { part: string }[] },
      ];
      expect(created.release).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
      const told = [...created.parts.map(({ name }) => name), ...created.missing.map(({ part }) => part)];
      expect(told).toEqual(
        expect.arrayContaining([
          'facts.json',
          'vmlinux.btf',
          'kallsyms',
          'available_events',
          'event-formats',
        ]),
      );
      expect(new Set(told).size).toBe(told.length);
      expect(readdirSync(folder)).toEqual([name]);
      const shown = await run('bundle', 'show', out, '--json');
      expect(jsonLines(shown.stdout)).toMatchObject([
        {
          name: 'here',
          release: created.release,
          missing: created.missing,
          form: name === 'here' ? 'folder' : 'file',
        },
      ]);
    },
  );

  test('leaves what is there alone', async () => {
    const out = join(folder, 'mine.btfbundle');
    writeFileSync(out, 'mine');
    const { status, stderr } = await run('bundle', 'create', out);
    expect([status, stderr]).toEqual([2, expect.stringContaining('is there already')]);
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });

  test.each(['../up', 'a b', 'a,,b', ''])('takes no list of modules like %j', async list => {
    const { status } = await run('bundle', 'create', join(folder, 'out'), '--modules', list);
    expect([status, existsSync(join(folder, 'out'))]).toEqual([2, false]);
  });
});

describe('bundle show', () => {
  test('says what a bundle holds', async () => {
    const { status, stdout } = await run('bundle', 'show', 'test/data/kernels/6.1');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^6\.1\.0-56-amd64 x86_64 {2}#1 SMP/);
    expect(stdout).toMatch(/but not +fprobe tprobe btfArgs btfFields returnArgs charType dentryPath\n/);
    expect(stdout).toMatch(/ \d{5,} symbols \(kallsyms, /);
    expect(stdout).toContain('nothing is missing');
  });

  test('says what gaps mean, and does not let a text move the cursor', async () => {
    const facts = {
      kernel: '1.2\u001b[2J',
      arch: 'aarch64',
      missing: [{ part: 'kallsyms', reason: 'hidden\u0007' }, { part: 7 }, null],
    };
    const file = join(folder, 'x.btfbundle');
    writeFileSync(file, packBundle([{ name: 'facts.json', bytes: Buffer.from(JSON.stringify(facts)) }]));
    const { status, stdout } = await run('bundle', 'show', file);
    expect(status).toBe(0);
    expect(stdout).toContain('1.2\\x1b[2J arm64');
    expect(stdout).toContain('missing kallsyms: hidden\\x07\n    no symbols: p and r lines');
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  test.each([
    ['vmlinux.btf', ''],
    ['vmlinux.btf', 'no types at all'],
    ['kallsyms', 'no line of it\n'],
    ['available_filter_functions_addrs', '12 vfs_read\nno_address vfs_write\n'],
    ['kprobes-blacklist', 'no range\n'],
    ['event-formats', 'no heading\n'],
    ['event-formats', '@@ a/b\nname: b\n'],
  ])('finds damage of %s: %j', async (part, text) => {
    const damaged = join(folder, 'damaged');
    cpSync('test/data/kernels/6.1', damaged, { recursive: true });
    rmSync(join(damaged, `${part}.gz`), { force: true });
    writeFileSync(join(damaged, part), text);
    const { status, stdout, stderr } = await run('bundle', 'show', damaged);
    rmSync(damaged, { recursive: true });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^btfprobe: .*(?:vmlinux|kallsyms|available_filter|blacklist|event.format)/);
  });

  test.each([
    ['nothing', 'there is no kernel bundle'],
    ['package.json', 'is no kernel bundle'],
    ['src', 'is no kernel bundle'],
  ])('tells that %s is none', async (path, message) => {
    const { status, stderr } = await run('bundle', 'show', path);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
