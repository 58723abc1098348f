import { afterAll, describe, expect, test } from 'vitest';
import {
  type Check,
  type CheckId,
  kernelChecks,
  openBuiltInKernel,
  openBundle,
} from '../../src/host/index.js';
import type { Kernel } from '../../src/kernel/index.js';
import { type Candidate, type Choice, chooseWay, planTrace, type TracePlan } from '../../src/plan/index.js';

const old = openBundle(new URL('../data/kernels/6.1', import.meta.url).pathname);
const cloud = openBuiltInKernel('6.12-cloud');
afterAll(() => {
  old[Symbol.dispose]();
  cloud[Symbol.dispose]();
});

const targets = (texts: readonly string[]) =>
  texts.map(text => {
    const [, group, name] = /^(\w+):(\w+)$/.exec(text) ?? [];
    return group !== undefined && name !== undefined ? { event: { group, name } } : { definition: text };
  });

/** A machine that lacks some things, beside what its kernel was built without. */
function machine(kernel: Kernel, lacks: readonly CheckId[] = []): readonly Check[] {
  const lacked = lacks.map(
    (id): Check => ({ id, title: id, state: 'denied', evidence: `no ${id}`, advice: [`get ${id}`] }),
  );
  return [...kernelChecks(kernel), ...lacked];
}

const choose = (kernel: Kernel, texts: readonly string[], lacks: readonly CheckId[] = []): Choice =>
  chooseWay(kernel, targets(texts), machine(kernel, lacks));
const plan = (kernel: Kernel, ...texts: string[]): TracePlan =>
  planTrace(kernel, targets(texts), machine(kernel));
const reasons = ({ rejected }: Choice): readonly string[] =>
  rejected.map(({ candidate }) => `${candidate.way}: ${candidate.obstacles[0]?.message}`);

const long = `f vfs_read n=file->f_path.dentry${'->d_parent'.repeat(4)}->d_name.name:string`;
const noTracefs: readonly CheckId[] = ['tracefs.mounted', 'tracefs.readable', 'tracefs.writable'];

describe('the choice', () => {
  test.each([
    ['6.12 takes the line', cloud, ['f vfs_read count', 'sched:sched_switch'], [], 'native'],
    ['one line is too long', cloud, ['f vfs_read count', long], [], 'lowered'],
    ['6.1 has no function events', old, ['f vfs_read count'], [], 'lowered'],
    ['6.1 takes the line', old, ['p vfs_read a=$arg1:x64'], [], 'native'],
    ['6.1 keeps no arguments for the return', old, ['f vfs_read%return count'], [], 'bpf'],
    [
      'a tracepoint takes one t event',
      cloud,
      ['t:a/x sched_switch prev->pid', 't:a/y sched_switch'],
      [],
      'bpf',
    ],
    ['tracefs is hidden', cloud, ['f vfs_read count'], noTracefs, 'bpf'],
    ['6.1 without tracefs', old, ['t sched_switch next->pid'], noTracefs, 'bpf'],
  ] as const)('%s', (_, kernel, texts, lacks, way) => {
    expect(choose(kernel, texts, lacks).way).toBe(way);
  });

  test('a line that an older kernel reads as something else is lowered to what newer ones make of it', () => {
    const choice = choose(old, ['r vfs_open $retval']);
    expect(choice.way).toBe('lowered');
    expect(reasons(choice)).toEqual([
      'native: this kernel takes the line and means something else than newer ones: arg1=$retval is x64 here, s32 there',
    ]);
  });

  test('says what stands in the way, once for each way, and nothing that follows from it', () => {
    const choice = choose(cloud, ['f vfs_read count', 'f vfs_write count'], [...noTracefs, 'bpf.load']);
    expect(choice.way).toBeUndefined();
    expect(reasons(choice)).toEqual([
      'native: tracefs.mounted: denied: no tracefs.mounted',
      'lowered: tracefs.mounted: denied: no tracefs.mounted',
      'bpf: bpf.load: denied: no bpf.load',
    ]);
  });

  test("a kernel's silence is no reason", () => {
    const [first] = reasons(choose(old, ['f vfs_read count']));
    expect(first).toContain('this needs Linux 6.5 or newer');
  });

  test('what nobody takes, nobody traces', () => {
    for (const kernel of [cloud, old]) {
      const choice = choose(kernel, ['f vfs_read conut']);
      expect(choice.way).toBeUndefined();
      expect(choice.rejected.map(({ candidate }) => candidate.way)).toEqual(['native', 'lowered', 'bpf']);
    }
  });

  test('events that exist need tracefs', () => {
    expect(reasons(choose(cloud, ['sched:sched_switch'], noTracefs)).at(-1)).toBe(
      'bpf: eBPF traces definitions, not events that exist',
    );
  });

  test("others' events are in nobody's way", () => {
    expect(choose(cloud, ['f:sched/sched_switch vfs_read count']).way).toBe('native');
    expect(choose(old, ['f:sched/sched_switch vfs_read count']).way).toBe('lowered');
  });
});

