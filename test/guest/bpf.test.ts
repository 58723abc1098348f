import { beforeAll, describe, expect, test } from 'vitest';
import { commonLines, judgedLines } from '../formats/trace-cmd-lines.js';
import { bootGuest } from './guest.js';
import { type Compared, compareHits, type TwoSides } from './kernel-hits.js';

/** Ids of everybody's programs, links and maps, as bpftool lists them. */
interface BpfObjects {
  readonly prog: readonly number[];
  readonly link: readonly number[];
  readonly map: readonly number[];
}

interface CommandAnswer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function compared(sides: TwoSides): Compared {
  expect(sides.lost).toBe(0);
  expect(sides.lostByTwins.every(count => count === 0)).toBe(true);
  return compareHits(sides);
}

describe('the 6.12 cloud kernel', () => {
  let results: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    const programs = ['bpftool', 'setpriv', 'trace-cmd'];
    ({ results } = await bootGuest({
      kernel: '6.12-cloud',
      programs,
      script: 'bpf-cloud.mjs',
      seconds: 600,
    }));
    const failed = Object.entries(results).filter(
      ([, value]) => (value as { failed?: string }).failed !== undefined,
    );
    expect(failed).toEqual([]);
  });
  const result = <T>(name: string): T => results[name] as T;

  test("values are those of the kernel's own probe events, record for record", () => {
    const sides = result<TwoSides>('values');
    const { hits, values, unread, unreached, differences } = compared(sides);
    expect(differences).toEqual([]);
    // Of those that the kernel itself does not take as they are written, too.
    expect(sides.changed.map(({ definition }) => definition.split(' ')[0])).toEqual([
      'f:tw/long',
      'f:tw/hidden',
    ]);
    expect(sides.refused).toEqual([]);
    expect([...hits.values()].filter(count => count > 0)).toHaveLength(Object.keys(sides.args).length - 1);
    expect(values).toBeGreaterThan(10_000);
    // The one number asked for that nobody can read; and files that could not be opened have no name.
    expect(unread).toBe(hits.get('fixed'));
    expect(unreached).toBeLessThan(hits.get('openret')!);
  });

  test('records read and hits counted as lost are all hits, of each definition', () => {
    interface Flood {
      readonly records: number;
      readonly lost: number;
      readonly summary: { readonly records: number; readonly lost: number };
      readonly perEvent: readonly {
        readonly name: string;
        readonly records: number;
        readonly lost: number;
      }[];
    }
    const { records, lost, summary, perEvent } = result<Flood>('flood');
    expect(perEvent.map(one => [one.name, one.records + one.lost])).toEqual([
      ['entry', 1800],
      ['back', 1800],
      ['registers', 1800],
      ['text', 1800],
      ['texts', 12],
    ]);
    // Of the last one those whose third text would begin behind a record's end.
    expect(perEvent[4]).toMatchObject({ records: 5, lost: 7 });
    for (const one of perEvent) expect(one.lost).toBeGreaterThan(0);
    for (const one of perEvent) expect(one.records).toBeGreaterThan(0);
    const sum = (of: 'records' | 'lost'): number => perEvent.reduce((total, one) => total + one[of], 0);
    expect(summary).toEqual({ records: sum('records'), lost: sum('lost') });
    expect({ records, lost }).toEqual(summary);
  });

  test('returns lead where the kernel says, when it has no probe of its own on the function', () => {
    const { ours, theirs } = result<{ ours: string[]; theirs: string[] }>('returns');
    expect(theirs[0]).toMatch(/^\w+: \(\w+\+0x\w+\/0x\w+ <- \w+\)$/);
    expect(new Set(ours)).toEqual(new Set(theirs));
  });

  describe('a refused definition', () => {
    interface Refusals {
      readonly answers: Readonly<Record<string, { readonly code: string; readonly message: string }>>;
      readonly before: BpfObjects;
      readonly after: BpfObjects;
    }

    test.each([
      ['f:x/field vfs_read file->nope', 'definition', 'This field is not found.'],
      ['p:x/middle vfs_read+10', 'attach', 'no instruction begins there'],
      ['p:x/user /bin/busybox:0x1000', 'unsupported', 'uprobes'],
    ])('%s is told with its reason', (definition, code, message) => {
      const answer = result<Refusals>('refusals').answers[definition]!;
      expect(answer).toMatchObject({ code, definition });
      expect(answer.message).toContain(message);
    });

    test('leaves nothing of the definitions before it', () => {
      const { before, after } = result<Refusals>('refusals');
      expect(after).toEqual(before);
    });
  });

  test('a process that is killed in mid-trace leaves nothing', () => {
    interface Killed {
      readonly before: { readonly objects: BpfObjects; readonly tracefs: object };
      readonly during: BpfObjects;
      readonly end: { readonly signal: string };
      readonly after: { readonly objects: BpfObjects; readonly tracefs: object };
    }
    const { before, during, end, after } = result<Killed>('killed');
    expect(during.prog).toHaveLength(before.objects.prog.length + 4);
    expect(during.map.length).toBeGreaterThan(before.objects.map.length);
    expect(end.signal).toBe('SIGKILL');
    expect(after).toEqual(before);
  });

  test("a filter lets through the hits that it does on the kernel's own events", () => {
    const { hits, differences, values } = compared(result<TwoSides>('filtered'));
    expect(differences).toEqual([]);
    const { all, ...others } = Object.fromEntries(hits);
    expect(Object.keys(others)).toHaveLength(13);
    for (const [name, count] of Object.entries(others)) {
      expect(count, name).toBeGreaterThan(0);
      expect(count, name).toBeLessThan(all!);
    }
    expect(values).toBeGreaterThan(500);
  });

  test('a filter that is refused is told with its reason', () => {
    const refused = {
      code: 'definition',
      message: expect.stringContaining('Field not found'),
      definition: 'nothing == 1',
    };
    expect(result('refusedFilters')).toEqual({
      'bpf nothing == 1': refused,
      'tracefs nothing == 1': refused,
      'bpf name ~ "*e*i*"': {
        code: 'unsupported',
        message: expect.stringContaining('start or end'),
        definition: 'fi:bad',
      },
      'tracefs name ~ "*e*i*"': 'opened',
    });
  });

  describe('a recording', () => {
    interface Recorded {
      readonly code: number | null;
      readonly by: string | null;
      readonly stderr: string;
      /** Records that were in the file before it was killed. */
      readonly seen: number;
      readonly kilobytes: number;
      readonly ours: CommandAnswer;
      readonly theirs: CommandAnswer;
    }

    /** Both reports of its file, compared: the lines of ours. */
    function comparedReports({ ours, theirs }: Recorded): string[] {
      expect(ours).toMatchObject({ status: 0, stderr: '' });
      expect(theirs).toMatchObject({ status: 0, stderr: '' });
      expect(commonLines(ours.stdout)).toEqual(judgedLines(theirs.stdout, ''));
      return ours.stdout.trimEnd().split('\n');
    }

    test('is what trace-cmd reads, every record of it', () => {
      const { ended } = result<Record<'ended' | 'killed', Recorded>>('recordings');
      expect(ended).toMatchObject({ code: 0, by: null });
      const { summary } = JSON.parse(ended.stderr) as { summary: { records: number; lost: number } };
      const lines = comparedReports(ended);
      expect(lines).toHaveLength(summary.records);
      expect(summary).toMatchObject({ lost: 0 });
      const text = lines.join('\n');
      expect(text).toMatch(
        /node-\d+ .* read: \(vfs_read\+0x0\/0x\w+\) name="stat" count=\d+ op=\w+\+0x0\/0x\w+/,
      );
      expect(text).toMatch(/ back: \(\w+\+0x\w+\/0x\w+ <- vfs_read\) ret=\d+ c="node"/);
      expect(text).toMatch(/ switch: \(__probestub_sched_switch\S*\) next="swapper\/[01]" /);
    });

    test('that is killed is there up to a moment before', () => {
      const { killed } = result<Record<'ended' | 'killed', Recorded>>('recordings');
      expect(killed).toMatchObject({ code: null, by: 'SIGKILL' });
      expect(killed.seen).toBeGreaterThan(200);
      expect(comparedReports(killed).length).toBeGreaterThanOrEqual(killed.seen);
      // What was never written takes no room.
      expect(killed.kilobytes).toBeLessThan(64 << 10);
    });
  });

  describe('a user who is not root', () => {
    interface Users {
      readonly answers: Readonly<Record<'two' | 'twoInside' | 'one' | 'none', CommandAnswer>>;
      readonly before: BpfObjects;
      readonly after: BpfObjects;
    }
    const answer = (user: keyof Users['answers']): CommandAnswer => result<Users>('users').answers[user];

    test('traces functions and tracepoints with CAP_BPF and CAP_PERFMON', () => {
      const { status, stdout, stderr } = answer('two');
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('"summary"') });
      const records = stdout
        .trim()
        .split('\n')
        .map(
          line =>
            JSON.parse(line) as { event: string; ip?: null; func?: null; args: Record<string, unknown> },
        );
      const events = new Set(records.map(({ event }) => event));
      expect(events).toEqual(new Set(['u/read', 'u/back', 'u/switch']));
      // He may not know where functions are.
      for (const { ip, func } of records) expect([ip, func]).toContain(null);
      expect(records.some(({ event, args }) => event === 'u/read' && args.name === 'stat')).toBe(true);
    });

    test.each([
      ['twoInside', 'kprobe at vfs_read+9', 'CAP_SYS_ADMIN'],
      ['one', 'program for fentry of vfs_read', 'CAP_PERFMON'],
      ['none', 'BPF maps', 'CAP_BPF and CAP_PERFMON'],
    ] as const)('is told what is missing: %s', (user, what, missing) => {
      const { status, stdout, stderr } = answer(user);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(what);
      expect(stderr).toContain(missing);
    });

    test('leaves nothing', () => {
      const { before, after } = result<Users>('users');
      expect(after).toEqual(before);
    });
  });
});

