import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { possibleProcessors } from '../../../src/host/sys/index.js';

const folder = mkdtempSync(join(tmpdir(), 'btfprobe-processors-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['0\n', 1],
  ['0-3\n', 4],
  ['0-3,8,10-11\n', 7],
  ['', undefined],
  ['all\n', undefined],
])('%j are %j', (text, count) => {
  const file = join(folder, 'possible');
  writeFileSync(file, text);
  expect(possibleProcessors(file)).toBe(count);
});

test('what cannot be read is not guessed', () => {
  expect(possibleProcessors(join(folder, 'nowhere'))).toBeUndefined();
});