describe('the plan', () => {
  test('of a lowered line', () => {
    const [{ candidates } = { candidates: [] }] = plan(old, 't:a/sw sched_switch pid=next->pid').targets;
    expect(candidates[1]).toEqual({
      way: 'lowered',
      obstacles: [],
      operations: [
        { kind: 'define', line: 'p:a/sw __traceiter_sched_switch pid=+2416($arg4):s32' },
        { kind: 'enable', group: 'a', event: 'sw' },
        { kind: 'keep-busy', tracepoint: 'sched_switch' },
      ],
      record: { bytes: 24, texts: false },
      cost: 'ftrace',
      notes: ['1 of 1 arguments are written in other words'],
    });
  });

  test('of a program: its place, its size, and why not a cheaper place', () => {
    const [{ candidates } = { candidates: [] }] = plan(old, 'p:a/b vfs_read+9 a=%ax').targets;
    const bpf = candidates[2]!;
    expect(bpf.obstacles).toEqual([]);
    expect(bpf.operations).toEqual([
      { kind: 'load', program: 'kprobe at vfs_read+9', instructions: expect.any(Number) },
      { kind: 'attach', place: 'kprobe at vfs_read+9' },
    ]);
    expect(bpf.cost).toBe('breakpoint');
    expect(bpf.notes).toEqual(['not by a trampoline: the place is inside the function']);
  });

  test('a program that reads at a symbol needs its address', () => {
    const lacks: readonly CheckId[] = [...noTracefs, 'symbols.addresses'];
    expect(choose(cloud, ['f vfs_read a=count'], lacks).way).toBe('bpf');
    expect(reasons(choose(cloud, ['f vfs_read a=@linux_banner:string'], lacks)).at(-1)).toContain(
      'bpf: symbols.addresses',
    );
  });

  test('arguments that are too long for every kernel are none too long for a program', () => {
    const [{ candidates } = { candidates: [] }] = plan(cloud, long).targets;
    expect(candidates.map(({ way, obstacles }) => [way, obstacles.length])).toEqual([
      ['native', 1],
      ['lowered', 0],
      ['bpf', 0],
    ]);
  });
});

describe('a filter', () => {
  const name = 'f vfs_open n=path->dentry->d_name.name:string a=+0($arg1):x64[2] flags=file->f_flags';
  const planned = (kernel: Kernel, text: string, filter: string) =>
    planTrace(kernel, targets([text]), machine(kernel), { filter });

  test('goes to the event before it is enabled, and into the program', () => {
    const filter = 'flags & 2 && n ~ "*.so"';
    const [{ candidates } = { candidates: [] }] = planned(cloud, name, filter).targets;
    const [native, , bpf] = candidates;
    expect(native!.operations).toEqual([
      { kind: 'define', line: name },
      { kind: 'filter', group: 'fprobes', event: 'vfs_open__entry', filter },
      { kind: 'enable', group: 'fprobes', event: 'vfs_open__entry' },
    ]);
    const [bare] = plan(cloud, name).targets;
    const instructions = (candidate: Candidate | undefined): number =>
      candidate!.operations.flatMap(one => (one.kind === 'load' ? [one.instructions] : []))[0]!;
    expect(instructions(bpf)).toBeGreaterThan(instructions(bare!.candidates[2]));
  });

  test('goes to the lowered event, and to one that exists', () => {
    const filter = 'common_pid == 1';
    const operations = (kernel: Kernel, text: string, way: number) =>
      planned(kernel, text, filter).targets[0]!.candidates[way]!.operations.map(({ kind }) => kind);
    expect(operations(old, 'f vfs_read count', 1)).toEqual(['define', 'filter', 'enable']);
    expect(operations(cloud, 'sched:sched_switch', 0)).toEqual(['filter', 'enable']);
  });

  test.each([
    ['n ~ "a*b"', 'the pattern "a*b"'],
    ['n ~ "?b"', 'the pattern "?b"'],
    ['a == 1', 'filter by a'],
  ])('that eBPF cannot ask closes that way alone: %s', (filter, what) => {
    const { targets: plans, choice } = planned(cloud, name, filter);
    expect(choice.way).toBe('native');
    expect(plans[0]!.candidates[2]!.obstacles[0]!.message).toContain(what);
  });

  test('that no way can ask is said of each', () => {
    const choice = chooseWay(cloud, targets(['f vfs_read count', 'sched:sched_switch']), machine(cloud), {
      filter: 'count > 1',
    });
    expect(choice.way).toBeUndefined();
    expect(reasons(choice)).toEqual([
      'native: the filter is refused: Field not found',
      'lowered: events that exist are followed as they are',
      'bpf: eBPF traces definitions, not events that exist',
    ]);
  });

  test('closes the only way that was open', () => {
    const only = targets(['f vfs_read%return name=file->f_path.dentry->d_name.name:string']);
    const choice = chooseWay(old, only, machine(old), { filter: 'name ~ "a*b"' });
    expect(choice.way).toBeUndefined();
    expect(reasons(choice).at(-1)).toBe(
      'bpf: eBPF here does not filter by the pattern "a*b": eBPF looks at a text\'s start or end',
    );
  });
});

test('a way that was refused is closed to that target, with what was said', () => {
  const asked = targets(['f vfs_read count', 'f vfs_write count']);
  const refused = [{ way: 'native', target: asked[1]!, message: 'EBUSY' }] as const;
  const choice = chooseWay(cloud, asked, machine(cloud), { refused });
  expect(choice.way).toBe('bpf');
  expect(choice.rejected.map(({ target }) => target)).toEqual([asked[1], asked[1]]);
  expect(reasons(choice)).toEqual([
    'native: EBUSY',
    'lowered: there is nothing to lower: the kernel takes the line as it is',
  ]);
});
