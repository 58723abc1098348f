import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKernelWord } from '../../src/host/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-kcore-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const BASE = 0xffffffff81000000n;
const WORDS = [0x0123456789abcdefn, 0xffd3121a00000000n];

/** A core file with a note and a segment of `WORDS`. */
function coreFile(littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(64 + 2 * 56 + 16);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2, 1]);
  view.setBigUint64(32, 64n, littleEndian);
  view.setUint16(54, 56, littleEndian);
  view.setUint16(56, 2, littleEndian);
  const segment = (at: number, type: number, offset: bigint, address: bigint, size: bigint) => {
    view.setUint32(at, type, littleEndian);
    view.setBigUint64(at + 8, offset, littleEndian);
    view.setBigUint64(at + 16, address, littleEndian);
    view.setBigUint64(at + 32, size, littleEndian);
  };
  segment(64, 4, 0n, BASE, 16n);
  segment(120, 1, 176n, BASE, 16n);
  for (const [index, word] of WORDS.entries()) view.setBigUint64(176 + 8 * index, word, littleEndian);
  return bytes;
}

function readFrom(bytes: Uint8Array, address: bigint): bigint | undefined {
  const path = join(folder, 'kcore');
  writeFileSync(path, bytes);
  return readKernelWord(address, path);
}

test('words are read where their segment says, in either byte order', () => {
  for (const little of [true, false]) {
    expect([BASE, BASE + 8n].map(address => readFrom(coreFile(little), address))).toEqual(WORDS);
  }
  expect(readFrom(coreFile(), BASE + 4n)).toBe(0x0000000001234567n);
});

test('what no segment holds whole is not known', () => {
  for (const address of [BASE - 1n, BASE + 9n, BASE + 16n, 0n])
    expect(readFrom(coreFile(), address)).toBeUndefined();
});

test('neither is anything of files that are damaged, no core files or not there', () => {
  for (let length = 0; length < 184; length++)
    expect(readFrom(coreFile().subarray(0, length), BASE)).toBeUndefined();
  expect(readFrom(new Uint8Array(200), BASE)).toBeUndefined();
  expect(readKernelWord(BASE, join(folder, 'nothing'))).toBeUndefined();
});
