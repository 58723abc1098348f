import {
  copyFileSync,
  existsSync,
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
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBundleParts } from '../../src/host/bundle.js';
import { type BundlePart, openBundle, openKernel, packBundle, writeBundle } from '../../src/host/index.js';

const builtIn = 'kernels/6.12-cloud';
const facts = { name: 'facts.json', bytes: Buffer.from('{"kernel":"1.2.3","arch":"x86_64"}') };
const withCode = (code: string) => expect.objectContaining({ name: 'KernelError', code });

let folder: string;
let file: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-file-'));
  file = join(folder, 'my.kernel.btfbundle');
  cache = join(folder, 'cache');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The built-in bundle's parts. */
function builtInParts(): BundlePart[] {
  return readdirSync(builtIn).map(name => {
    const bytes = readFileSync(join(builtIn, name));
    return name.endsWith('.gz')
      ? { name: name.replace(/\.gz$/, ''), bytes: gunzipSync(bytes) }
      : { name, bytes };
  });
}

/** Reads everything there is in the bundle at `file`. */
function readAll(): readonly BundlePart[] {
  const parts = openBundleParts(file, { cache: false });
  return parts.names().map(name => ({ name, bytes: parts.read(name)! }));
}

describe('a bundle in one file', () => {
  test('answers as the folder does, with and without the cache', () => {
    writeBundle(file, builtInParts());
    using whole = openBundle(builtIn, { cache: false });
    for (const options of [{ cache: false as const }, { cache }, { cache }]) {
      using kernel = openKernel(file, options);
      expect(kernel).toMatchObject({ name: 'my.kernel', release: whole.release });
      expect(kernel.symbols.find('vfs_read')).toEqual(whole.symbols.find('vfs_read'));
      expect(kernel.functions.siteOffset('vfs_read')).toBe(whole.functions.siteOffset('vfs_read'));
      expect(kernel.events.find('sched', 'sched_switch')).toEqual(whole.events.find('sched', 'sched_switch'));
      expect(kernel.types?.findFunction('vfs_read')).toEqual(whole.types?.findFunction('vfs_read'));
    }
    expect(readdirSync(cache).length).toBeGreaterThanOrEqual(4);
  });

  test('is not served from the cache after it was replaced', () => {
    const symbols = (name: string) => ({
      name: 'kallsyms',
      // Random letters: small parts are not kept.
      bytes: Buffer.from(
        `ffffffff81000000 T ${name}\n${Array.from({ length: 20_000 }, (_, i) => `ffffffff81000000 t x${Math.sin(i)}\n`).join('')}`,
      ),
    });
    const find = (name: string) => {
      using kernel = openBundle(file, { cache });
      return kernel.symbols.find(name).length;
    };
    writeBundle(file, [facts, symbols('first')]);
    expect([find('first'), find('first')]).toEqual([1, 1]);
    expect(readdirSync(cache)).toHaveLength(1);
    rmSync(file);
    writeBundle(file, [facts, symbols('other')]);
    expect([find('first'), find('other')]).toEqual([0, 1]);
  });

  test('that is replaced while it is in use says so', () => {
    writeBundle(file, [facts, { name: 'tracepoints', bytes: Buffer.from('one\n') }]);
    using kernel = openBundle(file, { cache: false });
    utimesSync(file, 1, 1);
    expect(() => kernel.hasTracepoint('one')).toThrow(withCode('unreadable'));
  });

  test('holds modules, and passes over parts that it does not know', () => {
    writeBundle(file, [
      facts,
      { name: 'modules/a.btf', bytes: Buffer.from('x') },
      { name: 'modules/../../secret.btf', bytes: Buffer.from('x') },
      { name: 'of-the-future', bytes: new Uint8Array() },
    ]);
    using kernel = openBundle(file, { cache: false });
    expect(kernel.moduleNames()).toEqual(['a']);
  });

  test('never replaces what is there', () => {
    writeFileSync(file, 'mine');
    expect(() => writeBundle(file, [facts])).toThrow(
      expect.objectContaining({ name: 'HostError', code: 'exists' }),
    );
    expect(readFileSync(file, 'utf8')).toBe('mine');
    mkdirSync(join(folder, 'taken'));
    expect(() => writeBundle(join(folder, 'taken'), [facts])).toThrow(
      expect.objectContaining({ code: 'exists' }),
    );
    expect(readdirSync(folder).sort()).toEqual(['my.kernel.btfbundle', 'taken']);
  });

  test('leaves nothing behind where it cannot be written', () => {
    const place = join(folder, 'a-file');
    writeFileSync(place, '');
    expect(() => writeBundle(join(place, 'x.btfbundle'), [facts])).toThrow(
      expect.objectContaining({ name: 'HostError' }),
    );
    expect(readdirSync(folder)).toEqual(['a-file']);
  });

  test('gives back every part, whatever it is called and holds (property)', () => {
    const part = fc.record({
      name: fc.string({ unit: 'binary' }),
      bytes: fc.uint8Array({ maxLength: 3000 }),
    });
    const parts = fc.uniqueArray(part, { selector: ({ name }) => name, maxLength: 8 });
    fc.assert(
      fc.property(parts, given => {
        writeFileSync(file, packBundle(given));
        const read = readAll();
        expect(read.map(({ name }) => name)).toEqual(given.map(({ name }) => name));
        for (const [index, { bytes }] of read.entries()) {
          expect(Buffer.compare(bytes, given[index]!.bytes)).toBe(0);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('a damaged bundle file', () => {
  const small = packBundle([
    facts,
    { name: 'tracepoints', bytes: Buffer.from('sched_switch\n'.repeat(40)) },
    { name: 'modules/a.btf', bytes: Buffer.from([1, 2, 3]) },
  ]);

  test('that is cut anywhere is told by a typed error when it is opened', () => {
    for (let length = 0; length < small.length; length++) {
      writeFileSync(file, small.subarray(0, length));
      expect(() => openBundle(file)).toThrow(withCode(length < 8 ? 'not-found' : 'bad-archive'));
    }
    writeFileSync(file, Buffer.concat([small, Buffer.from('x')]));
    expect(() => openBundle(file)).toThrow(withCode('bad-archive'));
  });

  test('with any byte changed is never read as another bundle (property)', () => {
    writeFileSync(file, small);
    const before = readAll();
    fc.assert(
      fc.property(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(small);
        bytes[at]! ^= change;
        writeFileSync(file, bytes);
        let read: readonly BundlePart[];
        try {
          read = readAll();
        } catch (error) {
          expect(error).toEqual(
            expect.objectContaining({
              name: 'KernelError',
              code: expect.stringMatching(/^(bad-archive|not-found)$/),
            }),
          );
          return;
        }
        // What is left are bytes of gzip's head that say nothing: its time and its system.
        expect(read.map(({ name, bytes: content }) => [name, [...content]])).toEqual(
          before.map(({ name, bytes: content }) => [name, [...content]]),
        );
      }),
      { numRuns: 600 },
    );
  });

  /** A file whose table says what the test wants, with a right checksum. */
  function withTable(
    table: string,
    rest: Uint8Array,
    head: (words: DataView) => void = () => {},
  ): Uint8Array {
    const { crc32 } = process.getBuiltinModule('node:zlib');
    const bytes = Buffer.concat([Buffer.alloc(24), Buffer.from(table), rest]);
    bytes.write('BTFBUNDL', 0, 'latin1');
    const words = new DataView(bytes.buffer, bytes.byteOffset);
    words.setUint32(8, 1, true);
    words.setUint32(12, Buffer.byteLength(table), true);
    words.setUint32(16, crc32(table), true);
    head(words);
    return bytes;
  }

  const packed = gzipSync(facts.bytes);
  const entry = (more: object = {}) => ({
    name: 'facts.json',
    packed: packed.length,
    size: facts.bytes.length,
    crc32: process.getBuiltinModule('node:zlib').crc32(facts.bytes),
    ...more,
  });
  const parts = (...entries: unknown[]) => JSON.stringify({ parts: entries });

  test('is only what the test below damages', () => {
    writeFileSync(file, withTable(parts(entry()), packed));
    expect(openBundle(file).release).toBe('1.2.3');
  });

  test.each<[string, () => Uint8Array]>([
    ['a newer version', () => withTable(parts(entry()), packed, words => words.setUint32(8, 2, true))],
    ['a table that is no JSON', () => withTable('{"parts":[', packed)],
    ['a table that is not UTF-8', () => withTable(parts(entry()), packed, words => words.setUint8(25, 0xff))],
    ['a table without parts', () => withTable('[]', new Uint8Array())],
    ['an entry that is no object', () => withTable(parts(null), new Uint8Array())],
    ['a name that is no text', () => withTable(parts(entry({ name: 7 })), packed)],
    ['a negative length', () => withTable(parts(entry({ packed: -1 })), packed)],
    ['a length with a fraction', () => withTable(parts(entry({ packed: 0.5 })), packed)],
    ['a part beyond the end', () => withTable(parts(entry({ packed: 2 ** 32 - 1 })), packed)],
    ['a part of more than any kernel has', () => withTable(parts(entry({ size: 2 ** 40 })), packed)],
    ['a part that is larger than it says', () => withTable(parts(entry({ size: 3 })), packed)],
    ['a part that is smaller than it says', () => withTable(parts(entry({ size: 99_999 })), packed)],
    ['a part that is another', () => withTable(parts(entry({ crc32: 1 })), packed)],
    ['a part that is no gzip', () => withTable(parts(entry({ packed: 3 })), Buffer.from('abc'))],
    ['an empty part', () => withTable(parts(entry({ packed: 0, size: 0, crc32: 0 })), new Uint8Array())],
    ['a part twice', () => withTable(parts(entry(), entry()), Buffer.concat([packed, packed]))],
    [
      'a table of 4 GiB',
      () => withTable(parts(entry()), packed, words => words.setUint32(12, 2 ** 32 - 1, true)),
    ],
    ['more behind its head', () => withTable(parts(entry()), packed, words => words.setUint32(20, 1, true))],
  ])('with %s is refused', (_, bytes) => {
    writeFileSync(file, bytes());
    expect(() => openBundle(file)).toThrow(withCode('bad-archive'));
  });

  test('is no bundle when it is any other file', () => {
    copyFileSync('package.json', file);
    expect(() => openBundle(file)).toThrow(withCode('not-found'));
    writeFileSync(file, '');
    expect(() => openKernel(file)).toThrow(withCode('not-found'));
    expect(() => openBundle(join(file, 'below'))).toThrow(withCode('not-found'));
    expect(existsSync(file) && statSync(file).size).toBe(0);
  });
});
