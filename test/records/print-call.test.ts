import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDefaultKernel } from '../../src/host/index.js';
import { enumeratorValues } from '../../src/kernel/index.js';
import { TraceText, traceHeader } from '../../src/records/index.js';
import { eventOf, latin1, lineOf, loadRecording, noSymbols, type Recording, recordOf } from './recorded.js';

describe('the text of static events', () => {
  const recording = loadRecording('6.12-cloud-static');
  const { capture } = recording;
  using kernel = openDefaultKernel();
  const enumerator = enumeratorValues(kernel.types!);
  const asked = new Set(capture.events.map(({ group }) => group));

  it("is the kernel's own, line by line, but for what only the kernel knew", () => {
    const constants = (name: string) => (name === 'HZ' ? 250n : enumerator(name));
    const { same, types, different } = compare(recording, constants);
    expect(same).toBe(64489);
    expect(types).toBe(347);
    expect(different).toEqual(
      [
        // Where the kernel's array of pages begins: it moves at each boot.
        'print format kmem/mm_page_alloc',
        'print format kmem/mm_page_alloc_zone_locked',
        'print format kmem/mm_page_free',
        'print format kmem/mm_page_free_batched',
        // They count from the time of printing.
        'fields writeback/writeback_single_inode',
        'fields writeback/writeback_single_inode_start',
      ].sort(),
    );
  });

  it('is all the same where the array of pages is known, too, for all but 1 % of the events', () => {
    const known = new Map([
      ['HZ', 250n],
      ['vmemmap_base', 0xffd4_0000_0000_0000n],
    ]);
    const { same, types, different } = compare(recording, name => known.get(name) ?? enumerator(name));
    expect(same).toBe(68133);
    expect(different).toEqual([
      'fields writeback/writeback_single_inode',
      'fields writeback/writeback_single_inode_start',
    ]);
    expect(different.length / types).toBeLessThan(0.01);
  });

  it('is understood for nearly all events of the kernel', () => {
    const constants = (name: string) => (name === 'HZ' ? 250n : enumerator(name));
    const text = new TraceText({ symbols: noSymbols, constants });
    const left = capture.events.filter(event => text.styleOf(event) === 'fields');
    expect(asked.size).toBe(100);
    expect(capture.events.length).toBe(1552);
    expect(left.length / capture.events.length).toBeLessThan(0.01);
    expect(left.map(({ group, name }) => `${group}/${name}`).sort()).toEqual([
      // A parenthesised REC: only this event of the function tracer has it.
      'ftrace/func_repeats',
      // They call functions of the kernel that do more than name a number.
      'intel_iommu/prq_report',
      'nvme/nvme_setup_cmd',
      // They count from the time of printing.
      'writeback/writeback_sb_inodes_requeue',
      'writeback/writeback_single_inode',
      'writeback/writeback_single_inode_start',
      // They call functions of the kernel, or take a width from an argument.
      'xen/xen_mc_entry',
      'xen/xen_mc_extend_args',
      'xen/xen_mmu_ptep_modify_prot_commit',
      'xen/xen_mmu_ptep_modify_prot_start',
      'xen/xen_mmu_set_p4d',
      'xen/xen_mmu_set_pmd',
      'xen/xen_mmu_set_pte',
      'xen/xen_mmu_set_pud',
    ]);
  });
});

/** Compares the text of a recording with the kernel's, line by line. */
function compare({ capture, symbols, text }: Recording, constants: (name: string) => bigint | undefined) {
  const stringAt = (address: bigint) => capture.strings.get(address);
  const out = new TraceText({ symbols, constants, stringAt });
  const header = traceHeader(capture.entries, capture.entries, capture.cpus.length);
  expect(text.startsWith(header)).toBe(true);
  let at = header.length;
  let same = 0;
  const types = new Set<string>();
  const different = new Set<string>();
  for (const batch of capture.batches()) {
    for (const record of batch.records) {
      const name = `${record.event.group}/${record.event.name}`;
      types.add(name);
      const line = lineOf(out, record);
      if (text.startsWith(line, at)) {
        same++;
        at += line.length;
      } else {
        different.add(`${out.styleOf(record.event)} ${name}`);
        at = text.indexOf('\n', at) + 1;
      }
    }
  }
  expect(at).toBe(text.length);
  return { same, types: types.size, different: [...different].sort() };
}

