import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemTracefs } from '../../src/host/tracefs-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-tracefs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a write in another thread is the same write: bytes behind those that are there, and the same errors', async () => {
  const files = systemTracefs(folder);
  writeFileSync(join(folder, 'file'), 'a');
  files.write('file', 'b\xff');
  await files.writeMeanwhile('file', 'c\xfe');
  expect(readFileSync(join(folder, 'file'), 'latin1')).toBe('ab\xffc\xfe');
  const refused = await files.writeMeanwhile('none', 'x').catch(error => error);
  expect(() => files.write('none', 'x')).toThrow(refused.message);
  expect(refused).toMatchObject({ code: 'not-found', errno: 'ENOENT' });
});
