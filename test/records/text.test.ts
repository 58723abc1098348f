import { describe, expect, it } from 'vitest';
import { flagCharacters, TraceText, traceHeader } from '../../src/records/index.js';
import { WORTH_SCRIPT } from '../../src/records/late-script.js';
import { eventOf, latin1, lineOf, loadRecording, noSymbols, recordOf } from './recorded.js';

describe.each([
  ['6.12-cloud', 20998],
  ['6.12-cloud-symstr', 9],
])('the text of %s', (name, count) => {
  const { capture, symbols, text } = loadRecording(name);

  it("is the kernel's own, byte for byte, of events that are met first and of those met often", () => {
    const lines = new TraceText({ symbols });
    for (let pass = 0; pass <= WORTH_SCRIPT; pass++) {
      lines.out.text(traceHeader(capture.entries, capture.entries + capture.overrun, capture.cpus.length));
      const reader = capture.reader();
      let records = 0;
      for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) {
        records += batch.records.length;
        lines.batch(batch);
      }
      expect(records).toBe(count);
      expect([reader.unknownRecords, reader.damagedPages]).toEqual([0, 0]);
      expect(latin1(lines.take()).split('\n')).toEqual(text.split('\n'));
    }
  });
});

describe('a line', () => {
  const event = eventOf(
    '"(%lx)", REC->__probe_ip',
    [['unsigned long', '__probe_ip', 8, 8]],
    'f:grp/ev vfs_read',
  );
  const ip = new Uint8Array(8).fill(0x11);
  const timedLine = (time: bigint, clock: 'ns' | 'raw' = 'ns') => {
    const text = new TraceText({ symbols: noSymbols, clock });
    text.record(recordOf(event, ip, time));
    return latin1(text.take());
  };

  it.each([
    [0n, '    0.000000'],
    [499n, '    0.000000'],
    [500n, '    0.000001'],
    [1_999_999_499n, '    1.999999'],
    [1_999_999_500n, '    2.000000'],
    [123_456_789_012_345_678n, '123456789.012346'],
    [1_763_850_000_123_456_789n, '1763850000.123457'],
    [0x7fff_ffff_ffff_ffffn, '9223372036.854776'],
    [0xffff_ffff_ffff_0000n, '18446744073.709486'],
  ])('rounds %i ns to %s', (time, text) => {
    expect(timedLine(time)).toBe(`             cat-42      [001] ..... ${text}: ev: (0x1111111111111111)\n`);
  });

  it.each([
    [0n, '            0'],
    [123_456_789_012n, ' 123456789012'],
    [0xffff_ffff_ffff_ffffn, ' 18446744073709551615'],
  ])('shows a raw clock of %i as it is', (time, text) => {
    expect(timedLine(time, 'raw')).toBe(
      `             cat-42      [001] .....${text}: ev: (0x1111111111111111)\n`,
    );
  });

  it('leaves out the flags without irq-info', () => {
    const text = new TraceText({ symbols: noSymbols, irqInfo: false });
    text.record(recordOf(event, ip));
    expect(latin1(text.take())).toBe(
      '             cat-42      [001]      0.001000: ev: (0x1111111111111111)\n',
    );
  });

  it('says what was lost', () => {
    const text = new TraceText({ symbols: noSymbols });
    text.batch({
      lost: [
        { cpu: 3, count: 416 },
        { cpu: 0, count: undefined },
      ],
      records: [],
    });
    expect(latin1(text.take())).toBe('CPU:3 [LOST 416 EVENTS]\nCPU:0 [LOST EVENTS]\n');
  });
});

describe('the flags column', () => {
  it.each([
    [0x00, 0x00, '.....'],
    [0x00, 0x01, '...1.'],
    [0x01, 0x02, 'd..2.'],
    [0x09, 0x03, 'd.h3.'],
    [0x11, 0x07, 'd.s7.'],
    [0x25, 0x04, 'dN.4.'],
    [0x35, 0x03, 'dNs3.'],
    [0x81, 0x10, 'D...1'],
    [0x80, 0x00, 'b....'],
    [0x02, 0x00, 'X....'],
    [0x20, 0x00, '.p...'],
    [0x48, 0xff, '..Zff'],
    [0x40, 0x00, '..z..'],
    [0x18, 0x00, '..H..'],
  ])('of 0x%x 0x%x is %s', (flags, preempt, text) => {
    expect(flagCharacters(flags, preempt)).toBe(text);
  });

  it.each([
    [0x26, '.B...'],
    [0x24, '.N...'],
    [0x22, '.L...'],
    [0x06, '.b...'],
    [0x04, '.n...'],
    [0x02, '.l...'],
    [0x20, '.p...'],
  ])('of 0x%x with lazy rescheduling is %s', (flags, text) => {
    expect(flagCharacters(flags, 0, true)).toBe(text);
  });
});