describe('the 6.1 kernel, whose probe events know no names, with a module', () => {
  let results: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    ({ results } = await bootGuest({ kernel: '6.1', modules: ['tun'], script: 'bpf-old.mjs', seconds: 600 }));
  });

  test("values are those of the kernel's own kprobes on the same places", () => {
    const sides = results.values as TwoSides;
    expect(sides).not.toHaveProperty('failed');
    const { hits, values, unread, unreached, differences } = compared(sides);
    expect(differences).toEqual([]);
    // No kernel before 6.9 keeps a function's arguments until it returns; and a kprobe wants a name to be one function's.
    const atReturn = ['readret', 'openret', 'newfile', 'statret', 'mkdirret', 'rwrite', 'rperm', 'ropen'];
    expect(sides.refused.map(({ event, codes }) => [event, ...new Set(codes)])).toEqual([
      ...atReturn.map(event => [event, 'return-arguments']),
      ['several', 'refused'],
    ]);
    const compare = Object.keys(sides.args).length - 1 - sides.refused.length;
    expect([...hits.values()].filter(count => count > 0)).toHaveLength(compare);
    expect(hits.get('open')).toBe(1);
    expect(values).toBeGreaterThan(10_000);
    expect(unread).toBe(hits.get('fixed'));
    expect(unreached).toBe(0);
  });
});
