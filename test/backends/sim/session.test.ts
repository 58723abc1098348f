import { describe, expect, test } from 'vitest';
import { BackendError } from '../../../src/backends/index.js';
import { createSimBackend, SimError, sampleModuleName } from '../../../src/backends/sim/index.js';
import { openBundle } from '../../../src/host/index.js';
import { finish, kernel, openRun, run } from './runs.js';

const reading = [
  'f vfs_read file count pos=file->f_pos',
  't kmem_cache_alloc ptr',
  'f getname_flags%return p=$retval->name:string',
];

async function refusal(opening: Promise<unknown>): Promise<BackendError> {
  const error: unknown = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BackendError)) throw new Error(`no BackendError but ${String(error)}`);
  return error;
}

describe('a run is its seed', () => {
  test('the same seed gives the same bytes, another one others', async () => {
    const [first, again, other] = [
      await run(reading, { maxHits: 500 }),
      await run(reading, { maxHits: 500 }),
      await run(reading, { maxHits: 500, seed: 2 }),
    ];
    expect(again.text).toBe(first.text);
    expect(again.json).toBe(first.json);
    expect(other.text).not.toBe(first.text);
  });
  test('how often the buffers are read changes nothing but the batches', async () => {
    const often = await run(reading, { maxHits: 500 }, { pollIntervalMs: 1 });
    const seldom = await run(reading, { maxHits: 500 }, { pollIntervalMs: 1_000 });
    expect(often.text).toBe(seldom.text);
  });
  test('what is traced does not change what happens', async () => {
    const alone = await run(['f kfree object'], { maxSteps: 300 });
    const along = await run(['f kfree object', ...reading], { maxSteps: 300 });
    const frees = along.text.split('\n').filter(line => line.includes(' kfree__entry: '));
    expect(frees.length).toBeGreaterThan(50);
    expect(`${frees.join('\n')}\n`).toBe(alone.text);
  });
});

