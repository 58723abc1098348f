import { afterAll, describe, expect, test } from 'vitest';
import { openBundle } from '../../src/host/index.js';
import { dialects, findDialect, withDialect } from '../../src/kernel/index.js';
import { ProbeEvents } from '../../src/language/index.js';

// One kernel's facts judged by each row. What 6.1 and 6.12 say was asked of those kernels (test/conformance); the other
// rows are read from public sources (docs/dialects.md).

const kernel = openBundle('kernels/6.12-cloud');
afterAll(() => kernel[Symbol.dispose]());

/** The listing; or errno, code and column of the caret. */
function ask(dialect: string, ...lines: readonly string[]): string {
  using events = new ProbeEvents(withDialect(kernel, findDialect(dialect)!.dialect));
  const judgements = lines.map(line => events.define(line));
  const last = judgements.at(-1)!;
  if (last.accepted) return events.listing().at(-1)!;
  const { errno, log } = last;
  return [errno, ...log.map(({ code, caret }) => `${code} ${caret ?? '?'}`)].join(' ');
}

function message(dialect: string, line: string): string | undefined {
  using events = new ProbeEvents(withDialect(kernel, findDialect(dialect)!.dialect));
  const judgement = events.define(line);
  return judgement.accepted ? undefined : judgement.log[0]?.message;
}

