import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Backend, BackendError, type TraceSession } from '../../src/backends/index.js';
import { tracefsBackend } from '../../src/backends/tracefs/index.js';
import { openFirstWay } from '../../src/cli/first-way.js';
import { HostError, kernelChecks, openBuiltInKernel, Tracefs, type WayId } from '../../src/host/index.js';
import { chooseWay, type RefusedWay } from '../../src/plan/index.js';
import { MemoryTracefs } from '../backends/tracefs/memory-tracefs.js';

const kernel = openBuiltInKernel('6.12-cloud');
afterAll(() => kernel[Symbol.dispose]());

let files: MemoryTracefs;
/** What happened, in order. */
let told: string[];
beforeEach(() => {
  files = new MemoryTracefs();
  told = [];
});

/** Stands for eBPF: opens a session, or rejects with what it is given. */
function program(error?: BackendError): Backend {
  return {
    name: 'bpf',
    open: () => {
      told.push(`bpf while tracefs has ${files.remains().length}`);
      if (error !== undefined) return Promise.reject(error);
      return Promise.resolve({ backend: 'bpf' } as TraceSession);
    },
  };
}

function open(definitions: readonly string[], bpf = program(), signal?: AbortSignal): Promise<TraceSession> {
  const targets = definitions.map(definition => ({ definition }));
  const checks = kernelChecks(kernel);
  const choose = (refused: readonly RefusedWay[]) => chooseWay(kernel, targets, checks, { refused });
  const first = choose([]);
  if (first.way === undefined) throw new Error('no way is open');
  const tracefs = new Tracefs(files);
  const backends: Record<WayId, Backend> = {
    native: tracefsBackend({ tracefs }),
    lowered: tracefsBackend({ tracefs, lowered: 'newest' }),
    bpf,
  };
  const ways = {
    choose,
    backend: (way: WayId) => backends[way],
    chosen: (way: WayId) => told.push(way),
    refused: (way: WayId, { message }: BackendError, next: WayId | undefined) =>
      told.push(`${way} refused, now ${next}: ${message}`),
  };
  return openFirstWay(
    ways,
    { ...first, way: first.way },
    kernel,
    targets,
    signal === undefined ? {} : { signal },
  );
}

const refuse = (when: RegExp, errno: string) => files.refusals.push({ when, errno });

test('a way that nothing refuses is gone, and nothing is said', async () => {
  await using session = await open(['f vfs_read count']);
  expect(session.backend).toBe('tracefs');
  expect(told).toEqual(['native']);
});

describe('the next way is gone', () => {
  test.each([
    ['a line that we accept', /vfs_write/, 'EBUSY', 'the kernel refuses it: EBUSY, without a word'],
    ['a tracepoint that is taken', /sched_switch/, 'EEXIST', 'the tracepoint sched_switch is taken'],
  ])('after the kernel refused %s', async (_, when, errno, message) => {
    refuse(when, errno);
    const session = await open(['f vfs_read count', 'f vfs_write count', 't sched_switch next->pid']);
    expect(session.backend).toBe('bpf');
    // Nothing of the way before is attached any more when the next one begins.
    expect(told).toEqual([
      'native',
      expect.stringContaining(`native refused, now bpf: ${message}`),
      'bpf',
      'bpf while tracefs has 0',
    ]);
  });

  test('after it would not enable the event', async () => {
    files.write = new Proxy(files.write, {
      apply(write, self, [path, text]: [string, string]) {
        if (/events\/.*\/read\/enable$/.test(path) && text === '1')
          throw new HostError('refused', path, 'cannot be enabled', { errno: 'EINVAL' });
        return Reflect.apply(write, self, [path, text]);
      },
    });
    const session = await open(['f:a/read vfs_read count']);
    expect(session.backend).toBe('bpf');
    expect(told[1]).toBe('native refused, now bpf: the kernel cannot enable a:read: EINVAL');
    expect(told.at(-1)).toBe('bpf while tracefs has 0');
  });

  test('but for events that exist there is none: told as it was', async () => {
    refuse(/vfs_read/, 'EBUSY');
    const targets = [{ definition: 'f vfs_read count' }, { event: { group: 'sched', name: 'sched_switch' } }];
    const choose = (refused: readonly RefusedWay[]) =>
      chooseWay(kernel, targets, kernelChecks(kernel), { refused });
    const ways = {
      choose,
      backend: () => tracefsBackend({ tracefs: new Tracefs(files) }),
      chosen: (way: WayId) => told.push(way),
      refused: () => told.push('refused'),
    };
    await expect(
      openFirstWay(ways, { way: 'native', rejected: [] }, kernel, targets, {}),
    ).rejects.toMatchObject({ code: 'definition', kernel: { errno: 'EBUSY' } });
    expect(told).toEqual(['native']);
    expect(files.remains()).toEqual([]);
  });
});

describe('no other way is tried', () => {
  test('when something of the first is left', async () => {
    refuse(/vfs_write/, 'EBUSY');
    refuse(/^-:/, 'EIO');
    await expect(open(['f vfs_read count', 'f vfs_write count'])).rejects.toMatchObject({ isLeft: true });
    expect(told).toEqual(['native']);
  });

  test('when what is asked for is at fault', async () => {
    const event = new BackendError('event', 'there is no event a:b');
    refuse(/vfs_read/, 'EBUSY');
    await expect(open(['f vfs_read count'], program(event))).rejects.toMatchObject({
      kernel: { errno: 'EBUSY' },
    });
    expect(told.at(-1)).toBe('bpf refused, now undefined: there is no event a:b');
  });

  test('once the start was aborted', async () => {
    refuse(/vfs_read/, 'EBUSY');
    const aborted = new BackendError('aborted', 'the start was aborted');
    await expect(open(['f vfs_read count'], program(aborted))).rejects.toBe(aborted);
    const controller = new AbortController();
    controller.abort();
    await expect(open(['f vfs_read count'], program(), controller.signal)).rejects.toMatchObject({
      code: 'aborted',
    });
  });
});

test('when every way is refused, the first one decides, and the others are told', async () => {
  refuse(/vfs_read/, 'EBUSY');
  const attach = new BackendError('attach', 'the verifier does not like it');
  await expect(open(['f vfs_read count'], program(attach))).rejects.toMatchObject({
    code: 'definition',
    kernel: { errno: 'EBUSY' },
  });
  expect(told.filter(text => text.includes('refused'))).toEqual([
    'native refused, now bpf: the kernel refuses it: EBUSY, without a word',
    'bpf refused, now undefined: the verifier does not like it',
  ]);
});
