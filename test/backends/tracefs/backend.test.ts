import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BackendError, type TraceSummary, tracefsBackend } from '../../../src/backends/tracefs/index.js';
import { openBuiltInKernel, Tracefs } from '../../../src/host/index.js';
import { KernelView } from '../../../src/kernel/index.js';
import { MemoryTracefs } from './memory-tracefs.js';

const kernel = openBuiltInKernel('6.12-cloud');
afterAll(() => kernel[Symbol.dispose]());

let files: MemoryTracefs;
beforeEach(() => {
  files = new MemoryTracefs();
});
const open = (definitions: readonly string[], options = {}) =>
  tracefsBackend({ tracefs: new Tracefs(files) }).open(
    kernel,
    definitions.map(definition => ({ definition })),
    options,
  );

async function refusalOf(work: Promise<unknown>): Promise<BackendError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BackendError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** A sub-buffer with one record of each given pid, 1 ns apart. */
function page(time: number, pids: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(time), true);
  view.setUint32(8, pids.length * 20, true);
  pids.forEach((pid, index) => {
    const start = 16 + index * 20;
    view.setUint32(start, 4 | ((index === 0 ? 0 : 1) << 5), true);
    view.setUint16(start + 4, 1500, true);
    view.setInt32(start + 8, pid, true);
  });
  return bytes;
}

test('a session is started in the order that loses nothing, under names of its own', async () => {
  const session = await open(['f:mine/read vfs_read count', 'p vfs_write'], { bufferSizeKb: 64 });
  const own = [...files.instances][0]!;
  const group = own.replace('btfprobe-', 'btfp_').replaceAll('-', '_');
  expect(files.journal).toEqual([
    `mkdir instances/${own}`,
    `write instances/${own}/tracing_on 0`,
    `write instances/${own}/trace_clock mono`,
    `write instances/${own}/buffer_percent 0`,
    `write instances/${own}/options/record-cmd 1`,
    `write instances/${own}/buffer_size_kb 64`,
    `open instances/${own}/per_cpu/cpu0/trace_pipe_raw`,
    `open instances/${own}/per_cpu/cpu1/trace_pipe_raw`,
    `write dynamic_events f:${group}/read vfs_read count`,
    `write dynamic_events p:${group}_1/p_vfs_write_0 vfs_write`,
    `write instances/${own}/events/${group}/read/enable 1`,
    `write instances/${own}/events/${group}_1/p_vfs_write_0/enable 1`,
    `write instances/${own}/tracing_on 1`,
  ]);
  expect(session.events.map(event => `${event.group}/${event.name}`)).toEqual([
    'mine/read',
    'kprobes/p_vfs_write_0',
  ]);
  await session[Symbol.asyncDispose]();
  expect(files.remains()).toEqual([]);
});

test("an event that others have is in nobody's way; one of the same run is", async () => {
  const session = await open([
    'f:sched/sched_switch vfs_read count',
    'f:sched/sched_switch vfs_write count',
    'f:mine/read vfs_read',
  ]);
  const own = [...files.instances][0]!.replace('btfprobe-', 'btfp_').replaceAll('-', '_');
  expect(files.journal.filter(step => step.startsWith('write dynamic_events'))).toEqual([
    `write dynamic_events f:${own}/sched_switch vfs_read count`,
    `write dynamic_events f:${own}/sched_switch vfs_write count`,
    `write dynamic_events f:${own}_1/read vfs_read`,
  ]);
  expect(session.events.map(({ group, name }) => `${group}/${name}`)).toEqual([
    'sched/sched_switch',
    'mine/read',
  ]);
  await session[Symbol.asyncDispose]();
  expect(files.remains()).toEqual([]);

  const likeOthers = ['f:sched/sched_switch vfs_read', 'p:sched/sched_switch vfs_write'];
  const likeOwn = ['f:mine/read vfs_read', 'p:mine/read vfs_write'];
  for (const definitions of [likeOthers, likeOwn]) {
    const { diagnostics, kernel: said } = await refusalOf(open(definitions));
    expect(diagnostics[0]).toMatchObject({ code: 'EVENT_EXIST', errno: 'EEXIST' });
    expect(said).toBeUndefined();
  }
  expect(files.remains()).toEqual([]);
});