const word = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

function bodyOf(event: ReturnType<typeof eventOf>, tail: readonly number[]): string {
  const text = new TraceText({ symbols: noSymbols });
  expect(text.styleOf(event)).toBe('print format');
  return lineOf(text, recordOf(event, Uint8Array.from(tail))).slice(51 + 'ev: '.length, -1);
}

describe('a print format', () => {
  const evaluate = (format: string, args: string, value = 0) =>
    bodyOf(eventOf(`"${format}", ${args}`, [['int', 'x', 8, 4, true]]), word(value));

  it.each([
    ['%d', 'REC->x + 2 * 3', 1, '7'],
    ['%d', '(REC->x << 4) | 1', 2, '33'],
    ['%d', 'REC->x == 3 ? 10 : 20', 3, '10'],
    ['%d', 'REC->x > 5 && REC->x < 9', 7, '1'],
    ['%d', '!REC->x', 0, '1'],
    ['%u', 'REC->x', -1, '4294967295'],
    ['%lld', 'REC->x', -1, '-1'],
    ['%llx', '(unsigned char)REC->x', -1, 'ff'],
    ['%d', 'REC->x / 0', 5, '0'],
    ['%d', "REC->x == 'A'", 65, '1'],
    ['%d', '010 + 0x10UL', 0, '24'],
    ['%5d|', 'REC->x', 7, '    7|'],
    ['%-5d|', 'REC->x', 7, '7    |'],
    ['%05d', 'REC->x', -7, '-0007'],
    ['%#x', 'REC->x', 255, '0xff'],
    ['%+d', 'REC->x', 5, '+5'],
    ['%.3d', 'REC->x', 5, '005'],
    ['%c%%', 'REC->x', 65, 'A%'],
    ['%s', 'REC->x ? "yes" "!" : "no"', 1, 'yes!'],
    ['%s', '__print_flags(REC->x, "|", { 1, "A" }, { 2, "B" }, { 6, "C" })', 7, 'A|B|0x4'],
    ['%s', '__print_flags(REC->x, "|", { 0, "NONE" })', 0, ''],
    ['%s', '__print_symbolic(REC->x, { 1, "one" }, { 2, "two" })', 2, 'two'],
    ['%s', '__print_symbolic(REC->x, { 1, "one" })', 9, '0x9'],
    ['%p', 'REC->x', 16, '0000000000000010'],
    ['%s', 'REC->x', 16, '0x10'],
  ])('%s of %s with %i is %s', (format, args, value, text) => {
    expect(evaluate(format, args, value)).toBe(text);
  });

  it.each([
    [[10, 0, 0, 1], '%pI4', '10.0.0.1'],
    [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '%pI6c', '2001:db8::1'],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1], '%pI6c', '::ffff:127.0.0.1'],
    [[0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0], '%pI6c', '1:0:2::3:0:0'],
    [new Array(16).fill(0), '%pI6c', '::'],
    [[...new Array(15).fill(0), 1], '%pI6', '0000:0000:0000:0000:0000:0000:0000:0001'],
  ])('of the address %j with %s is %s', (bytes, conversion, text) => {
    const event = eventOf(`"${conversion}", REC->a`, [
      ['__u8', 'a', 8, bytes.length, false, String(bytes.length)],
    ]);
    expect(bodyOf(event, bytes)).toBe(text);
  });

  it.each([
    [0, 'Corrected'],
    [3, 'Fatal'],
    [4, 'Info'],
    [-1, 'Info'],
  ])('calls the memory error %i %s', (value, name) => {
    expect(evaluate('%s', 'mc_event_error_type(REC->x)', value)).toBe(name);
  });

  it.each([
    ['nvme0n1', 'disk=nvme0n1, '],
    ['', ''],
  ])('of the disk %j says %j', (name, text) => {
    const event = eventOf('"%s|%d", nvme_trace_disk_name(p, REC->disk), REC->disk[0]', [
      ['char', 'disk', 8, 16, true, '16'],
    ]);
    const bytes = [...Buffer.from(name.padEnd(16, '\0'))];
    expect(bodyOf(event, bytes)).toBe(`${text}|${bytes[0]}`);
  });

  it('looks at single characters of a text', () => {
    const event = eventOf('"%s,%d,%d", __get_str(s)[0] ? " " : "", __get_str(s)[1], __get_str(s)[9]', [
      ['__data_loc char[]', 's', 8, 4],
    ]);
    const withText = (text: string) => [...word((text.length << 16) | 12), ...Buffer.from(text)];
    expect(bodyOf(event, withText('ab\0'))).toBe(' ,98,0');
    expect(bodyOf(event, withText('\0'))).toBe(',0,0');
  });

  it.each([
    '"%d", __get_str(x)[0]',
    '"%d", __get_str(s)[REC->x]',
    '"%s", nvme_trace_disk_name(q, REC->s)',
    '"%s", __print_hex(REC->x, 4)',
    '"%d", jiffies',
    '"%d", REC->y',
    '"%d"',
    '"%d", REC->x, REC->x',
    '"%pISpc", REC->x',
    '"%*d", REC->x, REC->x',
    '"%d", *REC->x',
    '"%d", (REC->x',
    '"%d", REC->x; }',
    '"%s", __print_symbolic(REC->x, { REC->x, "a" })',
    `"%d", ${'('.repeat(500)}REC->x${')'.repeat(500)}`,
    `"%d", ${'-'.repeat(5000)}REC->x`,
    '"%9999d", REC->x',
    '"unfinished',
    '',
  ])('%s is left to the fields', printFmt => {
    const text = new TraceText({ symbols: noSymbols });
    expect(text.styleOf(eventOf(printFmt, [['int', 'x', 8, 4, true]]))).toBe('fields');
  });

  it('of any pieces prints something or is left to the fields', () => {
    const pieces = fc.constantFrom(
      '"%d"',
      '"%s',
      ',',
      'REC->x',
      '(',
      ')',
      '<<',
      '-',
      '?',
      ':',
      '1',
      '99999999999999999999',
      '"a"',
      '{',
      '}',
      '__print_flags(',
      '(int)',
      '[',
      ']',
      '*',
      '!',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.uint8Array({ maxLength: 8 }), (parts, tail) => {
        const event = eventOf(`"%d", REC->x ${parts.join(' ')}`, [['int', 'x', 8, 4, true]]);
        const text = new TraceText({ symbols: noSymbols });
        expect(lineOf(text, recordOf(event, tail)).length).toBeLessThan(1000);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('system calls', () => {
  it('print by their own rule', () => {
    const layoutOf = (name: string, fields: Parameters<typeof eventOf>[1]) => {
      const event = eventOf('"x"', fields, undefined, name);
      return { ...event, group: 'syscalls', layout: { ...event.layout, group: 'syscalls' } };
    };
    const print = (event: ReturnType<typeof layoutOf>, tail: readonly number[]) => {
      const text = new TraceText({ symbols: noSymbols });
      expect(text.styleOf(event)).toBe('syscall');
      text.record(recordOf(event, Uint8Array.from(tail)));
      return latin1(text.take()).slice(51);
    };
    const enter = layoutOf('sys_enter_kill', [
      ['int', '__syscall_nr', 8, 4, true],
      ['pid_t', 'pid', 16, 8],
      ['int', 'sig', 24, 8],
    ]);
    const eight = (value: number) => [...word(value), ...word(value < 0 ? -1 : 0)];
    expect(print(enter, [...eight(62), ...eight(-1), ...eight(9)])).toBe(
      'sys_kill(pid: ffffffffffffffff, sig: 9)\n',
    );
    expect(print(enter, [...eight(62), ...eight(1)])).toBe('sys_kill(pid: 1, sig: <OVERFLOW>)\n');
    const exit = layoutOf('sys_exit_kill', [
      ['int', '__syscall_nr', 8, 4, true],
      ['long', 'ret', 16, 8, true],
    ]);
    expect(print(exit, [...eight(62), ...eight(0)])).toBe('sys_kill -> 0x0\n');
  });
});
