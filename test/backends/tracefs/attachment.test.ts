import { expect, test } from 'vitest';
import { Attachment } from '../../../src/backends/tracefs/attachment.js';
import { Tracefs } from '../../../src/host/index.js';
import { MemoryTracefs } from './memory-tracefs.js';

function attached(): { files: MemoryTracefs; attachment: Attachment } {
  const files = new MemoryTracefs();
  const tracefs = new Tracefs(files);
  const attachment = new Attachment(tracefs);
  attachment.makeInstance('btfprobe-1-2-0');
  attachment.openPipes();
  for (const name of ['a', 'b']) {
    tracefs.define(`f:btfp_1_2_0/${name} vfs_read`);
    attachment.noteDefined({ group: 'btfp_1_2_0', name });
  }
  attachment.enable({ group: 'btfp_1_2_0', name: 'a' });
  attachment.enable({ group: 'btfp_1_2_0', name: 'b' });
  attachment.enable({ group: 'sched', name: 'sched_switch' });
  return { files, attachment };
}

test('is taken down in the order that loses and leaves nothing', () => {
  const { files, attachment } = attached();
  const before = files.journal.length;
  expect(attachment.takeDown()).toEqual([]);
  expect(files.journal.slice(before)).toEqual([
    'write instances/btfprobe-1-2-0/tracing_on 0',
    'write instances/btfprobe-1-2-0/events/btfp_1_2_0/a/enable 0',
    'write instances/btfprobe-1-2-0/events/btfp_1_2_0/b/enable 0',
    'write instances/btfprobe-1-2-0/events/sched/sched_switch/enable 0',
    'close instances/btfprobe-1-2-0/per_cpu/cpu0/trace_pipe_raw',
    'close instances/btfprobe-1-2-0/per_cpu/cpu1/trace_pipe_raw',
    'rmdir instances/btfprobe-1-2-0',
    'write dynamic_events -:btfp_1_2_0/b',
    'write dynamic_events -:btfp_1_2_0/a',
  ]);
  expect(files.remains()).toEqual([]);
  expect(attachment.exists).toBe(false);
});

test('keeps the counts of the buffers after it is gone', () => {
  const { files, attachment } = attached();
  const counts = {
    entries: 5,
    overrun: 7,
    'commit overrun': 0,
    bytes: 9,
    'dropped events': 1,
    'read events': 2,
  };
  files.stats.set(
    'cpu1',
    Object.entries(counts)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  );
  // Somebody who looks into the instance keeps it there.
  const looking = files.openRaw('instances/btfprobe-1-2-0/per_cpu/cpu0/trace_pipe_raw');
  const kept = { overrun: 7, dropped: 1, entries: 5 };
  expect(attachment.takeDown()).toHaveLength(1);
  expect(attachment.stats().get(1)).toMatchObject(kept);
  looking.close();
  expect(attachment.takeDown()).toEqual([]);
  expect(attachment.stats().get(1)).toMatchObject(kept);
});

test('goes on after failures, tells them, and finishes when tried again', () => {
  const { files, attachment } = attached();
  files.refusals.push({ when: /^-:btfp_1_2_0\/b/, errno: 'EINVAL' });
  const failures = attachment.takeDown();
  expect(failures.map(({ message }) => message)).toEqual(['cannot use dynamic_events: EINVAL']);
  expect(files.remains()).toEqual(['btfp_1_2_0/b']);
  expect(attachment.exists).toBe(true);
  files.refusals.length = 0;
  expect(attachment.takeDown()).toEqual([]);
  expect(files.remains()).toEqual([]);
});

test('deletes its events also where somebody enabled them in an instance of his own', () => {
  const { files, attachment } = attached();
  files.makeDirectory('instances/of-another');
  files.write('instances/of-another/events/btfp_1_2_0/a/enable', '1');
  expect(attachment.takeDown()).toEqual([]);
  expect(files.remains()).toEqual(['of-another']);
});

test('a start that stops half way is undone as far as it came', () => {
  const files = new MemoryTracefs();
  const attachment = new Attachment(new Tracefs(files));
  files.broken.add('instances/btfprobe-1-2-0/tracing_on');
  expect(() => attachment.makeInstance('btfprobe-1-2-0')).toThrow('EINVAL');
  attachment.takeDown();
  expect(files.remains()).toEqual([]);
});

test('a tracepoint is kept busy in two instances that record nothing, and they go before the run does', () => {
  const { files, attachment } = attached();
  const busy = ['btfprobe-1-2-0-busy0', 'btfprobe-1-2-0-busy1'];
  const start = files.journal.length;
  attachment.keepBusy({ group: 'sched', name: 'sched_switch' }, busy);
  attachment.keepBusy({ group: 'sched', name: 'sched_wakeup' }, busy);
  const makes = (name: string): string[] => [
    `mkdir instances/${name}`,
    `write instances/${name}/tracing_on 0`,
    `write instances/${name}/buffer_size_kb 1`,
  ];
  const enables = (event: string): string[] =>
    busy.map(name => `write instances/${name}/events/sched/${event}/enable 1`);
  expect(files.journal.slice(start)).toEqual([
    ...busy.flatMap(makes),
    ...enables('sched_switch'),
    ...enables('sched_wakeup'),
  ]);
  expect(attachment.takeDown()).toEqual([]);
  expect(files.remains()).toEqual([]);
  expect(files.journal.filter(step => step.startsWith('rmdir'))).toEqual(
    [...busy, 'btfprobe-1-2-0'].map(name => `rmdir instances/${name}`),
  );
});
