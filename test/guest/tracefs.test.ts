import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../cli/btfprobe.js';
import { compareTexts } from '../records/compare-texts.js';
import { bootGuest } from './guest.js';
import { compareTwins, type TwinLines } from './trace-lines.js';

/** What tracefs looks like: see `snapshot` in fixtures/kernel-files.mjs. */
interface Snapshot {
  readonly definitions: readonly string[];
  readonly instances: readonly string[];
  readonly enabled: Readonly<Record<string, string>>;
}

interface AnswerToBad {
  readonly code: string;
  readonly message: string;
  readonly diagnostics: readonly {
    readonly message: string;
    readonly errno: string;
    readonly caret?: number;
  }[];
  readonly kernel?: { readonly errno: string; readonly message?: string; readonly caret?: number };
  readonly disagreement: boolean;
  readonly hints: readonly string[];
}

function expectSameLines(lines: TwinLines): ReturnType<typeof compareTwins> {
  expect(lines.lost).toBe(0);
  expect(lines.lostByTwins.every(count => count === 0)).toBe(true);
  const compared = compareTwins(lines);
  for (const { ours, theirs } of compared) expect(ours).toEqual(theirs);
  return compared;
}

describe('the 6.12 cloud kernel', () => {
  let results: Readonly<Record<string, unknown>>;
  const folder = mkdtempSync(join(tmpdir(), 'btfprobe-cloud-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(async () => {
    const taken = { '/tmp/static': join(folder, 'static') };
    ({ results } = await bootGuest({ kernel: '6.12-cloud', script: 'cloud.mjs', taken, seconds: 850 }));
    const failed = Object.entries(results).filter(
      ([, value]) => (value as { failed?: string }).failed !== undefined,
    );
    expect(failed).toEqual([]);
  });
  const result = <T>(name: string): T => results[name] as T;

  test('records of every kind of definition are the lines that the kernel prints', () => {
    const compared = expectSameLines(result<TwinLines>('twins'));
    const events = new Set(compared.map(({ event }) => event));
    expect(events.size).toBeGreaterThanOrEqual(25);
    expect(result<TwinLines>('twins').ours.length).toBeGreaterThan(1000);
    // Values that only a right reading gives, so that two wrong sides do not agree on nothing.
    const text = result<TwinLines>('twins').ours.join('\n');
    const values = [
      'name="file-a"',
      'mode=0x1a0',
      'up="e"',
      'op=pipefifo_fops+0x0/',
      'file="/nowhere" name="/nowhere"',
      'c="ls"',
      'dfd=-100',
      'first={110,117,108,108,0,0,0,0}',
    ];
    expect(values.filter(value => !text.includes(value))).toEqual([]);
  });

  test('a symstr is the line that the kernel prints', () => {
    const [first] = expectSameLines(result<TwinLines>('symbolText'));
    expect(first?.ours[0]).toMatch(/symtext: \(vfs_rmdir\+0x\w+\/0x\w+\) op="\w+\+0x0\/0x\w+"/);
  });

  test("the kernel's own events are the lines that the kernel prints", async () => {
    const [capture, file] = [join(folder, 'static'), join(folder, 'report.txt')];
    const { status } = await run('report', capture, '--kernel', '6.12-cloud', '--output', file);
    expect(status).toBe(0);
    const theirs = readFileSync(join(capture, 'trace.txt'), 'latin1');
    const { lines, events, different } = compareTexts(readFileSync(file, 'latin1'), theirs);
    expect(lines).toBeGreaterThan(5000);
    expect(events.size).toBeGreaterThan(150);
    // These count from the time of printing.
    const known = ['writeback_single_inode', 'writeback_single_inode_start'];
    expect([...different].filter(([event]) => !known.includes(event))).toEqual([]);
    const values = [
      ': tracing_mark_write: two\nlines\n',
      '# 7 buf: 72 61 77',
      '<stack trace>\n => ',
      ' page=ff',
      'sys_',
    ];
    expect(values.filter(text => !theirs.includes(text))).toEqual([]);
  });

  describe('of values that could not be had, or not whole,', () => {
    interface Told {
      readonly args: Readonly<Record<string, unknown>>;
      readonly states?: Readonly<Record<string, object>>;
      readonly faults?: Readonly<Record<string, string>>;
    }
    const told = (way: 'Tracefs' | 'Bpf') =>
      result<{ wrote: Told[]; next: Told[]; threads: number }>(`statesOf${way}`);
    const wrote = (way: 'Tracefs' | 'Bpf', count: number) =>
      told(way).wrote.find(({ args }) => args.count === `${count}`)!;

    test('records of the kernel tell faults of texts only', () => {
      const unknown = { far: { state: 'unknown' }, farther: { state: 'unknown' } };
      expect(wrote('Tracefs', 5)).toEqual({
        args: { count: '5', far: expect.any(String), farther: expect.any(String), fartext: null, text: 5 },
        faults: { fartext: 'fault' },
        states: unknown,
      });
      // What no record shows: whether the numbers of a kernel thread are numbers.
      const thread = told('Tracefs').next.find(({ args }) => args.name === null)!;
      expect(thread).toMatchObject({
        states: { users: { state: 'unknown' }, inode: { state: 'unknown' } },
        faults: { name: 'fault' },
      });
      // A text of 4095 bytes and the rest of its record do not fit a sub-buffer: the kernel drops the hit.
      expect(told('Tracefs').wrote.map(({ args }) => args.count)).toEqual(['5']);
    });

    test('eBPF tells a NULL in mid-chain, a fault and a longer text apart, and at which step', () => {
      const fault = { state: 'fault', step: 0, errno: 'EFAULT' };
      const long = wrote('Bpf', 6000);
      expect(long).toMatchObject({ args: { text: 4095, far: null, farther: null, fartext: null } });
      expect(long.states).toMatchObject({
        far: fault,
        farther: fault,
        fartext: fault,
        text: { state: 'truncated', length: 4095 },
      });
      expect(Object.keys(wrote('Bpf', 5).states!)).toEqual(['far', 'farther', 'fartext']);
      const { next, threads } = told('Bpf');
      expect(threads).toBeGreaterThan(5);
      const states = new Set(next.map(record => JSON.stringify(record.states)));
      const none = { state: 'null', step: 1, at: 'next->mm' };
      const ofThread = JSON.stringify({ users: none, inode: none, name: none });
      // Tasks with memory, and kernel threads: nothing in between.
      expect(states).toEqual(new Set([undefined, ofThread]));
      for (const { args, states } of next) expect(args.users === null).toBe(states !== undefined);
    });
  });

  test('losses are counted as the kernel counts them', () => {
    interface Losses {
      readonly kernelCounts: readonly Record<string, number>[];
      readonly records: number;
      readonly lost: readonly { readonly cpu: number; readonly count: number }[];
      readonly summary: {
        readonly records: number;
        readonly lost: number;
        readonly perCpu: readonly object[];
      };
      readonly before: Snapshot;
      readonly after: Snapshot;
    }
    const { kernelCounts, records, lost, summary, before, after } = result<Losses>('losses');
    const sum = (name: string): number => kernelCounts.reduce((total, counts) => total + counts[name]!, 0);
    expect(sum('overrun')).toBeGreaterThan(100);
    expect(records).toBe(sum('entries'));
    expect(lost.reduce((total, { count }) => total + count, 0)).toBe(sum('overrun'));
    expect(summary).toMatchObject({
      records,
      lost: sum('overrun') + sum('commit overrun') + sum('dropped events'),
      perCpu: kernelCounts.map(counts => ({ overrun: counts.overrun })),
    });
    expect(after).toEqual(before);
  });

  describe('a refused definition', () => {
    const answer = (name: string): AnswerToBad =>
      result<{ answers: Record<string, AnswerToBad> }>('refusals').answers[name]!;

    test.each([
      'f:x/field vfs_read   file->nope',
      'p:x/place no_such_function',
      'f no_such_function',
      'p vfs_read %none',
      'f:x/type vfs_read count:u65',
      't:x/tp sched_switch nothing',
      'r:x/void kfree $retval',
      'p:x/middle vfs_read+3',
      'p:good/one vfs_write count',
    ])('%s: the kernel says beside ours the same', text => {
      const { kernel, diagnostics, disagreement, code } = answer(text);
      const { errno, message, caret } = diagnostics[0]!;
      expect(kernel).toMatchObject({ errno, message, caret });
      expect({ code, disagreement }).toEqual({ code: 'definition', disagreement: false });
    });

    test('that only the kernel can refuse is called a disagreement', () => {
      const { kernel, diagnostics, disagreement, message } = answer('boundary');
      expect(kernel).toMatchObject({
        errno: 'EILSEQ',
        message: 'Probe point is not an instruction boundary',
      });
      expect(diagnostics).toEqual([]);
      expect(disagreement).toBe(true);
      expect(message).toContain('the kernel refuses it');
    });

    test('with a bad group or a comment never reaches the kernel', () => {
      expect(answer('f:1x/bad vfs_read')).toMatchObject({ code: 'definition', disagreement: false });
      expect(answer('f:1x/bad vfs_read').kernel).toBeUndefined();
      expect(answer('p:x/comment vfs_read # more').message).toContain('#');
    });

    test('on a taken tracepoint names who holds it and how to follow him', () => {
      const { message, hints } = answer('foreign');
      expect(message).toContain('others:holds');
      expect(hints.join('\n')).toContain('follow it: others:holds');
    });

    test('an event that is not there is said', () => {
      expect(answer('missing')).toMatchObject({
        code: 'event',
        message: 'there is no event sched:no_such_event',
      });
    });

    test('leaves nothing of the definitions before it', () => {
      const { before, after } = result<{ before: Snapshot; after: Snapshot }>('refusals');
      expect(after).toEqual(before);
    });
  });

  test('events that exist are followed, and are as before afterwards', () => {
    interface Following {
      readonly seen: Record<string, number>;
      readonly counted: Record<string, number>;
      readonly during: Snapshot;
      readonly before: Snapshot;
      readonly after: Snapshot;
    }
    const { seen, counted, during, before, after } = result<Following>('following');
    expect(seen).toEqual(counted);
    expect(seen['sched:sched_process_exec']).toBe(3);
    expect(seen['others:probe']).toBeGreaterThan(20);
    // Enabled in btfprobe's instance and nowhere else.
    expect(Object.keys(during.enabled).every(path => path.startsWith('instances/btfprobe-'))).toBe(true);
    expect(after).toEqual(before);
  });

  test('the command line prints enumerators as the kernel does', () => {
    interface Enumerators {
      readonly status: number;
      readonly ours: readonly string[];
      readonly theirs: readonly string[];
    }
    const { status, ours, theirs } = result<Enumerators>('enumerators');
    expect({ status, lines: ours.length }).toEqual({ status: 0, lines: 40 });
    // Each buffer has its own times, and the kernel hashes what %p prints.
    const values = (line: string) => line.replace(/^.*(\[\d+\]).* hrtimer=\S+/, '$1');
    expect(theirs.map(values)).toEqual(expect.arrayContaining(ours.map(values)));
    expect(ours.join('\n')).toMatch(/ mode=(?:ABS|REL)[A-Z_|]* was_armed=/);
  });

  test('a timeline shows threads in their process, and calls as slices', () => {
    const { status, stdout, pid } = result<{ status: number; stdout: string; pid: number }>('threads');
    expect(status).toBe(0);
    const { traceEvents, otherData } = JSON.parse(stdout) as {
      otherData: { clock: string };
      traceEvents: { name: string; ph: string; pid: number; tid: number; args: { count?: number } }[];
    };
    expect(otherData.clock).toBe('mono');
    const reads = traceEvents.filter(event => event.ph === 'X' && event.name === 'vfs_read');
    expect(reads.length).toBeGreaterThan(150);
    const own = new Set(reads.filter(event => event.pid === pid).map(event => event.tid));
    expect(own.has(pid)).toBe(true);
    expect(own.size).toBeGreaterThanOrEqual(2);
    const counts = traceEvents.filter(event => event.ph === 'C').length;
    expect(counts).toBeGreaterThanOrEqual(reads.length);
  });

  test('a file keeps which process a thread was of', () => {
    const { status, stdout, pid } = result<{ status: number; stdout: string; pid: number }>(
      'recordedThreads',
    );
    expect(status).toBe(0);
    const { traceEvents } = JSON.parse(stdout) as {
      traceEvents: { name: string; ph: string; pid: number; tid: number }[];
    };
    const reads = traceEvents.filter(event => event.ph === 'i' && event.name === 'rd');
    expect(reads.length).toBeGreaterThan(300);
    const own = new Set(reads.filter(event => event.pid === pid).map(event => event.tid));
    expect(own.has(pid)).toBe(true);
    expect(own.size).toBeGreaterThanOrEqual(2);
  });

  test('two sessions with the same definitions do not disturb each other', () => {
    const {
      results: counts,
      before,
      after,
    } = result<{ results: number[]; before: Snapshot; after: Snapshot }>('together');
    expect(counts.every(count => count >= 10)).toBe(true);
    expect(after).toEqual(before);
  });

  test('equal names in different groups stay apart, places of one event stay together', () => {
    const { listed, events, before, after } = result<{
      listed: string[];
      events: string[];
      before: Snapshot;
      after: Snapshot;
    }>('names');
    expect(events).toEqual(['one:same', 'two:same']);
    const groups = listed.map(line => /:(\w+)\/same /.exec(line)![1]);
    expect(groups[0]).not.toBe(groups[1]);
    expect(groups[1]).toBe(groups[2]);
    expect(after).toEqual(before);
  });

  test('a signal ends the reading by timer, in time order, and leaves nothing', () => {
    const { batches, disorder, records, before, after } = result<{
      batches: number;
      disorder: number;
      records: number;
      before: Snapshot;
      after: Snapshot;
    }>('aborted');
    expect(batches).toBeGreaterThanOrEqual(5);
    expect(records).toBeGreaterThanOrEqual(50);
    expect(disorder).toBe(0);
    expect(after).toEqual(before);
  });

  test('a CPU that is offline when it begins does not end a session', () => {
    const { records, lost } = result<{ records: number; lost: number }>('offlineCpu');
    expect(records).toBeGreaterThanOrEqual(20);
    expect(lost).toBe(0);
  });

  describe('a process that dies in mid-trace', () => {
    interface Death {
      readonly during: Snapshot;
      readonly end: { readonly code: number | null; readonly signal: string | null };
      readonly after: Snapshot;
    }
    interface Deaths extends Record<'exception' | 'exit' | 'kill', Death> {
      readonly before: Snapshot;
      readonly found: readonly { readonly instance: string; readonly events: readonly object[] }[];
      readonly cleaned: readonly { readonly removed: boolean }[];
      readonly afterClean: Snapshot;
      readonly afterNextRun: Snapshot;
    }
    const deaths = (): Deaths => result<Deaths>('deaths');

    test.each(['exception', 'exit'] as const)('by %s takes down what it made', way => {
      const { before, [way]: death } = deaths();
      expect(death.during.instances).toHaveLength(before.instances.length + 1);
      expect(death.end.signal).toBeNull();
      expect(death.after).toEqual(before);
    });

    test('by kill -9 leaves what clean removes, and nothing of others', () => {
      const { before, kill, found, cleaned, afterClean } = deaths();
      expect(kill.end.signal).toBe('SIGKILL');
      expect(kill.after).not.toEqual(before);
      expect(found).toHaveLength(1);
      expect(found[0]!.events).toHaveLength(3);
      expect(cleaned).toMatchObject([{ removed: true }]);
      expect(afterClean).toEqual(before);
      expect(before.definitions).toHaveLength(3);
    });

    test('by kill -9 is cleaned up after by the next run', () => {
      expect(deaths().afterNextRun).toEqual(deaths().before);
    });
  });
});

describe('the 6.12 kernel with a module', () => {
  let results: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    const boot = { kernel: '6.12', modules: ['nf_log_syslog'], script: 'modules.mjs', seconds: 600 } as const;
    ({ results } = await bootGuest(boot));
  });

  test("definitions on the module's functions are listed and laid out as the kernel does", () => {
    interface Described {
      readonly text: string;
      readonly ours: object;
      readonly theirs: { readonly listing: string };
    }
    const described = results.described as readonly Described[];
    expect(described).toHaveLength(3);
    for (const { ours, theirs } of described) expect(ours).toEqual(theirs);
    expect(described[0]!.theirs.listing).toContain('nf_log_ip_packet net=net pf=pf hooknum=hooknum skb=skb');
  });

  test('they are traced beside others, whose records are the lines that the kernel prints', () => {
    const compared = expectSameLines(results.twins as TwinLines);
    expect(new Set(compared.map(({ event }) => event)).size).toBe(5);
  });
});
