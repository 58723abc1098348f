import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kernelBuild, SymbolFile } from '../../src/host/symbol-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-symbols-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = { name: 'vfs_read', type: 'T', offset: 0x445480, size: 0x370 };
const write = { name: 'vfs_write', type: 'T', offset: 0x445fe0, size: 0x420 };

test('what is kept is found by later runs of the same build', () => {
  const here = join(folder, 'symbols');
  const first = new SymbolFile('ab01', here);
  const second = new SymbolFile('ab01', here);
  expect(second.find('vfs_read')).toBeUndefined();
  first.keep(read);
  second.keep(write);
  const later = new SymbolFile('ab01', here);
  expect([later.find('vfs_read'), later.find('vfs_write'), later.find('vfs')]).toEqual([
    read,
    write,
    undefined,
  ]);
  expect(new SymbolFile('ab02', here).find('vfs_read')).toBeUndefined();
  expect(readdirSync(here)).toEqual(['ab01']);
});

test('a damaged file tells nothing, and is replaced', () => {
  const file = new SymbolFile('ab01', folder);
  file.keep(read);
  const whole = readFileSync(join(folder, 'ab01'), 'latin1');
  const damaged = [
    whole.slice(0, -1),
    whole.replace('vfs_read', 'vfs_reed'),
    whole.replace(/\d(?= \d+ T)/, digit => String((Number(digit) + 1) % 10)),
    whole.replace(/^\d+/, '0'),
    '',
    '\0'.repeat(100),
  ];
  for (const text of damaged) {
    writeFileSync(join(folder, 'ab01'), text, 'latin1');
    expect(new SymbolFile('ab01', folder).find('vfs_read')).toBeUndefined();
  }
  new SymbolFile('ab01', folder).keep(write);
  expect(new SymbolFile('ab01', folder).find('vfs_write')).toEqual(write);
});

test('where nothing can be written, nothing is kept', () => {
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  chmodSync(blocked, 0o400);
  const file = new SymbolFile('ab01', join(blocked, 'symbols'));
  file.keep(read);
  expect(new SymbolFile('ab01', join(blocked, 'symbols')).find('vfs_read')).toBeUndefined();
});

test('it does not grow without end', () => {
  const file = new SymbolFile('ab01', folder);
  const names = Array.from({ length: 1100 }, (_, at) => `symbol_${at}`);
  for (const name of names) file.keep({ ...read, name });
  const later = new SymbolFile('ab01', folder);
  expect(names.filter(name => later.find(name) !== undefined)).toEqual(names.slice(1024));
});

test('the build is told by the notes of the kernel', () => {
  const note = (name: string, type: number, content: readonly number[]) => {
    const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
    const sizes = Buffer.from(Uint32Array.of(name.length + 1, content.length, type).buffer);
    return Buffer.concat([sizes, padded(Buffer.from(`${name}\0`)), padded(Buffer.from(content))]);
  };
  const buildOf = (bytes: Uint8Array) => {
    mkdirSync(join(folder, 'sys/kernel'), { recursive: true });
    writeFileSync(join(folder, 'sys/kernel/notes'), bytes);
    return kernelBuild(folder);
  };
  expect(kernelBuild(folder)).toBeUndefined();
  const others = [note('Xen', 3, [1, 2, 3, 4, 5]), note('GNU', 1, [9, 9, 9, 9]), note('Linux', 257, [0])];
  const gnu = note('GNU', 3, [0xab, 0x01, 0xff, 0, 7]);
  expect(buildOf(Buffer.concat([...others, gnu]))).toBe('ab01ff0007');
  expect(buildOf(Buffer.concat(others))).toBeUndefined();
  expect(buildOf(gnu.subarray(0, -8))).toBeUndefined();
  expect(buildOf(Buffer.alloc(40, 0xff))).toBeUndefined();
});
