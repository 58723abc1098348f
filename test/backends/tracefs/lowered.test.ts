import { afterAll, expect, test } from 'vitest';
import { BackendError, tracefsBackend } from '../../../src/backends/tracefs/index.js';
import { openBuiltInKernel, openBundle, Tracefs } from '../../../src/host/index.js';
import type { Kernel } from '../../../src/kernel/index.js';
import { compileProbe, formatFile, type LoweredForm } from '../../../src/language/index.js';
import { MemoryTracefs } from './memory-tracefs.js';

const old = openBundle(new URL('../../data/kernels/6.1', import.meta.url).pathname);
const cloud = openBuiltInKernel('6.12-cloud');
afterAll(() => {
  old[Symbol.dispose]();
  cloud[Symbol.dispose]();
});

/** Opens a session whose kernel has the formats that it would make of the lines. */
async function open(
  kernel: Kernel,
  lowered: LoweredForm,
  definitions: readonly string[],
  files = new MemoryTracefs(),
) {
  const write = files.write.bind(files);
  files.write = (path, text) => {
    write(path, text);
    if (path !== 'dynamic_events' || text.startsWith('-')) return;
    const judgement = compileProbe(kernel, text);
    if (!judgement.accepted || judgement.event === undefined) return;
    files.formats.set(judgement.event.name, formatFile({ ...judgement.event.layout, id: 1500 }));
  };
  const session = await tracefsBackend({ tracefs: new Tracefs(files), lowered }).open(
    kernel,
    definitions.map(definition => ({ definition })),
  );
  return { files, session };
}

async function refusal(work: Promise<unknown>): Promise<BackendError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BackendError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const written = (files: MemoryTracefs): string[] =>
  files.journal
    .filter(step => step.startsWith('write dynamic_events'))
    .map(step => step.replace('write dynamic_events ', '').replace(/btfp_\w+?\//, 'OURS/'));

test('what is written are the lowered lines, what is read is the definition', async () => {
  const { files, session } = await open(old, 'newest', [
    'f:mine/read vfs_read name=file->f_path.dentry->d_name.name:string count',
    'p:mine/write vfs_write $arg1',
    'r vfs_open $retval',
  ]);
  expect(session.backend).toBe('lowered');
  expect(written(files)).toEqual([
    'p:OURS/read vfs_read name=+0(+40(+24($arg1))):string count=$arg3:u64',
    'p:OURS/write vfs_write file=$arg1:x64',
    'r:OURS/r_vfs_open_0 vfs_open arg1=$retval:s32',
  ]);
  const [read] = session.events;
  expect(read).toMatchObject({ group: 'mine', name: 'read', layout: { group: 'mine', id: 1500 } });
  expect(read!.definition).toContain('file->f_path.dentry->d_name.name');
  expect(read!.layout.printFmt).toBe(
    '"(%lx) name=\\"%s\\" count=%Lu", REC->__probe_ip, __get_str(name), REC->count',
  );
  expect([...read!.types!.keys()]).toEqual(['name', 'count']);
  await session[Symbol.asyncDispose]();
  expect(files.remains()).toEqual([]);
});

test('a tracepoint without tracepoint probes is kept busy while its iterator is probed', async () => {
  const { files, session } = await open(old, 'newest', ['t:mine/sw sched_switch next->pid']);
  expect(written(files)).toEqual(['p:OURS/sw __traceiter_sched_switch arg1=+2416($arg4):s32']);
  const run = [...files.instances][0]!;
  expect([...files.instances]).toEqual([run, `${run}-busy0`, `${run}-busy1`]);
  const enabled = files.journal.filter(step => /sched_switch\/enable 1$/.test(step));
  expect(enabled).toHaveLength(2);
  expect(files.journal.at(-1)).toBe(`write instances/${run}/tracing_on 1`);
  await session[Symbol.asyncDispose]();
  expect(files.remains()).toEqual([]);
});

test('a pattern becomes a line for each function, all of one event', async () => {
  const { files, session } = await open(old, 'newest', ['f:mine/re vfs_read* a=$arg1']);
  const lines = written(files);
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line).toMatch(/^p:OURS\/re vfs_read\w* a=\$arg1$/);
  expect(session.events.map(({ group, name }) => `${group}/${name}`)).toEqual(['mine/re']);
  await session[Symbol.asyncDispose]();
  expect(files.remains()).toEqual([]);
});

test('a kernel that takes a line gets it as it is, unless all are to be plain', async () => {
  const definition = 'f:mine/read vfs_read count';
  const newest = await open(cloud, 'newest', [definition]);
  expect(written(newest.files)).toEqual(['f:OURS/read vfs_read count']);
  await newest.session[Symbol.asyncDispose]();
  const plain = await open(cloud, 'plain', [definition]);
  expect(written(plain.files)).toEqual(['p:OURS/read vfs_read count=$arg3:u64']);
  await plain.session[Symbol.asyncDispose]();
});

test("names that others' events have are free", async () => {
  const { files, session } = await open(cloud, 'plain', ['f:sched/sched_switch vfs_read count']);
  expect(session.events[0]).toMatchObject({ group: 'sched', name: 'sched_switch' });
  await session[Symbol.asyncDispose]();
  expect(files.remains()).toEqual([]);
});

test.each([
  ['what no kernel takes', 'f vfs_read conut', { code: 'definition', diagnostics: [{ code: 'NO_BTFARG' }] }],
  ['what this one has no words for', 'f vfs_read%return count', { code: 'unsupported', diagnostics: [] }],
])('%s is refused, and nothing is left', async (_, definition, expected) => {
  const files = new MemoryTracefs();
  const error = await refusal(open(old, 'newest', ['p:a/good vfs_write', definition], files));
  expect(error).toMatchObject({ ...expected, definition });
  expect(files.remains()).toEqual([]);
});

test('a lowered line that the kernel refuses is told with the definition it was made of', async () => {
  const files = new MemoryTracefs();
  files.refusals.push({ when: /^p:/, errno: 'EINVAL' });
  const error = await refusal(open(old, 'newest', ['f vfs_read count'], files));
  expect(error.definition).toContain('vfs_read count=$arg3:u64');
  expect(error.hints.join()).toContain('of: f vfs_read count');
  expect(files.remains()).toEqual([]);
});
