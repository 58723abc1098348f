import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { errnoName } from '../../src/kernel/index.js';

test('errors have the names that this system gives them', () => {
  // Two names of one number each: the kernel's is the other.
  const aliases = new Set(['EWOULDBLOCK', 'ENOTSUP']);
  const named = Object.entries(constants.errno).filter(([name]) => !aliases.has(name));
  expect(named.length).toBeGreaterThan(70);
  expect(named.map(([, number]) => errnoName(number))).toEqual(named.map(([name]) => name));
});

test('so have those that only the kernel uses, and other numbers none', () => {
  expect([512, 516, 521, 524, 531].map(errnoName)).toEqual([
    'ERESTARTSYS',
    'ERESTART_RESTARTBLOCK',
    'EBADHANDLE',
    'ENOTSUPP',
    'ENOGRACE',
  ]);
  expect([0, -2, 41, 58, 134, 511, 532, 4096].map(errnoName)).toEqual(new Array(8).fill(undefined));
});
