import { describe, expect, test } from 'vitest';
import { openBundle } from '../../../src/host/index.js';
import type { Kernel } from '../../../src/kernel/index.js';
import { KernelView } from '../../../src/kernel/view.js';
import { compileProbe, type LoweringOptions, lowerDefinition } from '../../../src/language/index.js';
import { kernel as cloud } from '../kernel.js';

const old = openBundle(new URL('../../data/kernels/6.1', import.meta.url).pathname);

function lines(kernel: Kernel, definition: string, options?: LoweringOptions): readonly string[] {
  const lowering = lowerDefinition(kernel, definition, options);
  if (!lowering.ok) return lowering.refusals.map(({ code }) => code);
  lowering.event[Symbol.dispose]();
  return lowering.lowered.lines;
}
const line = (kernel: Kernel, definition: string, options?: LoweringOptions): string =>
  lines(kernel, definition, options).join('\n');

describe('beyond the limits of the kernel itself', () => {
  test('a long chain fits as offsets, and stays a function probe', () => {
    const definition = `f vfs_read n=file->f_path.dentry${'->d_parent'.repeat(4)}->d_name.name:string`;
    expect(compileProbe(cloud, definition).accepted).toBe(false);
    expect(line(cloud, definition)).toBe(
      'f:fprobes/vfs_read__entry vfs_read n=+0(+40(+24(+24(+24(+24(+72($arg1))))))):string',
    );
  });

  test('the longest chain that fits is written with a register, one more is refused', () => {
    const long = (count: number): string =>
      `p vfs_read n=file->f_path.dentry${'->d_parent'.repeat(count)}->d_flags:u32`;
    const fits = Array.from({ length: 12 }, (_, count) => count).filter(
      count => !lines(cloud, long(count)).includes('too-long'),
    );
    const most = fits.at(-1)!;
    expect(line(cloud, long(most))).toMatch(/n=\+0\((\+24\()+\+72\((%di|\$arg1)\)+:u32$/);
    expect(lines(cloud, long(most + 1))).toEqual(['too-long']);
  });
});

describe('plain forms', () => {
  test.each([
    // The bit's place in the word, not in the 8 bytes that the kernel shifts in.
    [
      't sched_switch n=next->in_iowait',
      'p:tracepoints/sched_switch __traceiter_sched_switch n=+2360($arg4):b1@4/32',
    ],
    ['f vfs_open f=file:%pD', 'p:fprobes/vfs_open__entry vfs_open f=+0(+40(+72($arg2))):string'],
    [
      'f do_sys_openat2 filename:ustring',
      'p:fprobes/do_sys_openat2__entry do_sys_openat2 filename=+u0($arg2):ustring',
    ],
    ['f vfs_open x=+u8(path->dentry):string', 'p:fprobes/vfs_open__entry vfs_open x=+u8(+8($arg1)):string'],
    [
      'f vfs_open i=path->dentry->d_iname:char[4]',
      'p:fprobes/vfs_open__entry vfs_open i=+56(+8($arg1)):u8[4]',
    ],
    [
      'f vfs_open i=path->dentry->d_iname:string',
      'p:fprobes/vfs_open__entry vfs_open i=+56(+8($arg1)):string',
    ],
    ['f16 vfs_read%return r=$retval:x32', 'r16:fprobes/vfs_read__exit vfs_read r=$retval:x32'],
    ['r:g/e vfs_read count', 'r:g/e vfs_read count=$arg3:u64'],
    [
      'p:g/e vfs_read a=-8(+4(%di)):s16 $stack2 c=$comm \\5 @jiffies:u32',
      'p:g/e vfs_read a=-8(+4(%di)):s16 arg2=$stack2 c=$comm arg4=\\5 arg5=@jiffies:u32',
    ],
    ['f kfree o=object', 'p:fprobes/kfree__entry kfree o=$arg1:x64'],
  ])('%s', (definition, lowered) => {
    expect(line(cloud, definition, { form: 'plain' })).toBe(lowered);
  });

  test('a pattern becomes a line for each function', () => {
    const all = lines(cloud, 'f:g/e vfs_rea* a=$arg1', { form: 'plain' });
    expect(all).toContain('p:g/e vfs_read a=$arg1');
    expect(all).toContain('p:g/e vfs_readv a=$arg1');
    expect(all).toHaveLength(cloud.functions.match('vfs_rea*').length);
  });

  test('what has no plain form is refused', () => {
    expect(lines(cloud, 't pelt_cfs_tp cfs_rq', { form: 'plain' })).toEqual(['no-form']);
    expect(lines(cloud, 'p /bin/sh:10 %ax', { form: 'plain' })).toEqual(['no-form']);
    expect(lines(old, 'f vfs_read%return count')).toEqual(['return-arguments']);
    expect(lines(old, 'f vfs_read nope')).toEqual(['definition']);
  });
});

test('the event that keeps a tracepoint busy is the kernel’s own, not a probe of the same name', () => {
  const { events } = old;
  const own = events.find('sched', 'sched_switch')!;
  const probe = compileProbe(old, 'p:mine/sched_switch vfs_read');
  if (!probe.accepted || probe.event === undefined) throw new Error('refused');
  const others = new Map([
    ['mine', { ...probe.event.layout, id: 3000 }],
    ['eprobes', { ...own, group: 'eprobes', fields: own.fields.slice(0, 1), id: 3001 }],
  ]);
  const busy = new KernelView(old, {
    events: {
      has: (group, name) => events.has(group, name),
      names: () => ['mine/sched_switch', 'eprobes/sched_switch', ...events.names()],
      find: (group, name) =>
        others.get(group) ?? { ...(events.find(group, name) ?? own), id: group === 'sched' ? 300 : 9 },
    },
  });
  const lowering = lowerDefinition(busy, 't sched_switch next->pid');
  expect(lowering.ok && lowering.lowered.tracepoint?.event).toEqual({ group: 'sched', name: 'sched_switch' });
});
