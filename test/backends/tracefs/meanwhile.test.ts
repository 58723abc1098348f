import { expect, test } from 'vitest';
import { meanwhile } from '../../../src/backends/tracefs/meanwhile.js';
import { KernelError } from '../../../src/kernel/index.js';

const soon = <T>(told: string[], value: T): Promise<T> =>
  new Promise(resolve =>
    setImmediate(() => {
      told.push('done');
      resolve(value);
    }),
  );

test('what is prepared is prepared while the work goes on', async () => {
  const told: string[] = [];
  expect(await meanwhile(soon(told, 7), () => told.push('prepared'))).toBe(7);
  expect(told).toEqual(['prepared', 'done']);
});

test('facts that are damaged are told to who asks next, not here', async () => {
  const damaged = (): never => {
    throw new KernelError('bad-types', 'damaged');
  };
  expect(await meanwhile(soon([], 7), damaged)).toBe(7);
});

test('the work is waited for whatever else goes wrong', async () => {
  const told: string[] = [];
  const wrong = (): never => {
    throw new RangeError('wrong');
  };
  await expect(meanwhile(soon(told, 7), wrong)).rejects.toThrow(RangeError);
  expect(told).toEqual(['done']);
  await expect(meanwhile(Promise.reject(new Error('refused')), () => {})).rejects.toThrow('refused');
});
