import { describe, expect, test } from 'vitest';
import { cleanLeftovers, findLeftovers } from '../../../src/backends/tracefs/index.js';
import {
  groupName,
  helperNames,
  instanceName,
  ownerOfGroup,
  ownerOfHelper,
  ownerOfInstance,
} from '../../../src/backends/tracefs/names.js';
import { processStartTime, Tracefs } from '../../../src/host/index.js';
import { MemoryTracefs } from './memory-tracefs.js';

/** Above any kernel's pid_max. */
const dead = { pid: 99_999_999, startTime: '123', sequence: 0 };
const alive = { pid: process.pid, startTime: processStartTime('self')!, sequence: 7 };
const reused = { ...alive, startTime: '1' };

describe('names', () => {
  test('tell the run they belong to', () => {
    for (const run of [dead, alive]) {
      expect(ownerOfInstance(instanceName(run))).toEqual(run);
      for (const name of helperNames(run)) {
        expect(ownerOfHelper(name)).toEqual(run);
        expect(ownerOfInstance(name)).toBeUndefined();
      }
      for (const index of [0, 1, 12]) expect(ownerOfGroup(groupName(run, index))).toEqual(run);
    }
  });
  test.each([
    'btfprobe',
    'btfprobe-1',
    'btfprobe-1-2',
    'btfprobe-1-2-3-4',
    'xbtfprobe-1-2-3',
    'btfprobe-a-2-3',
  ])('%s is not ours', name => expect(ownerOfInstance(name)).toBeUndefined());
  test.each(['btfp', 'btfp_1_2', 'btfp_1_2_x', 'btfp_1_2_3_4_5', 'my_btfp_1_2_3'])(
    'group %s is not ours',
    name => expect(ownerOfGroup(name)).toBeUndefined(),
  );
  test('fit in what the kernel allows', () => {
    const longest = { pid: 4_194_304, startTime: '18446744073709551615', sequence: 999_999_999 };
    expect(groupName(longest, 127).length).toBeLessThanOrEqual(63);
  });
});

function withRuns(): { files: MemoryTracefs; tracefs: Tracefs } {
  const files = new MemoryTracefs();
  for (const run of [dead, alive, reused]) {
    files.makeDirectory(`instances/${instanceName(run)}`);
    files.write('dynamic_events', `f:${groupName(run, 0)}/a vfs_read`);
    files.write('dynamic_events', `p:${groupName(run, 1)}/b vfs_write`);
    files.write(`instances/${instanceName(run)}/events/${groupName(run, 0)}/a/enable`, '1');
  }
  for (const name of [...helperNames(dead), ...helperNames(alive)]) {
    files.makeDirectory(`instances/${name}`);
    files.write(`instances/${name}/events/sched/sched_switch/enable`, '1');
  }
  files.makeDirectory('instances/of-another');
  files.write('dynamic_events', 'p:others/x vfs_read');
  files.write('instances/of-another/events/others/x/enable', '1');
  return { files, tracefs: new Tracefs(files) };
}

test('only what the dead left is found', () => {
  expect(findLeftovers(withRuns().tracefs)).toEqual(
    [dead, reused].map(run => ({
      run,
      instance: instanceName(run),
      helpers: run === dead ? helperNames(run) : [],
      events: [
        { group: groupName(run, 0), name: 'a' },
        { group: groupName(run, 1), name: 'b' },
      ],
    })),
  );
});

test('cleaning removes it and nothing of others or of the living', () => {
  const { files, tracefs } = withRuns();
  expect(cleanLeftovers(tracefs).map(({ removed }) => removed)).toEqual([true, true]);
  expect(findLeftovers(tracefs)).toEqual([]);
  expect([...files.probes.keys()]).toEqual([
    `${groupName(alive, 0)}/a`,
    `${groupName(alive, 1)}/b`,
    'others/x',
  ]);
  expect([...files.instances]).toEqual([instanceName(alive), ...helperNames(alive), 'of-another']);
  expect(files.read('instances/of-another/events/others/x/enable')).toBe('1\n');
});

test('a run whose pages somebody has open is left alone, its events too', () => {
  const { files, tracefs } = withRuns();
  const pipe = files.openRaw(`instances/${instanceName(dead)}/per_cpu/cpu0/trace_pipe_raw`);
  const [first] = cleanLeftovers(tracefs);
  expect(first).toMatchObject({ removed: false });
  expect(first!.reason).toContain('in use');
  expect(files.probes.has(`${groupName(dead, 0)}/a`)).toBe(true);
  pipe.close();
  expect(cleanLeftovers(tracefs)).toMatchObject([{ removed: true }]);
});

test('events without their instance are leftovers as well', () => {
  const { files, tracefs } = withRuns();
  files.removeDirectory(`instances/${instanceName(dead)}`);
  expect(cleanLeftovers(tracefs)[1]).toMatchObject({ leftover: { instance: undefined }, removed: true });
});
