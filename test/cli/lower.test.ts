import { expect, test } from 'vitest';
import { jsonLines, run } from './btfprobe.js';

const old = 'test/data/kernels/6.1';

test('a chain of members becomes offsets of that kernel', async () => {
  const { status, stdout } = await run(
    'lower',
    '--to',
    old,
    'f vfs_read name=file->f_path.dentry->d_name.name:string count',
  );
  expect(status).toBe(0);
  expect(stdout).toBe('p:fprobes/vfs_read__entry vfs_read name=+0(+40(+24($arg1))):string count=$arg3:u64\n');
});

test('what the kernel takes and understands in the same way stays as it was', async () => {
  const definition = 'f vfs_read name=file->f_path.dentry->d_name.name:string';
  expect((await run('lower', '--to', 'default', definition)).stdout).toBe(`${definition}\n`);
  // 6.1 takes this, and makes a number without a sign of it.
  expect((await run('lower', '--to', old, 'r vfs_read $retval')).stdout).toBe(
    'r:kprobes/r_vfs_read_0 vfs_read arg1=$retval:s64\n',
  );
});

test('every piece is explained', async () => {
  const { stdout } = await run(
    'lower',
    '--to',
    old,
    '--explain',
    't sched_switch n=next->in_iowait c=prev->comm:char[4]',
  );
  expect(stdout).toMatch(/^p:tracepoints\/sched_switch __traceiter_sched_switch n=/);
  expect(stdout).toContain('enable sched/sched_switch in two instances');
  expect(stdout).toContain('$arg4     struct task_struct *next\n');
  expect(stdout).toContain('in_iowait of struct task_struct\n');
  expect(stdout).toMatch(/:b1@\d\/32 +1 bit from bit \d of a 32-bit word\n/);
  expect(stdout).toMatch(/:u8\[4\] +a byte; btfprobe shows it as a character, 4 times\n/);
});

test('what cannot be said is refused with the reason, the rest is still printed', async () => {
  const { status, stdout, stderr } = await run(
    'lower',
    '--to',
    old,
    'f vfs_read%return count ret=$retval',
    'f vfs_read count',
  );
  expect(status).toBe(1);
  expect(stdout).toBe('p:fprobes/vfs_read__entry vfs_read count=$arg3:u64\n');
  expect(stderr).toContain("count=count is an argument at the function's return: this kernel keeps none");
});

test('the same as JSON', async () => {
  const { stdout } = await run('lower', '--to', old, '--json', 't sched_switch next->pid', 'f nowhere x');
  const [first, second] = jsonLines(stdout);
  expect(first).toMatchObject({
    v: 1,
    lowered: true,
    changed: true,
    tracepoint: { tracepoint: 'sched_switch', event: { group: 'sched', name: 'sched_switch' } },
    event: { group: 'tracepoints', name: 'sched_switch', kind: 't' },
    arguments: [{ name: 'arg1', original: 'next->pid' }],
  });
  expect(second).toMatchObject({ lowered: false, refusals: [{ code: 'definition' }] });
});
