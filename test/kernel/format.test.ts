import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EventField, KernelError, parseField, parseFormat } from '../../src/kernel/index.js';

const common = [
  '\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;',
  '\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;',
];
const file = (fields: readonly string[], print = 'print fmt: "(%lx)", REC->__probe_ip') =>
  ['name: entry', 'ID: 1554', 'format:', ...common, '', ...fields, '', print, ''].join('\n');

describe('a format file', () => {
  test('gives name, number, fields and print format', () => {
    const layout = parseFormat(
      file(['\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;']),
      'g',
    );
    expect(layout).toMatchObject({
      group: 'g',
      name: 'entry',
      id: 1554,
      printFmt: '"(%lx)", REC->__probe_ip',
    });
    expect(layout.common.map(field => field.name)).toEqual(['common_type', 'common_pid']);
    expect(layout.fields).toEqual([
      { name: '__probe_ip', type: 'unsigned long', offset: 8, size: 8, signed: false, array: undefined },
    ]);
  });

  test('may have no fields of its own', () => {
    const text = ['name: entry', 'ID: 1', 'format:', ...common, '', '', 'print fmt: ""', ''].join('\n');
    expect(parseFormat(text)).toMatchObject({ fields: [], printFmt: '""' });
  });

  test('may have a print format of several lines, or one whose first line was left out', () => {
    expect(parseFormat(file([], 'print fmt: "a\n", REC->b')).printFmt).toBe('"a\n", REC->b');
    expect(parseFormat(file([], '", __get_str(dev_name)')).printFmt).toBe('');
  });

  test.each([
    ['char comm[16]', 'comm', 'char', '16'],
    ['u64 arr[]', 'arr', 'u64', ''],
    ['__data_loc char[] fn', 'fn', '__data_loc char[]', undefined],
    ['__data_loc char[][2] b', 'b', '__data_loc char[][2]', undefined],
    ['__data_loc char[] b[2]', 'b', '__data_loc char[]', '2'],
    ['const char *const * envp', 'envp', 'const char *const *', undefined],
    ['char *name', 'name', 'char *', undefined],
    ['u8 grid[2][3]', 'grid', 'u8', '2][3'],
    ['char comm[TASK_COMM_LEN]', 'comm', 'char', 'TASK_COMM_LEN'],
  ])('declares %s', (declaration, name, type, array) => {
    expect(parseField(`\tfield:${declaration};\toffset:8;\tsize:4;\tsigned:1;`)).toEqual({
      name,
      type,
      array,
      offset: 8,
      size: 4,
      signed: true,
    });
  });

  test.each([
    '',
    'name: x',
    'name: \nID: 1\nformat:\n',
    'name: x\nID: -1\nformat:\n',
    'name: x\nID: 99999999999\nformat:\n',
    file(['\tfield:int;\toffset:8;\tsize:4;\tsigned:1;']),
    file(['\tfield:int a]];\toffset:8;\tsize:4;\tsigned:1;']),
    file(['\tfield:int a;\toffset:-8;\tsize:4;\tsigned:1;']),
    file(['\tfield:int a;\toffset:8;\tsize:99999999999;\tsigned:1;']),
    file(['\tfield:int a;\toffset:8;\tsize:4;\tsigned:2;']),
    file(['\tfield:int a;']),
    file(['\tfield:;\toffset:8;\tsize:4;\tsigned:1;']),
  ])('that is damaged is a typed error: %j', text => {
    expect(() => parseFormat(text)).toThrow(KernelError);
    expect(() => parseFormat(text)).toThrow(expect.objectContaining({ code: 'bad-format' }));
  });

  test('of any text is a layout or a typed error', () => {
    const piece = fc.constantFrom(
      'name: ',
      'ID: ',
      'format:',
      '\tfield:',
      ';\toffset:',
      ';\tsize:',
      ';\tsigned:',
      '[',
      ']',
      '\n',
      '1',
      'int a',
      ';',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map(parts => parts.join('')),
          fc.string(),
        ),
        text => {
          try {
            expect(typeof parseFormat(text).name).toBe('string');
          } catch (error) {
            expect(error).toBeInstanceOf(KernelError);
          }
        },
      ),
    );
  });
});

const identifier = fc.stringMatching(/^[a-z_][a-z0-9_]{0,10}$/);
const field: fc.Arbitrary<EventField> = fc.record({
  name: identifier,
  type: fc.constantFrom(
    'int',
    'unsigned long',
    'struct file *',
    'const char *const *',
    '__data_loc char[]',
    'u8',
  ),
  offset: fc.nat(4096),
  size: fc.nat(4096),
  signed: fc.boolean(),
  array: fc.constantFrom(undefined, '', '3', '(32)', 'MAX'),
});
const write = ({ name, type, offset, size, signed, array }: EventField) =>
  `\tfield:${type} ${name}${array === undefined ? '' : `[${array}]`};\toffset:${offset};\tsize:${size};\tsigned:${Number(signed)};`;

test('what is written is read again', () => {
  fc.assert(
    fc.property(fc.array(field), fields => {
      expect(parseFormat(file(fields.map(write))).fields).toEqual(fields);
    }),
  );
});

test('every format of the recorded traces is read to its last field', () => {
  const text = gunzipSync(readFileSync('test/data/traces/6.12-cloud/formats.txt.gz')).toString('latin1');
  const blocks = text.split(/^@@ .*\n/m).slice(1);
  expect(blocks.length).toBeGreaterThan(100);
  for (const block of blocks) {
    const layout = parseFormat(block);
    expect(layout.common).toHaveLength(4);
    expect(layout.common.length + layout.fields.length).toBe(block.match(/^\tfield:/gm)?.length);
    expect(layout.printFmt).not.toBe('');
  }
});
