import { expect, test } from 'vitest';
import { type BpfAttachment, kprobeSource } from '../../../src/backends/bpf/attachment.js';
import { bpfBackend } from '../../../src/backends/bpf/index.js';
import type { RingBuffer } from '../../../src/backends/bpf/ring.js';
import { BpfSession } from '../../../src/backends/bpf/session.js';
import { BackendError } from '../../../src/backends/error.js';
import { openBuiltInKernel } from '../../../src/host/index.js';
import type { Descriptor } from '../../../src/host/sys/index.js';

const kernel = openBuiltInKernel('6.12-cloud');

/** A session whose buffer has a record that is never finished; `program`: one whose losses cannot be read. */
function emptySession(program?: Descriptor) {
  const disposed: string[] = [];
  const ring = {
    completeTo: 0n,
    isEmpty: false,
    take: () => {
      if (disposed.includes('ring')) throw new RangeError('the memory was unmapped');
      return { bytes: new Uint8Array(0), bounds: [] };
    },
    [Symbol.dispose]: () => disposed.push('ring'),
  };
  const attachment = {
    detach: () => disposed.push('links'),
    [Symbol.dispose]: () => disposed.push('others'),
  };
  const event = {
    group: 'g',
    name: 'e',
    definition: undefined,
    layout: kernel.events.find('sched', 'sched_switch')!,
  };
  const session = new BpfSession({
    kernel,
    events: [event],
    attachment: attachment as unknown as BpfAttachment,
    ring: ring as unknown as RingBuffer,
    own: { map: { number: -1 } as Descriptor, valueSize: 16, cpus: 1 },
    programs: program === undefined ? [] : [{ program, event, lossesAt: 0, finisher: undefined as never }],
    delay: 0n,
    pollInterval: 3_600_000,
    signal: undefined,
  });
  return { session, disposed };
}

test('a session is given back though what it lost cannot be read', async () => {
  const { session, disposed } = emptySession({ number: -1 } as Descriptor);
  await expect(session[Symbol.asyncDispose]()).rejects.toThrow();
  expect(disposed).toEqual(['links', 'ring', 'others']);
  await session[Symbol.asyncDispose]();
  expect(disposed).toHaveLength(3);
});

test('a session that is disposed while its last records are waited for ends', async () => {
  const { session, disposed } = emptySession();
  const next = session[Symbol.asyncIterator]().next();
  await session.stop();
  // The iteration goes on first, and waits for the record that is being written.
  await new Promise(resolve => setImmediate(resolve));
  await session[Symbol.asyncDispose]();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(disposed).toEqual(['links', 'ring', 'others']);
});

test.each([
  [[], {}, 'there is nothing to trace'],
  [['f vfs_read'], { bufferSizeKb: -5 }, 'a buffer of -5 KB: a whole number above 0 is expected'],
  [['f vfs_read'], { pollIntervalMs: Number.NaN }, 'a poll interval of NaN ms is not possible'],
])('%j with %j makes no session', async (definitions, options, message) => {
  const targets = definitions.map(definition => ({ definition }));
  await expect(bpfBackend().open(kernel, targets, options)).rejects.toMatchObject({
    code: 'unsupported',
    message,
  });
});

test('a filter that is wrong makes no session, and is told for the event that it is wrong for', async () => {
  const targets = ['f:g/has vfs_read count', 'f:g/lacks vfs_read pos'].map(definition => ({ definition }));
  await expect(bpfBackend().open(kernel, targets, { filter: 'count > 1' })).rejects.toMatchObject({
    code: 'definition',
    definition: 'count > 1',
    message: 'the filter is refused for g:lacks: Field not found',
    diagnostics: [{ caret: 6, command: 'count > 1' }],
  });
  await expect(bpfBackend().open(kernel, targets, { filter: 'common_flags > 1' })).rejects.toMatchObject({
    code: 'unsupported',
    definition: 'g:has',
  });
});

test('a kernel without the kprobes of perf is told from other failures', () => {
  expect(() => kprobeSource('/nowhere/kprobe/type')).toThrow(BackendError);
  expect(() => kprobeSource('/nowhere/kprobe/type')).toThrow('no kprobes of perf');
});
