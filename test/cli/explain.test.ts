import { expect, test } from 'vitest';
import { jsonLines, run } from './btfprobe.js';

test('a chain of members with its offsets, its program, the record and the print format', async () => {
  const { status, stdout } = await run('explain', 'f vfs_read name=file->f_path.dentry->d_name.name:string');
  expect(status).toBe(0);
  expect(stdout).toBe(`event      fprobes/vfs_read__entry: entry of the function vfs_read
listing    f:fprobes/vfs_read__entry vfs_read name=file->f_path.dentry->d_name.name:string
prototype  ssize_t vfs_read(struct file *file, char *buf, size_t count, loff_t *pos)
kernel     6.12-cloud, 6.12.117+deb12-cloud-amd64

name = file->f_path.dentry->d_name.name:string
  stored as string: 4 bytes at 16 of the record
  file      struct file *file
  ->f_path  struct path f_path         +64 in struct file
  .dentry   struct dentry *dentry      +8 in struct path
  ->d_name  struct qstr d_name         +32 in struct dentry
  .name     const unsigned char *name  +8 in struct qstr
  C type: const unsigned char *
     0  ARG 0         value = argument 0 of the function, file
     1  DEREF +72     value = word at value+72
     2  DEREF +40     value = word at value+40
     3  ST_STRING +0  store the text at value+0
     4  END           done

record, 20 bytes and the text of its strings
  offset  size  field                 type
       0     2  common_type           unsigned short
       2     1  common_flags          unsigned char
       3     1  common_preempt_count  unsigned char
       4     4  common_pid            int, signed
       8     8  __probe_ip            unsigned long
      16     4  name                  __data_loc char[], signed
print format
  "(%lx) name=\\"%s\\"", REC->__probe_ip, __get_str(name)
`);
});

test('arguments at return are saved at entry', async () => {
  const { stdout } = await run('explain', 'f vfs_read%return count ret=$retval');
  expect(stdout).toContain('fprobes/vfs_read__exit: return of the function vfs_read');
  expect(stdout).toContain('  EDATA 0   value = the word saved at entry, at 0\n');
  expect(stdout).toMatch(/saved at function entry\n +0 +ARG 2 .*, count\n +1 +ST_EDATA 0 /);
});

test('bit fields tell their bits', async () => {
  const { stdout } = await run('explain', 't sched_wakeup p->sched_contributes_to_load');
  expect(stdout).toContain(
    'unsigned int sched_contributes_to_load : 1  +2356, 1 bits from bit 1, in struct task_struct',
  );
  expect(stdout).toMatch(/MOD_BF \d+, 62, 63 +cut the bit field/);
});

test('the same as JSON', async () => {
  const { status, stdout } = await run('explain', 't sched_switch vruntime=next->se.vruntime', '--json');
  expect(status).toBe(0);
  const [explanation] = jsonLines(stdout);
  expect(explanation).toMatchObject({
    v: 1,
    accepted: true,
    kernel: { name: '6.12-cloud' },
    event: {
      group: 'tracepoints',
      name: 'sched_switch',
      kind: 't',
      place: { kind: 'tracepoint', tracepoint: 'sched_switch', stub: '__probestub_sched_switch' },
    },
    arguments: [
      {
        name: 'vruntime',
        fetchType: 'u64',
        count: 0,
        offset: 16,
        size: 8,
        btf: {
          root: 'next',
          declaration: 'struct task_struct *next',
          type: 'u64',
          steps: [
            { separator: '->', field: 'se', container: 'struct task_struct', offset: 128 },
            { separator: '.', field: 'vruntime', container: 'struct sched_entity', offset: 112 },
          ],
        },
        program: [{ text: 'ARG 3' }, { text: 'ST_MEM +240, 8' }, { text: 'END' }],
      },
    ],
    entryProgram: [],
    record: { size: 24, printFmt: '"(%lx) vruntime=%Lu", REC->__probe_ip, REC->vruntime' },
  });
});

test('the prototype is shown where the definition does not use it, and not where there is none', async () => {
  expect((await run('explain', 'p vfs_read %di')).stdout).toContain(
    'prototype  ssize_t vfs_read(struct file *file,',
  );
  expect((await run('explain', 'e:x sched/sched_switch')).stdout).not.toContain('prototype');
});

test('a refused definition is refused as by check', async () => {
  const { status, stdout } = await run('explain', 'f vfs_read foo');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^trace_fprobe: error: This variable is not found at this probe point\n/);
});

test('a synthetic event is not judged', async () => {
  const notJudged = 'synthetic events (s:) are not judged by btfprobe';
  expect(await run('explain', 's:my_event int x')).toEqual({
    status: 1,
    stdout: `not judged: ${notJudged}\n  s:my_event int x\n`,
    stderr: '',
  });
  const { status, stdout } = await run('explain', 's:my_event int x', '--json');
  expect([status, JSON.parse(stdout)]).toEqual([1, { v: 1, definition: 's:my_event int x', notJudged }]);
});

// Operations that no example above shows: each has a line of its own.
test.each([
  ['p vfs_read %di $stack $stack2', ['REG di', 'STACKP', 'STACK 2']],
  ['p vfs_read a=\\5 b=\\"text" c=$comm', ['IMM 0x5', 'DATA "text"', 'COMM']],
  [
    'p vfs_read @jiffies +u8(%si):ustring +u8(+u16(%si)):u16',
    ['SYMBOL jiffies+0', 'ST_USTRING +8', 'UDEREF +16', 'ST_UMEM +8, 2'],
  ],
  ['p vfs_read +0(%si):u8[4] %ip:symstr', ['LP_ARRAY 4', 'ST_SYMSTR +0']],
  ['e:x sched/sched_switch pid=$next_pid', ['TP_ARG next_pid']],
])('every operation of %s is told', async (definition, operations) => {
  const { status, stdout } = await run('explain', definition);
  expect(status).toBe(0);
  for (const operation of operations) expect(stdout).toContain(`  ${operation} `);
});
