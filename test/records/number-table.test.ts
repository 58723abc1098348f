import { expect, it } from 'vitest';
import { NumberTable } from '../../src/records/index.js';

it('a table by numbers keeps those of 16 bits, and no others', () => {
  const table = new NumberTable<string>();
  table.set(1500, 'far');
  table.set(0, 'first');
  table.set(0xffff, 'last');
  table.set(1500, 'again');
  for (const number of [0x10000, 2 ** 40, -1, Number.NaN]) table.set(number, 'none');
  expect([0, 1, 1500, 0xffff].map(number => table.at(number))).toEqual(['first', undefined, 'again', 'last']);
  expect([0x10000, 2 ** 40, -1, Number.NaN].map(number => table.at(number))).toEqual(
    new Array(4).fill(undefined),
  );
});