describe('every line in every dialect', () => {
  type Said = Readonly<Record<string, string>>;
  const f = 'f:fprobes/vfs_read__entry vfs_read';
  const r = 'f:fprobes/vfs_read__exit vfs_read%return';
  const rows: readonly (readonly [line: string, said: Said])[] = [
    [
      'f vfs_read count',
      {
        '5.15': 'EINVAL',
        '6.1': 'EINVAL',
        v4: `${f} count=count`,
        '6.6': `${f} count=count`,
        '6.9': `${f} count=count`,
        '6.12': `${f} count=count`,
      },
    ],
    // Arguments at return, by name, number and all together.
    [
      'f vfs_read%return count',
      {
        v4: 'EINVAL NOSUP_BTFARG 18',
        '6.6': 'EINVAL NOSUP_BTFARG 18',
        '6.9': `${r} count=count`,
        '6.12': `${r} count=count`,
      },
    ],
    [
      'f vfs_read%return $retvalx',
      {
        v4: 'ENOENT NO_BTFARG 18',
        '6.6': 'ENOENT NO_BTFARG 18',
        '6.9': 'ENOENT NO_BTFARG 18',
        '6.12': 'ENOENT NO_BTFARG 18',
      },
    ],
    [
      'f vfs_read%return x=$arg1',
      { v4: 'EINVAL BAD_VAR 20', '6.6': 'EINVAL BAD_VAR 20', '6.9': `${r} x=$arg1`, '6.12': `${r} x=$arg1` },
    ],
    [
      'f vfs_read $retval $arg*',
      {
        v4: 'EINVAL NOFENTRY_ARGS 19',
        '6.6': 'EINVAL NOFENTRY_ARGS 19',
        '6.9': `${r} arg1=$retval file=file buf=buf count=count pos=pos`,
      },
    ],
    [
      'r vfs_read x=$arg1',
      {
        '5.15': 'EINVAL BAD_VAR 13',
        '6.1': 'EINVAL BAD_VAR 13',
        '6.6': 'EINVAL BAD_VAR 13',
        '6.12': 'r10:kprobes/r_vfs_read_0 vfs_read x=$arg1',
      },
    ],
    [
      'p vfs_read+9 x=$arg1',
      { '6.1': 'EINVAL BAD_VAR 15', '6.6': 'EINVAL BAD_VAR 15', '6.9': 'EINVAL NOFENTRY_ARGS 15' },
    ],
    [
      'f vfs_read file->f_path.dentry->d_name.name:%pd',
      { '6.6': 'EINVAL BAD_TYPE 44', '6.9': 'EINVAL BAD_TYPE 44' },
    ],
    // Tracepoints.
    [
      't no_such_tracepoint',
      {
        v4: 'EINVAL NO_TRACEPOINT 2',
        '6.6': 'EINVAL NO_TRACEPOINT 2',
        '6.9': 'EINVAL NO_TRACEPOINT 2',
        '6.12': 't:tracepoints/no_such_tracepoint no_such_tracepoint',
      },
    ],
    ['t no.such', { '6.6': 'EINVAL NO_TRACEPOINT 2', '6.12': 'EINVAL BAD_TP_NAME 4' }],
    ['t:1 no_such_tracepoint', { '6.6': 'EINVAL BAD_EVENT_NAME 2' }],
    [
      't sched_switch $retval',
      { v4: 'ENOENT NO_RETVAL 15', '6.6': 'EINVAL RETVAL_ON_PROBE 15', '6.12': 'EINVAL RETVAL_ON_PROBE 15' },
    ],
    // Symbols of kprobes.
    [
      'p no_such_function',
      {
        '5.15': 'ENOENT BAD_PROBE_ADDR 2',
        '6.1': 'ENOENT BAD_PROBE_ADDR 2',
        '6.6': 'ENOENT BAD_PROBE_ADDR 2',
        '6.12': 'EINVAL BAD_PROBE_ADDR 2',
      },
    ],
    [
      'p no_such_function x=',
      { '5.15': 'EINVAL NO_ARG_BODY 21', v4: 'EINVAL NO_ARG_BODY 21', '6.1': 'ENOENT BAD_PROBE_ADDR 2' },
    ],
    [
      'p8 vfs_read',
      {
        '6.1': 'EINVAL MAXACT_NO_KPROBE 1',
        v4: 'EINVAL BAD_MAXACT_TYPE 1',
        '6.12': 'EINVAL BAD_MAXACT_TYPE 1',
      },
    ],
    // Types and sizes.
    [
      'p vfs_read $comm:u8',
      {
        '6.1': 'EINVAL',
        v4: 'EINVAL',
        '6.6': 'EINVAL NEED_STRING_TYPE 17',
        '6.12': 'EINVAL NEED_STRING_TYPE 17',
      },
    ],
    [
      `p vfs_read x=\\${'1'.repeat(70)}`,
      { '6.1': 'EINVAL ARG_TOO_LONG 13', '6.6': 'EINVAL ARG_TOO_LONG 13', '6.12': 'E2BIG ARG_TOO_LONG 13' },
    ],
    [
      'p vfs_read $arg1:symstr',
      { '5.15': 'EINVAL BAD_TYPE 17', '6.1': 'p:kprobes/p_vfs_read_0 vfs_read arg1=$arg1:symstr' },
    ],
    ['p:mine/ vfs_read', { '5.15': 'EINVAL NO_EVENT_NAME 7', '6.1': 'p:mine/p_vfs_read_0 vfs_read' }],
    // Events on events.
    [
      'e sched.sched_switch $nosuch',
      { '5.15': 'ENOENT', '6.1': 'ENOENT BAD_ATTACH_ARG 21', '6.6': 'EINVAL BAD_VAR 21' },
    ],
    [
      'e sched.sched_switch x=$nosuch',
      { '6.1': 'ENOENT BAD_ATTACH_ARG 21', '6.6': 'EINVAL BAD_VAR 21', '6.12': 'EINVAL BAD_VAR 23' },
    ],
    ['e sched.no_such', { '5.15': 'ENODEV', '6.1': 'ENODEV BAD_ATTACH_EVENT 2' }],
  ];

  test.each(rows)('%s', (line, said) => {
    expect(Object.fromEntries(Object.keys(said).map(name => [name, ask(name, line)]))).toEqual(said);
  });
});

