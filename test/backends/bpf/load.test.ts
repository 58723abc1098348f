import { openSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Assembler } from '../../../src/backends/bpf/assembler.js';
import { load } from '../../../src/backends/bpf/load.js';
import { BackendError } from '../../../src/backends/error.js';
import { callError } from '../../../src/host/sys/error.js';
import { Descriptor, type VerifierLog } from '../../../src/host/sys/index.js';

const assembler = new Assembler();
assembler.origin = 'count';
assembler.load(8, 0, 1, 40);
assembler.origin = undefined;
assembler.exit();
const program = {
  made: assembler.instructions(),
  definition: 'f vfs_read count',
  what: 'fentry of vfs_read',
  name: 'vfs_read__entry',
  type: 26,
  attachType: 24,
  attachTo: 1,
  attachIn: 0,
};
const maps = { ring: 3, own: 4 };
const eagain = 11;

/** A kernel that refuses each call with the next of `errnos`, and takes what comes after. */
function kernel(errnos: readonly number[], words = '') {
  const logs: (VerifierLog | undefined)[] = [];
  const left = [...errnos];
  const ask = (_: unknown, log?: VerifierLog): Descriptor => {
    logs.push(log);
    const errno = left.shift();
    if (errno === undefined) return new Descriptor(openSync('/dev/null', 'r'));
    if (log !== undefined) Buffer.from(words).copy(log.bytes);
    throw callError('bpf(PROG_LOAD)', errno);
  };
  return { ask, logs };
}

function refusal(errnos: readonly number[], words?: string) {
  const { ask, logs } = kernel(errnos, words);
  try {
    load(program, maps, ask)[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return { error, logs };
  }
  throw new Error('it was loaded');
}

describe('a signal while the verifier works', () => {
  test.each([0, 1, 4])('%i times: the kernel is asked again, without a log', times => {
    const { ask, logs } = kernel(Array<number>(times).fill(eagain));
    using loaded = load(program, maps, ask);
    expect(loaded.number).toBeGreaterThan(2);
    expect(logs).toEqual(Array<undefined>(times + 1).fill(undefined));
  });

  test('five times: it is told', () => {
    const { error, logs } = refusal(Array<number>(6).fill(eagain));
    expect(error).toMatchObject({ code: 'attach', definition: program.definition });
    expect(error.message).toContain('EAGAIN');
    expect(logs.map(log => log !== undefined)).toEqual([false, false, false, false, false, true]);
  });
});

test('another refusal is not asked again, but for its reason', () => {
  const words =
    '0: (79) r0 = *(u64 *)(r1 +40)\ninvalid bpf_context access off=40 size=8\nprocessed 1 insns\n';
  const { error, logs } = refusal([13, 13], words);
  expect(logs).toHaveLength(2);
  expect(error.message).toBe(
    'the kernel refuses the program for fentry of vfs_read at argument count (EACCES): invalid bpf_context access off=40 size=8',
  );
  expect(error.log).toBe(words);
});

test('missing rights are told without asking again', () => {
  const { error, logs } = refusal([1]);
  expect(logs).toHaveLength(1);
  expect(error.code).toBe('system');
});