test("a probe in a program is of the group that its kind has, when others' event has its name", async () => {
  const events = {
    ...kernel.events,
    has: (group: string, name: string) => `${group}/${name}` === 'uprobes/p_sh_0x10',
  };
  const targets = [{ definition: 'p /bin/sh:0x10 %ax' }];
  const session = await tracefsBackend({ tracefs: new Tracefs(files) }).open(
    new KernelView(kernel, { events }),
    targets,
  );
  expect(session.events.map(({ group, name }) => `${group}/${name}`)).toEqual(['uprobes/p_sh_0x10']);
  await session[Symbol.asyncDispose]();
  expect(files.remains()).toEqual([]);
});

test('records come in time order with their names; after stop the iteration ends and nothing is left', async () => {
  files.pages.set('cpu0', [page(1000, [12, 0]), page(3000, [99_999_999])]);
  files.pages.set('cpu1', [page(2000, [12])]);
  const session = await open(['f:mine/read vfs_read']);
  await session.stop();
  const seen: string[] = [];
  for await (const { records } of session) {
    for (const { time, cpu, comm, event } of records) seen.push(`${time} ${cpu} ${comm} ${event.group}`);
  }
  expect(seen).toEqual(['1000 0 sh mine', '1001 0 <idle> mine', '2000 1 sh mine', '3000 0 <...> mine']);
  expect(files.remains()).toEqual([]);
  const { records, lost, perEvent } = session.summary();
  expect({ records, lost, counted: [...perEvent.values()] }).toEqual({ records: 4, lost: 0, counted: [4] });
});

test('the kernel is asked to note the processes of threads where they are wanted', async () => {
  const asks = () => files.journal.filter(step => step.includes('record-tgid'));
  const without = await open(['f:mine/read vfs_read']);
  expect([without.processOf?.(13), asks()]).toEqual([undefined, []]);
  await without[Symbol.asyncDispose]();
  const session = await open(['f:mine/read vfs_read'], { processes: true });
  expect(asks()).toHaveLength(1);
  expect([12, 13, 14].map(tid => session.processOf?.(tid))).toEqual([12, 12, undefined]);
  await session[Symbol.asyncDispose]();
});

test('a session that nobody stops goes on until its signal', async () => {
  const controller = new AbortController();
  files.pages.set('cpu0', [page(1000, [12])]);
  const session = await open(['f:mine/read vfs_read'], { signal: controller.signal, pollIntervalMs: 1 });
  for await (const { records } of session) if (records.length > 0) controller.abort();
  expect(session.summary().records).toBe(1);
  expect(files.remains()).toEqual([]);
});

test('a session that traces its own reading rests between two looks', async () => {
  // Each read is itself recorded: the next one finds it.
  let reads = 0;
  const isRecording = () => files.journal.findLast(line => line.includes('/tracing_on '))?.endsWith('1');
  const openRaw = files.openRaw.bind(files);
  files.openRaw = path => ({
    ...openRaw(path),
    read: into => {
      if (!isRecording()) return 0;
      reads++;
      into.set(page(Number(process.hrtime.bigint()), [12]));
      return 4096;
    },
  });
  const session = await open(['f:mine/read vfs_read'], { pollIntervalMs: 3_600_000 });
  // No pause ends by itself, however long the turns below take.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let records = 0;
  const reading = (async () => {
    for await (const batch of session) records += batch.records.length;
  })();
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
  const readBeforeStop = reads;
  await session.stop();
  await reading;
  expect({ readBeforeStop, records }).toEqual({ readBeforeStop: 2, records: 2 });
  expect(files.remains()).toEqual([]);
});

test('hits that kprobes missed are lost, each with its event', async () => {
  const read = files.read.bind(files);
  const profile = '  others 9 3\n  same 5 2\n  same 1 1\n  same 7 0\n';
  files.read = path => {
    const kprobes = [...files.probes].filter(([, line]) => line.startsWith('p'));
    if (path === 'kprobe_events') return ['p:x/others f', ...kprobes.map(([, line]) => line)].join('\n');
    return path === 'kprobe_profile' ? profile : read(path);
  };
  const session = await open([
    'f:mine/read vfs_read',
    'p:mine/same vfs_read',
    'p:two/same vfs_open',
    'p:three/same vfs_write',
  ]);
  const missed = ({ lost, lostPerEvent }: TraceSummary) => [
    lost,
    [...(lostPerEvent ?? [])].map(([{ group, name }, count]) => `${group}/${name} ${count}`),
  ];
  const expected = [3, ['mine/same 2', 'two/same 1']];
  expect(missed(session.summary())).toEqual(expected);
  await session[Symbol.asyncDispose]();
  expect(missed(session.summary())).toEqual(expected);
});

