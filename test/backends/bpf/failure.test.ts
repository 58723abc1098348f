import { expect, test } from 'vitest';
import { failureState } from '../../../src/backends/bpf/failure.js';

/** What a program leaves of a read's error. */
const byteOf = (errno: number, step: number, isNull: boolean) =>
  (256 - errno - step - (isNull ? 64 : 0)) & 255;

test('a failed read says at which step, with which error, and whether its pointer was NULL', () => {
  for (let step = 0; step <= 16; step++) {
    expect(failureState(byteOf(14, step, false))).toEqual({ state: 'fault', step, errno: 'EFAULT' });
    expect(failureState(byteOf(34, step, false))).toEqual({ state: 'fault', step, errno: 'ERANGE' });
    expect(failureState(byteOf(14, step, true))).toEqual({ state: 'null', step });
    expect(failureState(byteOf(34, step, true))).toEqual({ state: 'null', step });
  }
});

test('with another error it says that', () => {
  expect(failureState(byteOf(1, 0, false))).toEqual({ state: 'fault', errno: 'EPERM' });
});
