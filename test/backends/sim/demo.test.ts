import { expect, test } from 'vitest';
import { type Run, run } from './runs.js';

const demo = [
  't sched_switch next=next->pid vruntime=next->se.vruntime',
  'f getname_flags%return path=$retval->name:string',
  'f vfs_read file count pos=file->f_pos',
  't kmem_cache_alloc obj_size=s->object_size',
  't sched_wakeup p->se.group_node.next->prev',
  'f kfree $arg*',
  'f:myevent vfs_read $retval',
];
const demoRun = run(demo, { maxHits: 2_000 });
const named = async (name: string): Promise<Run['records']> => {
  const found = (await demoRun).records.filter(record => record.name === name);
  expect(found.length).toBeGreaterThan(20);
  return found;
};

test('every hit is a record, in time order, of a task of the machine', async () => {
  const { records, lost, session } = await demoRun;
  expect(lost).toEqual([]);
  expect(records.length).toBe(2_000);
  expect(session.summary()).toMatchObject({ records: 2_000, lost: 0 });
  expect([...session.summary().perEvent.values()].reduce((sum, count) => sum + count, 0)).toBe(2_000);
  for (const [index, { time }] of records.entries())
    expect(time >= (records[index - 1]?.time ?? 0n)).toBe(true);
  expect(new Set(records.map(record => record.cpu))).toEqual(new Set([0, 1]));
  const names = new Set(records.map(record => record.comm));
  expect(names).toContain('my app-1');
  expect(names).not.toContain('<...>');
});

test('sched_switch: vruntimes of the tasks that come on, which only grow', async () => {
  const last = new Map<number, bigint>();
  for (const { args } of await named('sched_switch')) {
    const pid = args.next as number;
    const vruntime = args.vruntime as bigint;
    expect(vruntime >= (last.get(pid) ?? 0n)).toBe(true);
    last.set(pid, vruntime);
  }
  expect([...last.keys()].sort((a, b) => a - b)).toEqual([0, 1, 15, 154, 161, 212, 230]);
  expect(last.get(0)).toBe(0n);
});

test('getname_flags: the path, or no text where the path could not be read', async () => {
  const records = await named('getname_flags__exit');
  const paths = new Set(records.map(({ args }) => args.path));
  expect(paths).toContain('/etc/passwd');
  expect(paths).toContain('/srv/reports/quarterly-figures-of-the-northern-branch.csv');
  const faulted = records.filter(record => record.states.size > 0);
  expect(faulted.length).toBeGreaterThan(0);
  for (const { args, states } of faulted) {
    expect(args.path).toBeNull();
    expect(states.get('path')).toEqual({ state: 'fault', step: 0, address: 0xfffffffffffffff2n });
  }
  const { text, json } = await demoRun;
  expect(text).toContain('getname_flags__exit: (do_sys_openat2+0x57/0xe0 <- getname_flags) path=(fault)\n');
  expect(json).toContain(
    '"args":{"path":null},"states":{"path":{"state":"fault","step":0,"address":"0xfffffffffffffff2","at":"$retval"}},"faults":{"path":"fault"}}',
  );
});

test('vfs_read: the position moves on by what the same file returned', async () => {
  const targets = [
    'f:p/in vfs_read file count pos=file->f_pos',
    'f:p/out vfs_read $retval',
    'f:p/write vfs_write',
  ];
  const { records } = await run(targets, { maxHits: 600 });
  const results = new Set<bigint>();
  let followed = 0;
  for (const [index, entry] of records.entries()) {
    const exit = records[index + 1];
    if (entry.name !== 'in' || exit?.name !== 'out' || exit.pid !== entry.pid) continue;
    const result = exit.args.arg1 as bigint;
    results.add(result);
    expect(result === -11n || (result >= 0n && result <= (entry.args.count as bigint))).toBe(true);
    const next = records[index + 2];
    const follows = next?.name === 'in' && next.pid === entry.pid && next.time - exit.time < 5_000n;
    if (!follows) continue;
    followed++;
    expect(next.args.pos).toBe((entry.args.pos as bigint) + (result > 0n ? result : 0n));
  }
  expect(followed).toBeGreaterThan(20);
  expect(results).toContain(-11n);
  expect(results).toContain(4096n);
});

test('kmem_cache_alloc: the sizes of the caches', async () => {
  const sizes = new Set((await named('kmem_cache_alloc')).map(({ args }) => args.obj_size));
  expect(sizes).toEqual(new Set([64, 184, 256, 4096]));
});

test('sched_wakeup: the list that a woken task is linked in holds together', async () => {
  const switches = await run(
    ['t sched_wakeup node=p->se.group_node.next->prev own=p->se.group_node.prev->next task=p'],
    { maxHits: 100 },
  );
  for (const { args } of switches.records) {
    // Both neighbours point back to the node that lies inside the woken task.
    expect(args.node).toBe(args.own);
    expect((args.node as bigint) - (args.task as bigint)).toBe(192n);
  }
});

test('kfree: all parameters by name, NULL among them', async () => {
  const objects = (await named('kfree__entry')).map(({ args }) => args.object as bigint);
  expect(objects).toContain(0n);
  for (const object of objects) expect(object === 0n || object >> 32n === 0xffff8880n).toBe(true);
});

test('addresses are those of the kernel: the patch site, the stub, the caller', async () => {
  const { text } = await demoRun;
  for (const place of [
    'sched_switch: (__probestub_sched_switch+0x4/0x10) ',
    'vfs_read__entry: (vfs_read+0x4/0x370) ',
    'myevent: (ksys_read+0x6f/0xf0 <- vfs_read) ',
    'kfree__entry: (kfree+0x4/0x370) ',
  ]) {
    expect(text).toContain(place);
  }
});

test('the text is that of a trace file', async () => {
  const lines = (await demoRun).text.trimEnd().split('\n');
  expect(lines.length).toBe(2_000);
  for (const line of lines)
    expect(line).toMatch(/^ *(\S.*)-\d+ +\[00[01]\] [.d]\.[.h][1-3]\. +\d+\.\d{6}: \w+: \(/);
});