test('more than 128 arguments', () => {
  const events = `e sched.sched_switch ${Array.from({ length: 129 }, (_, i) => `a${i}=$comm`).join(' ')}`;
  expect(ask('6.12', events)).toBe('E2BIG');
  expect(ask('6.1', events)).toMatch(/ a127=\$comm$/);
  const line = `p vfs_read ${Array.from({ length: 129 }, (_, i) => `a${i}=$stack`).join(' ')}`;
  expect(ask('6.12', line)).toBe('E2BIG');
  expect(ask('6.6', line)).toBe('E2BIG');
  expect(ask('v4', line)).toMatch(/ a127=\$stack$/);
});

test('an event too big', () => {
  const line = `p vfs_read ${Array.from({ length: 8 }, (_, i) => `a${i}=+0($stack):u64[64]`).join(' ')}`;
  expect(ask('6.6', line)).toMatch(/^E2BIG EVENT_TOO_BIG/);
  expect(ask('v4', line)).toMatch(/^p:kprobes/);
});

test('several t events on one tracepoint', () => {
  expect(ask('6.12', 't:a sched_switch', 't:b sched_switch')).toBe('EEXIST');
  expect(ask('6.6', 't:a sched_switch', 't:b sched_switch')).toBe('t:tracepoints/b sched_switch');
});

test('texts of errors', () => {
  expect(message('6.6', 'f vfs_read%return $arg*')).toBe('$arg* can be used only on function entry');
  expect(message('6.9', 'p vfs_read+9 $arg*')).toBe('$arg* can be used only on function entry or exit');
  expect(message('5.15', 'p vfs_read $nosuch')).toBe('Invalid $-valiable specified');
  expect(message('6.1', 'p vfs_read $nosuch')).toBe('Invalid $-variable specified');
});

test('a program that is full', () => {
  const nested = `${'+0('.repeat(12)}@jiffies${')'.repeat(12)}`;
  const line = `p vfs_read a=${nested}:u8[1]`;
  expect(ask('6.6', line)).toMatch(/^EINVAL TOO_MANY_OPS/);
  expect(ask('6.12', line)).toMatch(/^E2BIG TOO_MANY_OPS/);
});

test('rows have names of their own, and every kernel that was asked is a row', () => {
  const names = dialects.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(kernel.dialect.name).toBe('6.12');
  using old = openBundle('test/data/kernels/6.1');
  expect(old.dialect.name).toBe('6.1');
});

describe('members', () => {
  const place = 'f io_ring_ctx_wait_and_kill';

  function loads(dialect: string, line: string): readonly string[] {
    using events = new ProbeEvents(withDialect(kernel, findDialect(dialect)!.dialect));
    const judgement = events.define(line);
    const event = judgement.accepted ? judgement.event : undefined;
    return (event?.args[0]?.program ?? []).map(op =>
      [op.op, 'offset' in op ? op.offset : ''].join(' ').trim(),
    );
  }

  test('a bitfield in an anonymous struct is read by the wrong flag before 6.12', () => {
    const line = `${place} ctx->drain_next`;
    // 6.12.117 was asked: task_complete, lockless_cq and flags of a ring read as they were set up.
    expect(loads('6.12', line)).toEqual(['ARG', 'ST_MEM 4', 'MOD_BF', 'END']);
    // A width of 1 in the top byte of the stored offset is 1 << 24 bits.
    expect(loads('6.6', line)).toEqual(['ARG', `ST_MEM ${4 + 2 ** 21}`, 'END']);
    expect(loads('v4', line)).toEqual(['ARG', `ST_MEM ${4 + 2 ** 21}`, 'END']);
  });

  test('v4 leaves out where the anonymous struct lies', () => {
    const line = 'f vfs_read%return $retval';
    expect(loads('v4', line)).toEqual(loads('6.12', line));
    expect(loads('v4', 'f folio_mark_dirty folio->index')).not.toEqual(
      loads('6.12', 'f folio_mark_dirty folio->index'),
    );
  });
});