describe('losses', () => {
  test.each([1, 12, 20])(
    'with %i KB for a slice of 10 s every hit is a record or lost',
    async bufferSizeKb => {
      const { records, lost, session } = await run(
        reading,
        { maxHits: 5_000 },
        { bufferSizeKb, pollIntervalMs: 10_000 },
      );
      const summary = session.summary();
      expect(summary.lost).toBeGreaterThan(0);
      expect(records.length).toBe(summary.records);
      expect(summary.records + summary.lost).toBe(5_000);
      expect(lost.reduce((sum, { count }) => sum + (count ?? Number.NaN), 0)).toBe(summary.lost);
      for (const { cpu, overrun } of summary.perCpu) {
        expect(lost.filter(one => one.cpu === cpu).reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(
          overrun,
        );
      }
    },
  );
  test('what is kept is the newest, and faults stay with their records', async () => {
    const all = await run(reading, { maxHits: 5_000 });
    const some = await run(reading, { maxHits: 5_000 }, { bufferSizeKb: 20, pollIntervalMs: 10_000 });
    const kept = some.text.split('\n').filter(line => !line.startsWith('CPU:'));
    for (const cpu of [0, 1]) {
      const of = (lines: readonly string[]): string[] => lines.filter(line => line.includes(`[00${cpu}]`));
      expect(of(kept).slice(-300)).toEqual(of(all.text.split('\n')).slice(-300));
    }
    expect(some.records.some(record => record.states.size > 0)).toBe(true);
    for (const { name, args, states } of some.records) {
      if (name === 'getname_flags__exit') expect(args.p === null).toBe(states.size > 0);
      else expect(states.size).toBe(0);
    }
  });
});

describe('faults', () => {
  test('a number that cannot be read is null with a reason, zero in the bytes', async () => {
    const { json, records } = await run(
      ['f vfs_open%return x=+0(+16($retval)):u32 ok=$retval', 'f kfree first=+0($arg1):u8'],
      { maxHits: 400 },
    );
    const states = records.flatMap(record => [...record.states.values()]);
    expect(states).toContainEqual({ state: 'null', step: 0 });
    expect(json).toContain(
      '"args":{"x":null,"ok":0},"states":{"x":{"state":"null","step":0,"at":"$retval"}},"faults":{"x":"fault"}',
    );
    const freed = records.filter(record => record.name === 'kfree__entry');
    expect(freed.some(({ args }) => args.first === null)).toBe(true);
    expect(freed.some(({ args }) => args.first !== null)).toBe(true);
  });
  test('a NULL in mid-chain, memory that is not there and a value cut short are told apart, with their step', async () => {
    const { json } = await run(
      [
        'f:states/read vfs_read far=+8(count):u64 text=+0(+8(count)):string super=file->f_path.mnt->mnt_sb->s_blocksize iname=file->f_path.dentry->d_iname',
        't:states/next sched_switch users=next->mm->mm_users.counter',
      ],
      { maxHits: 100 },
    );
    const lines = json
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
    const statesOf = (event: string) =>
      new Set(lines.filter(line => line.event === event).map(line => JSON.stringify(line.states)));
    const reads = [...statesOf('states/read')].map(text => JSON.parse(text));
    expect(reads.length).toBeGreaterThan(0);
    for (const { far, text, super: mount, iname } of reads) {
      for (const state of [far, text])
        expect(state).toEqual({
          state: 'fault',
          step: 0,
          at: 'count',
          address: expect.stringMatching(/^0x/),
        });
      expect(mount).toEqual({ state: 'null', step: 1, at: 'file->f_path.mnt' });
      expect(iname).toEqual({ state: 'truncated', length: 8 });
    }
    // Tasks, and a kernel thread, which has no memory of its own.
    const thread = JSON.stringify({ users: { state: 'null', step: 1, at: 'next->mm' } });
    expect(statesOf('states/next')).toEqual(new Set([undefined, thread]));
  });

  test('user memory is read by kernel rules, as user text, and not at all where it is absent', async () => {
    const { records } = await run(['f getname_flags a=filename:string b=filename:ustring c=filename'], {
      maxHits: 200,
    });
    expect(records.some(({ args }) => args.a === '/etc/passwd')).toBe(true);
    for (const { args } of records) {
      expect(args.b).toBe(args.a);
      expect(args.a === null).toBe(args.c === 0x7f3c_8e40_0000n);
    }
    expect(records.some(({ args }) => args.a === null)).toBe(true);
  });
});

describe('what can be traced', () => {
  test('names, superblocks and operations behind a file', async () => {
    const { records } = await run(
      [
        'f vfs_read name=file->f_path.dentry->d_name.name:string parent=file->f_path.dentry->d_parent->d_name.name:string ' +
          'fs=file->f_inode->i_sb->s_type->name:string dev=file->f_inode->i_sb->s_id:string op=file->f_op:symbol',
      ],
      { maxHits: 300 },
    );
    const passwd = records.find(({ args }) => args.name === 'passwd');
    expect(passwd?.args).toMatchObject({
      parent: 'etc',
      fs: 'ext4',
      dev: 'vda1',
      op: { symbol: { name: 'ext4_file_operations', offset: 0 } },
    });
    expect(records.some(({ args }) => args.fs === 'tmpfs')).toBe(true);
  });
  test('tasks at a switch, bitfields included', async () => {
    const { records } = await run(
      [
        't sched_switch prev=prev->comm:string next=next->comm:string wait=prev->in_iowait prev_state c=$comm',
      ],
      { maxHits: 300 },
    );
    for (const { args, comm } of records) {
      expect(args.wait).toBe(args.prev_state === 2 ? 1 : 0);
      expect(args.c).toBe(args.prev);
      if (comm !== '<idle>') expect(comm).toBe(args.prev);
    }
    expect(new Set(records.map(({ args }) => args.wait))).toEqual(new Set([0, 1]));
  });
  test('kprobes at the entry, behind the ENDBR, by address, and at the return with entry data', async () => {
    const address = kernel.symbols.find('vfs_write')[0]!.address.toString(16);
    const { text, records } = await run(
      [
        'p:a/zero vfs_write count=%dx s=$stack0:symbol',
        'p:a/four vfs_write+4 ip=%ip:symbol',
        `p:a/number 0x${address}`,
        'r:a/back vfs_write count ret=$retval',
        'f:a/glob vfs_w*',
      ],
      { maxHits: 200 },
    );
    expect(text).toContain('zero: (vfs_write+0x4/');
    expect(text).toMatch(/zero: .* s=ksys_write\+0x6f\//);
    expect(text).toMatch(/four: \(vfs_write\+0x4\/.* ip=vfs_write\+0x5\//);
    expect(text).toContain('number: (vfs_write+0x4/');
    expect(text).toContain('glob: (vfs_write+0x4/');
    for (const { name, args } of records) if (name === 'back') expect(args.count).toBe(args.ret);
  });
  test('the tick counter at its symbol follows the virtual clock', async () => {
    const { records } = await run(['f vfs_read ticks=@jiffies:u64'], { maxHits: 200 });
    const [first, last] = [records[0]!, records.at(-1)!];
    const ticks = (last.args.ticks as bigint) - (first.args.ticks as bigint);
    expect(ticks).toBe(last.time / 4_000_000n - first.time / 4_000_000n);
    expect(ticks).toBeGreaterThan(5n);
  });
  test('events that the kernel has, in their own layout', async () => {
    const { records, text } = await run(
      [
        'sched:sched_switch',
        'sched:sched_wakeup',
        'kmem:kmem_cache_alloc',
        'kmem:kfree',
        't:p/next sched_switch next->pid',
      ],
      { maxHits: 500 },
    );
    expect(new Set(records.map(record => record.name))).toEqual(
      new Set(['sched_switch', 'sched_wakeup', 'kmem_cache_alloc', 'kfree', 'next']),
    );
    for (const [index, { name, args, pid }] of records.entries()) {
      if (name !== 'sched_switch') continue;
      expect(args.prev_pid).toBe(pid);
      const twin = records[index + 1];
      if (twin) expect(twin.args.arg1).toBe(args.next_pid);
    }
    expect(text).toContain('sched_wakeup: comm=');
    const alloc = records.find(record => record.name === 'kmem_cache_alloc');
    expect(alloc?.args).toMatchObject({ node: -1, gfp_flags: 0xcc0n, accounted: 0 });
  });
  test('all that is simulated matches the prototypes of this kernel', async () => {
    const { records } = await run(
      [
        't sched_switch $arg*',
        't sched_wakeup $arg*',
        't kmem_cache_alloc $arg*',
        't kfree $arg*',
        'f:g/a vfs_read $arg*',
        'f:g/b vfs_write $arg*',
        'f:g/c vfs_open $arg*',
        'f:g/d getname_flags $arg*',
        'f:g/e kfree $arg*',
        'f:g/f sample_open $arg*',
      ],
      { maxHits: 1_000 },
    );
    expect(new Set(records.map(record => record.name)).size).toBe(10);
    expect(records.filter(record => record.states.size > 0)).toEqual([]);
  });
});

describe('what cannot', () => {
  test('a definition that the kernel refuses carries its diagnostics', async () => {
    const error = await refusal(openRun(['f vfs_read nofile->f_pos']));
    expect(error).toMatchObject({ code: 'definition', definition: 'f vfs_read nofile->f_pos' });
    expect(error.diagnostics[0]?.code).toBe('NO_BTFARG');
  });
  test.each([
    'f vfs_rename',
    't sched_process_fork',
    'p vfs_read+20',
    `p ${sampleModuleName}:sample_open+20`,
    'p:g/e schedule',
    'f tcp_*',
    't no_such_tracepoint',
  ])('%s is not simulated, and what is, is listed', async definition => {
    const error = await refusal(openRun([definition]));
    expect(error).toMatchObject({ code: 'unsupported', definition });
    expect(error.hints.join(' ')).toContain('vfs_read, vfs_write');
    expect(error.hints.join(' ')).toContain('sched:sched_switch');
  });
  test('events that are not there, and events that are not simulated', async () => {
    expect(await refusal(openRun(['sched:no_such']))).toMatchObject({
      code: 'event',
      definition: 'sched:no_such',
    });
    expect(await refusal(openRun(['sched:sched_process_fork']))).toMatchObject({ code: 'unsupported' });
  });
  test('nothing to trace, bad numbers, other architectures', async () => {
    expect((await refusal(openRun([]))).code).toBe('unsupported');
    expect((await refusal(openRun(reading, { seed: -1 }))).message).toContain('seed must be');
    expect((await refusal(openRun(reading, { cpus: 0 }))).cause).toBeInstanceOf(SimError);
    expect((await refusal(openRun(reading, { maxHits: 0.5 }))).message).toContain('maxHits must be');
    const sized = async (bufferSizeKb: number) =>
      (await refusal(openRun(reading, {}, { bufferSizeKb }))).message;
    expect(await sized(Number.NaN)).toBe('a buffer of NaN KB: a whole number above 0 is expected');
    expect(await sized(2_000_000)).toBe(
      'a buffer of 2000000 KB is more than the simulated kernel has: 1048576 KB for each processor',
    );
    const arm = new Proxy(kernel, {
      get: (target, key) => (key === 'arch' ? 'arm64' : Reflect.get(target, key, target)),
    });
    const opening = createSimBackend().open(arm, [{ definition: 'f vfs_read' }]);
    expect((await refusal(opening)).message).toContain('only x86_64');
  });
});

describe('ending', () => {
  test('an aborted start, an abort and a stop in the middle', async () => {
    expect((await refusal(openRun(reading, {}, { signal: AbortSignal.abort() }))).code).toBe('aborted');
    const controller = new AbortController();
    const aborted = await openRun(reading, {}, { signal: controller.signal });
    const seen = await finish(aborted, () => controller.abort());
    expect(seen.records.length).toBe(aborted.summary().records);
    await aborted[Symbol.asyncDispose]();
    const stopped = await openRun(reading);
    const { records } = await finish(stopped, () => void stopped.stop());
    expect(records.length).toBeGreaterThan(0);
    await stopped[Symbol.asyncDispose]();
  });
  test('disposing twice is once, ends the iteration, and leaves the kernel as it was', async () => {
    const session = await openRun(['f sample_open file']);
    expect(session.kernel.moduleNames()).toContain(sampleModuleName);
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    expect((await finish(session)).records).toEqual([]);
    expect(kernel.isModuleLoaded(sampleModuleName)).toBe(false);
    expect(kernel.functions.has('sample_open')).toBe(false);
  });
  test('a paced run lets real time go by and can be stopped while it waits', async () => {
    const session = await openRun(reading, { paced: true }, { pollIntervalMs: 60_000 });
    setTimeout(() => void session.stop(), 20);
    expect((await finish(session)).records.length).toBeGreaterThan(0);
    await session[Symbol.asyncDispose]();
  });
});

describe('the module', () => {
  test('its function is hooked by its own types', async () => {
    const { records, text } = await run(['f sample_open flags ino=file->f_inode->i_ino'], { maxHits: 50 });
    expect(records.every(({ args }) => args.flags === 0x8000)).toBe(true);
    expect(records.some(({ args }) => args.ino === 131_104n)).toBe(true);
    expect(text).toContain('sample_open__entry: (sample_open+0x4/0x60 [btfprobe_sample]) flags=32768');
  });
  test('unloaded while attached: no more hits, the types stay readable; loaded again: only the kprobe by module comes back', async () => {
    const session = await openRun(
      ['f:g/by_name sample_open file', `p:g/by_module ${sampleModuleName}:sample_open`, 'f:g/other vfs_read'],
      { maxSteps: 600 },
      { pollIntervalMs: 5 },
    );
    let unloadedAt = 0n;
    let loadedAt = 0n;
    const { records } = await finish(session, seen => {
      const { sim } = session;
      if (unloadedAt === 0n && seen.length > 30) {
        sim.unloadSampleModule();
        expect(session.kernel.moduleNames()).not.toContain(sampleModuleName);
        expect(sim.hasFunction('sample_open')).toBe(false);
        unloadedAt = sim.now;
      } else if (unloadedAt > 0n && loadedAt === 0n && sim.now - unloadedAt > 50_000_000n) {
        sim.loadSampleModule();
        loadedAt = sim.now;
      }
    });
    const phasesOf = (name: string): Set<string> => {
      const times = records.filter(record => record.name === name).map(record => record.time);
      return new Set(
        times.map(time => (time <= unloadedAt ? 'before' : time <= loadedAt ? 'meanwhile' : 'after')),
      );
    };
    expect(phasesOf('other')).toEqual(new Set(['before', 'meanwhile', 'after']));
    expect(phasesOf('by_name')).toEqual(new Set(['before']));
    expect(phasesOf('by_module')).toEqual(new Set(['before', 'after']));
    expect(() => session.sim.loadSampleModule()).toThrow(SimError);
    await session[Symbol.asyncDispose]();
  });
  test('not loaded: its function is unknown, a kprobe by module waits', async () => {
    expect((await refusal(openRun(['f sample_open'], { sampleModule: false }))).code).toBe('definition');
    const session = await openRun(
      [`p:g/e ${sampleModuleName}:sample_open`, 'f vfs_read'],
      { sampleModule: false, maxSteps: 200 },
      { pollIntervalMs: 5 },
    );
    const { records } = await finish(session, () => {
      if (!session.kernel.isModuleLoaded(sampleModuleName)) session.sim.loadSampleModule();
    });
    expect(records.some(record => record.name === 'e')).toBe(true);
    await session[Symbol.asyncDispose]();
  });
});

test('a kernel of another release is simulated by its own layout', async () => {
  using older = openBundle(new URL('../../data/kernels/6.1', import.meta.url).pathname);
  const target = { event: { group: 'sched', name: 'sched_switch' } };
  const session = await createSimBackend({ paced: false, maxHits: 50 }).open(older, [target]);
  const { records } = await finish(session);
  expect(records.length).toBe(50);
  expect(records.every(({ comm, args }) => comm === '<idle>' || args.prev_comm === comm)).toBe(true);
  await session[Symbol.asyncDispose]();
});
