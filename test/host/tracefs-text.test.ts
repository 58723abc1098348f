import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  commandText,
  parseChoices,
  parseCpuStats,
  parseDynamicEvents,
  parseErrorLog,
  parseSavedCmdlines,
} from '../../src/host/index.js';

const LOG = `[    6.383027] trace_fprobe: error: There is already the exact same probe event
  Command: t:btfp_1_2_0/tv sched_switch prev
           ^
[    6.398332] trace_fprobe: error: This field is not found.
  Command: f:btfp_1_2_0/ev2 vfs_read file->nope
                                           ^
[   16.398332] hist:sched:sched_switch: error: Couldn't find field
  Command: keys=nope
                ^
`;

describe('error_log', () => {
  test('gives each entry with its caret as a column of the command', () => {
    const [same, field, hist] = parseErrorLog(LOG);
    expect(same).toEqual({
      time: '6.383027',
      subsystem: 'trace_fprobe',
      message: 'There is already the exact same probe event',
      command: 't:btfp_1_2_0/tv sched_switch prev',
      caret: 0,
    });
    expect(field!.command.slice(field!.caret)).toBe('nope');
    expect(hist).toMatchObject({ subsystem: 'hist:sched:sched_switch', caret: 5 });
  });

  test('passes over entries that are cut off', () => {
    expect(parseErrorLog(LOG.slice(0, LOG.indexOf('^')))).toEqual([]);
    expect(parseErrorLog(LOG.slice(60))).toHaveLength(2);
  });

  test('survives any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(300), (junk, at) => parseErrorLog(LOG.slice(0, at) + junk).length <= 3),
    );
  });
});

test('a command is shown as its words, without the comment', () => {
  expect(commandText('  p:x/y\tvfs_read  a=\\"b#c" # d')).toBe('p:x/y vfs_read a=\\"b');
  expect(commandText('p\xa0vfs_read')).toBe('p vfs_read');
});

describe('stats of a CPU', () => {
  const text = `entries: 2
overrun: 994
commit overrun: 1
bytes: 64
oldest event ts:     6.440287
now ts:     6.651038
dropped events: 3
read events: 34
`;
  test('are counts by name', () => {
    const expected = { entries: 2, overrun: 994, commitOverrun: 1, bytes: 64, dropped: 3, read: 34 };
    expect(parseCpuStats(text)).toEqual(expected);
  });
  test('without one of the counts are refused', () => {
    expect(parseCpuStats(text.replace('overrun: 994\n', ''))).toBeUndefined();
    expect(parseCpuStats('')).toBeUndefined();
  });
});

test('saved command names keep their blanks', () => {
  expect(parseSavedCmdlines('12 sh\n7 Web Content\n9  x\n')).toEqual(
    new Map([
      [12, 'sh'],
      [7, 'Web Content'],
      [9, ' x'],
    ]),
  );
});

test('the listing of dynamic events is taken apart', () => {
  const text =
    'f:a/b vfs_read file=file\nr10:zz/r_vfs_read_0 vfs_read\nt:c/tv sched_switch\ns:synthetic/s u64 x\nodd\n';
  expect(parseDynamicEvents(text).map(({ kind, group, name, place }) => [kind, group, name, place])).toEqual([
    ['f', 'a', 'b', 'vfs_read'],
    ['r', 'zz', 'r_vfs_read_0', 'vfs_read'],
    ['t', 'c', 'tv', 'sched_switch'],
    ['s', 'synthetic', 's', 'u64'],
  ]);
});

test('choices tell the current one', () => {
  expect(parseChoices('local [mono] boot\n')).toEqual({ names: ['local', 'mono', 'boot'], current: 'mono' });
  expect(parseChoices('\n')).toEqual({ names: [], current: undefined });
});
