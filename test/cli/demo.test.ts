import { expect, test } from 'vitest';
import { jsonLines, run } from './btfprobe.js';

const definitions = [
  't sched_switch next=next->pid vruntime=next->se.vruntime',
  'f getname_flags%return path=$retval->name:string',
  'f vfs_read file count pos=file->f_pos',
  't kmem_cache_alloc obj_size=s->object_size',
  't sched_wakeup p->se.group_node.next->prev',
  'f kfree $arg*',
  'f:myevent vfs_read $retval',
];

test('every example has its heading, its records and the first of them with its types', async () => {
  const { status, stdout, stderr } = await run('demo');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const sections = stdout.split('\n\n').slice(1, -1);
  expect(sections.map(section => section.split('\n')[0])).toEqual(definitions);
  for (const section of sections) {
    const lines = section.split('\n');
    expect(lines.length).toBe(7);
    const { time } = JSON.parse(lines[6]!) as { time: string };
    const microseconds = String((BigInt(time) + 500n) / 1000n);
    expect(lines[2]).toContain(` ${microseconds.slice(0, -6)}.${microseconds.slice(-6)}: `);
  }
});

test('json: the values of each example have their types', async () => {
  const { status, stdout } = await run('demo', '--json');
  expect(status).toBe(0);
  const records = jsonLines(stdout) as { event: string; args: Record<string, unknown> }[];
  const argsOf = (event: string) => records.filter(one => one.event === event).map(({ args }) => args);
  const decimal = expect.stringMatching(/^-?\d+$/);
  const address = expect.stringMatching(/^0x[\da-f]{1,16}$/);
  const expected = {
    'tracepoints/sched_switch': { next: expect.any(Number), vruntime: decimal },
    'fprobes/vfs_read__entry': { file: address, count: decimal, pos: decimal },
    'tracepoints/kmem_cache_alloc': { obj_size: expect.any(Number) },
    'tracepoints/sched_wakeup': { arg1: address },
    'fprobes/kfree__entry': { object: address },
    'fprobes/myevent': { arg1: decimal },
  };
  for (const [event, args] of Object.entries(expected)) {
    expect(argsOf(event)).toEqual(Array.from({ length: 4 }, () => args));
  }
  const paths = argsOf('fprobes/getname_flags__exit').map(({ path }) => path);
  expect(paths).toHaveLength(4);
  expect(paths.filter(path => typeof path === 'string' && path.startsWith('/')).length).toBeGreaterThan(0);
});