describe('bodies', () => {
  const bodyOf = (event: ReturnType<typeof eventOf>, tail: readonly number[]) => {
    const symbols = {
      resolve: (address: bigint) =>
        address < 0x1000n
          ? { name: 'func', offset: Number(address), size: 0x40, module: address === 5n ? 'xfs' : undefined }
          : undefined,
    };
    const text = new TraceText({ symbols });
    return lineOf(text, recordOf(event, Uint8Array.from(tail))).slice(51);
  };
  const word = (value: number) => [
    value & 255,
    (value >> 8) & 255,
    (value >> 16) & 255,
    value >>> 24,
    0,
    0,
    0,
    0,
  ];
  const ip = ['unsigned long', '__probe_ip', 8, 8] as const;

  it('show module symbols, a zero address and addresses without a symbol', () => {
    const event = eventOf('"(%lx) a=%pS", REC->__probe_ip, REC->a', [ip, ['u64', 'a', 16, 8]]);
    expect(bodyOf(event, [...word(5), ...word(0)])).toBe('ev: (func+0x5/0x40 [xfs]) a=func+0x0/0x40\n');
    expect(bodyOf(event, [...word(0), ...word(0x2000)])).toBe('ev: (0) a=0x2000\n');
  });

  it('write a return probe caller first', () => {
    const event = eventOf('"(%lx <- %lx)", REC->__probe_func, REC->__probe_ret_ip', [
      ['unsigned long', '__probe_func', 8, 8],
      ['unsigned long', '__probe_ret_ip', 16, 8],
    ]);
    expect(bodyOf(event, [...word(0x10), ...word(0x20)])).toBe('ev: (func+0x20/0x40 <- func)\n');
    expect(bodyOf(event, [...word(0x2000), ...word(0x3000)])).toBe('ev: (0x3000 <- 0x00002000)\n');
  });

  it("hide the trampoline of another's return probe, as a place only", () => {
    const event = eventOf('"(%lx <- %lx) a=%pS", REC->__probe_func, REC->__probe_ret_ip, REC->a', [
      ['unsigned long', '__probe_func', 8, 8],
      ['unsigned long', '__probe_ret_ip', 16, 8],
      ['u64', 'a', 24, 8],
    ]);
    const symbols = {
      resolve: (address: bigint) => ({
        name: 'arch_rethook_trampoline',
        offset: Number(address - 0x10n),
        size: 0x34,
        module: undefined,
      }),
    };
    const text = new TraceText({ symbols });
    text.record(recordOf(event, Uint8Array.from([...word(0x10), ...word(0x10), ...word(0x10)])));
    text.record(recordOf(event, Uint8Array.from([...word(0x10), ...word(0x11), ...word(0x10)])));
    expect(latin1(text.take()).match(/ev: .*/g)).toEqual([
      "ev: ([unknown/kretprobe'd] <- arch_rethook_trampoline) a=arch_rethook_trampoline+0x0/0x34",
      'ev: (arch_rethook_trampoline+0x1/0x34 <- arch_rethook_trampoline) a=arch_rethook_trampoline+0x0/0x34',
    ]);
  });

  it('write plain addresses for a probe in a file', () => {
    const event = eventOf('"(%lx)", REC->__probe_ip', [ip], 'p:grp/ev /bin/sh:0x10');
    expect(bodyOf(event, word(0x10))).toBe('ev: (0x10)\n');
  });

  it('name the event that an event probe is on', () => {
    const event = eventOf('" a=%u", REC->a', [['u8', 'a', 8, 1]], 'e:grp/ev sched/sched_switch a=$prio:u8');
    expect(bodyOf(event, [200])).toBe('ev: (sched.sched_switch) a=200\n');
  });

  it('show a field behind the end of the record as overflow, and keep the rest', () => {
    const event = eventOf('"(%lx) a=%u b=\\"%s\\"", REC->__probe_ip, REC->a, __get_str(b)', [
      ip,
      ['u8', 'a', 16, 1],
      ['__data_loc char[]', 'b', 17, 4, true],
    ]);
    expect(bodyOf(event, [...word(0x10), 9])).toBe('ev: (func+0x10/0x40) a=9 b=<OVERFLOW>\n');
    expect(bodyOf(event, [...word(0x10), 9, 0xff, 0, 9, 0])).toBe('ev: (func+0x10/0x40) a=9 b=<OVERFLOW>\n');
  });

  it('fall back to the fields of an event whose print format is not evaluated', () => {
    const event = eventOf('"x=%weird", REC->x', [
      ['char', 'comm', 8, 4, true, '4'],
      ['int', 'pid', 12, 4, true],
      ['u64', 'addr', 16, 8],
      ['unsigned char', 'c', 24, 1],
      ['unsigned char', 'mac', 25, 6, false, '6'],
      ['__data_loc u8[]', 'data', 31, 4],
    ]);
    const fixed = [0x73, 0x68, 0, 0, 0xff, 0xff, 0xff, 0xff, ...word(0xffff), 0x41, 1, 2, 3, 4, 5, 6];
    const text = new TraceText({ symbols: noSymbols });
    expect(text.styleOf(event)).toBe('fields');
    expect(bodyOf(event, [...fixed, 35, 0, 2, 0, 0xab, 1])).toBe(
      "ev: comm=sh pid=0xffffffff (-1) addr=0xffff (65535) c='A'(65) mac=<INVALID-SIZE> data=ab,01\n",
    );
  });
});