test('sub-buffers that are damaged are counted', async () => {
  const damaged = page(2000, [12]);
  new DataView(damaged.buffer).setUint32(8, 4081, true);
  files.pages.set('cpu0', [page(1000, [12]), damaged, page(3000, [12])]);
  const session = await open(['f:mine/read vfs_read']);
  await session.stop();
  for await (const _ of session);
  expect(session.summary()).toMatchObject({ records: 2, damagedPages: 1 });
});

describe('nothing is left', () => {
  test('after the kernel refused what we accept, and both verdicts are told', async () => {
    const log = (line: string): string =>
      `[    2.000000] trace_fprobe: error: Some reason\n  Command: ${line}\n${' '.repeat(11 + line.indexOf('count'))}^\n`;
    files.refusals.push({ when: /^f:.*vfs_write/, errno: 'EINVAL', log });
    const error = await refusalOf(open(['p:a/good vfs_read', 'f:bad/one vfs_write count']));
    expect(error).toMatchObject({ code: 'definition', disagreement: true, diagnostics: [] });
    const command = 'f:bad/one vfs_write count';
    expect(error.kernel).toEqual({
      errno: 'EINVAL',
      message: 'Some reason',
      subsystem: 'trace_fprobe',
      command,
      caret: command.indexOf('count'),
    });
    expect(files.remains()).toEqual([]);
  });

  test("after the kernel refused what only ftrace's list tells: then it is read, and we say the same", async () => {
    const log = (line: string): string =>
      `[    2.000000] trace_fprobe: error: Failed to register probe event\n  Command: ${line}\n${' '.repeat(11 + line.indexOf('notify_die'))}^\n`;
    files.refusals.push({ when: /^f:.*notify_die/, errno: 'EINVAL', log });
    const error = await refusalOf(open(['f:a/good vfs_read', 'f:bad/one notify_die']));
    expect(error).toMatchObject({ code: 'definition', disagreement: false });
    expect(error.kernel).toMatchObject({ errno: 'EINVAL' });
    expect(error.diagnostics[0]).toMatchObject({ errno: 'EINVAL' });
    expect(error.diagnostics[0]?.hints.join()).toContain('notify_die');
    expect(files.remains()).toEqual([]);
  });

  test('where nobody wants to know why, at once: the kernel is not asked about what we refuse', async () => {
    const backend = tracefsBackend({ tracefs: new Tracefs(files), explains: false });
    const targets = ['p:a/good vfs_read', 'f:bad/one vfs_write nothing'].map(definition => ({ definition }));
    const error = await refusalOf(backend.open(kernel, targets));
    expect(error).toMatchObject({ code: 'definition', definition: 'f:bad/one vfs_write nothing' });
    expect(files.journal.filter(line => line.includes('dynamic_events f:'))).toEqual([]);
    expect(files.remains()).toEqual([]);
  });

  test('after the kernel accepted what we refuse', async () => {
    const error = await refusalOf(open(['p:a/good vfs_read', 'f:bad/one vfs_write nothing']));
    expect(error).toMatchObject({ code: 'definition', disagreement: true, kernel: undefined });
    expect(error.diagnostics[0]).toMatchObject({ code: 'NO_BTFARG', errno: 'ENOENT' });
    expect(error.hints.join()).toContain('the kernel accepts');
    expect(files.remains()).toEqual([]);
  });

  test('after an event could not be enabled', async () => {
    files.write = function (path: string, text: string) {
      if (path.endsWith('/enable') && text === '1') this.broken.add(path);
      return MemoryTracefs.prototype.write.call(this, path, text);
    };
    const error = await refusalOf(open(['p:a/good vfs_read']));
    expect(error).toMatchObject({ code: 'attach', definition: 'p:a/good vfs_read' });
    expect(files.remains()).toEqual([]);
  });

  test('after a signal that came first', async () => {
    expect(await refusalOf(open(['p vfs_read'], { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'aborted',
    });
    expect(files.remains()).toEqual([]);
  });
});

test('what a failed start could not undo is told beside its reason', async () => {
  files.refusals.push({ when: /^f:/, errno: 'EINVAL' }, { when: /^-:/, errno: 'EIO' });
  const error = await refusalOf(open(['p:a/good vfs_read', 'f:b/bad vfs_write count']));
  expect(error).toMatchObject({
    code: 'definition',
    definition: 'f:b/bad vfs_write count',
    disagreement: true,
  });
  expect(error.kernel).toMatchObject({ errno: 'EINVAL' });
  expect(error.hints.join()).toContain('could not be undone: cannot use dynamic_events: EIO');
  files.refusals.length = 0;
});

test.each([
  { bufferSizeKb: 0 },
  { bufferSizeKb: 1.5 },
  { pollIntervalMs: -1 },
  { pollIntervalMs: Number.NaN },
])('options %j are refused before anything is made', async options => {
  expect(await refusalOf(open(['p vfs_read'], options))).toMatchObject({ code: 'unsupported' });
  expect(files.journal).toEqual([]);
});

test.each(['', '-:mine/read', 'p vfs_read\np vfs_write'])('%j defines no event', async definition => {
  const error = await refusalOf(open([definition]));
  expect(['unsupported', 'definition']).toContain(error.code);
  expect(files.remains()).toEqual([]);
});

describe('a filter', () => {
  const steps = () => files.journal.filter(step => /\/(filter|enable) [^0]/.test(step));

  test('is set before its event is enabled', async () => {
    const session = await open(['f:mine/read vfs_read', 'f:mine/write vfs_write'], {
      filter: 'common_pid > 1',
    });
    expect(steps().map(step => step.replace(/.*\/events\/[^/]+\//, ''))).toEqual([
      'read/filter common_pid > 1',
      'read/enable 1',
      'write/filter common_pid > 1',
      'write/enable 1',
    ]);
    await session[Symbol.asyncDispose]();
    expect(files.remains()).toEqual([]);
  });

  test.each([
    ['nothing == 1', 'Field not found', 8],
    ['common_pid', 'Invalid operator', 11],
    ['common_pid > 1 &', 'Too many terms in predicate expression', 15],
    ['x'.repeat(5000), 'The kernel refuses this with EINVAL and logs no reason', undefined],
  ])(
    'that is wrong is refused in the words of the kernel before anything is enabled',
    async (filter, message, caret) => {
      const error = await refusalOf(open(['f:mine/read vfs_read', 'f:mine/write vfs_write'], { filter }));
      expect(error).toMatchObject({
        code: 'definition',
        definition: filter,
        message: `the filter is refused for mine:read: ${message}`,
      });
      expect(error.diagnostics).toMatchObject([{ message, caret, command: filter }]);
      expect(error.hints).toContain('fields of mine:read: __probe_ip');
      expect(steps()).toEqual([]);
      expect(files.remains()).toEqual([]);
    },
  );

  test('is bytes', async () => {
    const error = await refusalOf(open(['f:mine/read vfs_read'], { filter: 'comm == "\u4e2d"' }));
    expect(error).toMatchObject({ code: 'definition', message: 'a filter is bytes, one per character' });
    expect(files.remains()).toEqual([]);
  });

  test('that the kernel alone refuses is told with both verdicts', async () => {
    const filter = 'common_pid > 1';
    files.write = function (path: string, text: string) {
      if (path.endsWith('/filter')) this.broken.add(path);
      return MemoryTracefs.prototype.write.call(this, path, text);
    };
    const read = files.read.bind(files);
    files.read = path =>
      /instances\/[^/]+\/error_log$/.test(path)
        ? `[    2.000000] event filter parse error: error: Some reason\n  Command: ${filter}\n             ^\n`
        : read(path);
    const error = await refusalOf(open(['f:mine/read vfs_read'], { filter }));
    expect(error).toMatchObject({
      code: 'definition',
      definition: filter,
      message: 'the kernel refuses the filter for mine:read: Some reason (EINVAL)',
      disagreement: true,
      kernel: { errno: 'EINVAL', message: 'Some reason', command: filter, caret: 2 },
    });
    expect(files.remains()).toEqual([]);
  });
});
