import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtInKernels, openBuiltInKernel, openBundle, openKernel } from '../../src/host/index.js';

const builtIn = 'kernels/6.12-cloud';
const facts = '{"kernel":"1.2.3","arch":"x86_64"}';
const withCode = (code: string) => expect.objectContaining({ name: 'KernelError', code });

let folder: string;
let cache: string;
beforeEach(() => {
  const place = mkdtempSync(join(tmpdir(), 'btfprobe-bundle-'));
  folder = join(place, 'my-kernel');
  cache = join(place, 'cache');
  mkdirSync(folder);
  writeFileSync(join(folder, 'facts.json'), facts);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

describe('a bundle', () => {
  test('is named after its folder and needs nothing but facts', () => {
    using kernel = openBundle(folder, { cache });
    expect(kernel).toMatchObject({ name: 'my-kernel', release: '1.2.3' });
    expect(kernel.types).toBeUndefined();
    expect(kernel.moduleNames()).toEqual([]);
  });

  test('may have plain and compressed files; the plain one counts', () => {
    writeFileSync(join(folder, 'tracepoints'), 'plain\n');
    writeFileSync(join(folder, 'tracepoints.gz'), gzipSync('packed\n'));
    writeFileSync(join(folder, 'available_filter_functions.gz'), gzipSync('packed\n'));
    using kernel = openBundle(folder, { cache });
    expect([kernel.hasTracepoint('plain'), kernel.hasTracepoint('packed')]).toEqual([true, false]);
    expect(kernel.functions.has('packed')).toBe(true);
  });

  test('is told from other folders and damaged ones by typed errors', () => {
    expect(() => openBundle(join(folder, 'nothing'))).toThrow(withCode('not-found'));
    expect(() => openBundle(join(folder, 'facts.json'))).toThrow(withCode('not-found'));
    writeFileSync(join(folder, 'facts.json'), '{');
    expect(() => openBundle(folder)).toThrow(withCode('bad-facts'));
  });

  test('with a damaged archive fails where that part is needed', () => {
    const whole = gzipSync('sched_switch\n'.repeat(1000));
    for (const broken of [whole.subarray(0, 30), Buffer.from('no gzip'), Buffer.alloc(0)]) {
      writeFileSync(join(folder, 'tracepoints.gz'), broken);
      using kernel = openBundle(folder, { cache });
      expect(() => kernel.hasTracepoint('sched_switch')).toThrow(withCode('bad-archive'));
    }
  });

  test('that would grow without bounds is refused', () => {
    writeFileSync(join(folder, 'tracepoints.gz'), gzipSync(Buffer.alloc(257 << 20), { level: 1 }));
    using kernel = openBundle(folder, { cache });
    expect(() => kernel.hasTracepoint('x')).toThrow(withCode('bad-archive'));
  });

  test('gives no file for the name of a module it does not have', () => {
    mkdirSync(join(folder, 'modules'));
    writeFileSync(join(folder, 'secret.btf'), 'x');
    using kernel = openBundle(folder, { cache });
    expect(kernel.acquireModuleTypes('../secret')).toBeUndefined();
  });
});

describe('the cache of decompressed files', () => {
  const entries = () => readdirSync(cache).map(name => join(cache, name));
  const functionsOf = (options: { cache: string | false }) => {
    using kernel = openBundle(folder, options);
    return kernel.functions.match('vfs_re*');
  };

  beforeEach(() => {
    copyFileSync(`${builtIn}/available_filter_functions.gz`, join(folder, 'available_filter_functions.gz'));
  });

  test('holds what was decompressed, and is used', () => {
    const answer = functionsOf({ cache: false });
    expect(() => entries()).toThrow('ENOENT');
    expect(functionsOf({ cache })).toEqual(answer);
    const [entry, ...others] = entries();
    expect(others).toEqual([]);
    const before = statSync(entry!).mtimeMs;
    expect(functionsOf({ cache })).toEqual(answer);
    expect(statSync(entry!).mtimeMs).toBe(before);
  });

  test.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['empty', () => Buffer.alloc(0)],
    ['zeroed in one page', (bytes: Buffer) => Buffer.from(bytes).fill(0, 8192, 12288)],
    ['of another kind', (bytes: Buffer) => Buffer.from(bytes).fill(1, 0, 8)],
  ])('does not believe an entry that is %s', (_, damage) => {
    const answer = functionsOf({ cache });
    const [entry] = entries();
    const whole = readFileSync(entry!);
    writeFileSync(entry!, damage(whole));
    expect(functionsOf({ cache })).toEqual(answer);
    expect(readFileSync(entry!).equals(whole)).toBe(true);
  });

  test('has no entry for a file that was replaced', () => {
    expect(functionsOf({ cache })).toHaveLength(6);
    const text = gunzipSync(readFileSync(join(folder, 'available_filter_functions.gz'))).toString();
    writeFileSync(
      join(folder, 'available_filter_functions.gz'),
      gzipSync(text.replace('vfs_readlink', 'vfs_removed_')),
    );
    expect(functionsOf({ cache })).toContain('vfs_removed_');
  });

  test('is no error where it cannot be', () => {
    writeFileSync(cache, 'a file in its place');
    expect(functionsOf({ cache })).toHaveLength(6);
  });

  test('keeps its size', () => {
    mkdirSync(cache);
    for (let index = 0; index < 80; index++) writeFileSync(join(cache, `old-${index}`), '');
    functionsOf({ cache });
    expect(entries()).toHaveLength(64);
  });

  test('leaves what another process is writing, not what one left behind', () => {
    mkdirSync(cache);
    for (const name of ['writing-1-fresh', 'writing-2-old']) writeFileSync(join(cache, name), 'half');
    utimesSync(join(cache, 'writing-2-old'), 1, 1);
    expect(functionsOf({ cache })).toHaveLength(6);
    const names = readdirSync(cache);
    expect(names).toContain('writing-1-fresh');
    expect(names).not.toContain('writing-2-old');
    expect(names).toHaveLength(2);
  });
});

describe('names', () => {
  test('of built-in kernels', () => {
    expect(builtInKernels()).toContain('6.12-cloud');
    using kernel = openBuiltInKernel('6.12-cloud', { cache });
    expect(kernel.name).toBe('6.12-cloud');
    expect(() => openBuiltInKernel('no-such')).toThrow(withCode('not-found'));
    expect(() => openBuiltInKernel('../test')).toThrow(withCode('not-found'));
  });

  test('that a user may give', () => {
    expect(['default', '6.12-cloud', folder].map(name => openKernel(name, { cache }).name)).toEqual([
      '6.12-cloud',
      '6.12-cloud',
      'my-kernel',
    ]);
    for (const name of ['', 'no-such', './no-such'])
      expect(() => openKernel(name)).toThrow(withCode('not-found'));
  });
});
