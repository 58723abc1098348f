import { describe, expect, test } from 'vitest';
import { openRun, run, type SeenRecord } from './runs.js';

const targets = [
  'f:g/read vfs_read count name=file->f_path.dentry->d_name.name:string low=count:s8 c=$comm',
  'r:g/left vfs_read count=$retval:s64 name=$comm low=$retval:s8 c=$comm',
];
const options = { maxSteps: 1_500 };

/** Lines of a run, and of those of a run without a filter that `passes` lets through. */
async function compared(filter: string, passes: (record: SeenRecord) => boolean, of = targets) {
  const filtered = await run(of, options, { filter });
  const whole = await run(of, options);
  const expected = whole.records.filter(passes);
  expect(filtered.records).toEqual(expected);
  expect(filtered.session.summary()).toMatchObject({ records: expected.length, lost: 0 });
  expect(expected.length).toBeGreaterThan(0);
  expect(expected.length).toBeLessThan(whole.records.length);
}

const countOf = ({ args }: SeenRecord) => args.count as bigint;

describe('a filter lets through', () => {
  test.each<[string, (record: SeenRecord) => boolean]>([
    ['count >= 832', record => countOf(record) >= 832n],
    ['count != 4096', record => countOf(record) !== 4096n],
    ['count & 0x80', record => (BigInt.asUintN(64, countOf(record)) & 0x80n) !== 0n],
    ['low < 0', ({ args }) => Number(args.low) < 0],
    ['name == "passwd"', ({ args }) => args.name === 'passwd'],
    ['name != "passwd"', ({ args }) => args.name !== 'passwd'],
    [
      'name ~ "*.csv" || comm ~ "c?t"',
      ({ args, comm }) => /\.csv$/.test(String(args.name)) || /^c.t$/.test(comm),
    ],
    ['!(c ~ "!*app*")', ({ comm }) => comm.includes('app')],
    ['CPU == 1 && common_pid > 160', ({ cpu, pid }) => cpu === 1 && pid > 160],
  ])('%s', compared);

  test('events that the kernel has', async () => {
    await compared('next_comm == "cat" && prev_prio <= 120', ({ args }) => args.next_comm === 'cat', [
      'sched:sched_switch',
    ]);
  });

  test('nothing of what could not be read', async () => {
    const of = ['f:g/name getname_flags p=+0(filename):string byte=+0(filename):u8'];
    const unread = ({ states }: SeenRecord) => states.size > 0;
    await compared('byte == 0x2f || byte != 0x2f', record => !unread(record), of);
    await compared('p ~ "*"', record => !unread(record), of);
    await compared('!(p ~ "*")', unread, of);
  });
});

test('hits that do not pass are not those that a run ends after', async () => {
  const { records } = await run(targets, { maxHits: 20 }, { filter: 'name == "passwd"' });
  expect(records.map(({ args }) => args.name)).toEqual(Array(20).fill('passwd'));
});

describe('what is refused', () => {
  test.each([
    ['count >', 'definition', 'the filter is refused for g:read: Invalid value (did you forget quotes)?'],
    ['nothing == 1', 'definition', 'the filter is refused for g:read: Field not found'],
    ['CPU == CPUS{1}', 'unsupported', 'the simulated kernel does not filter by CPU == CPUS{1}'],
    ['__probe_ip.function == vfs_read', 'unsupported', '__probe_ip.function == vfs_read'],
  ])('%s', async (filter, code, message) => {
    await expect(openRun(targets, {}, { filter })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
