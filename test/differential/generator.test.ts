import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { markOffset } from '../../differential/code-places.js';
import { Generator } from '../../differential/generator.js';
import { candidates } from '../../differential/minimise.js';
import { readVocabulary } from '../../differential/vocabulary.js';
import { decodeAnswers, encodeCases } from '../../differential/wire.js';
import { openBundle } from '../../src/host/index.js';

const folder = fileURLToPath(new URL('../../kernels/6.12-cloud', import.meta.url));
const kernel = openBundle(folder);
const vocabulary = readVocabulary(kernel, folder);
const make = (seed: number, count: number) => new Generator(vocabulary, seed).take(count);

test('a seed makes the same cases each time, another seed others', () => {
  const cases = make(7, 300);
  expect(make(7, 300)).toEqual(cases);
  expect(make(8, 300)).not.toEqual(cases);
  expect(new Set(cases.map(({ def, setup }) => JSON.stringify([setup, def]))).size).toBe(300);
});

test('every kind of definition is made, in bytes, and nothing that is no probe', () => {
  const cases = make(1, 6000);
  const lines = cases.flatMap(({ def, setup = [] }) => [...setup, def]);
  for (const kind of 'ftpre-!') expect(lines.some(line => line.startsWith(kind))).toBe(true);
  for (const text of [
    '->',
    '$arg*',
    '$retval',
    ':%pd',
    ' if ',
    '/bin/sh:',
    ':b',
    '[',
    '+u',
    '\\"',
    '\0',
    '\xa0',
    '\n',
    '#',
  ]) {
    expect(
      lines.some(line => line.includes(text)),
      text,
    ).toBe(true);
  }
  expect(lines.every(line => /^[\0-\xff]*$/.test(line))).toBe(true);
  expect(lines.filter(line => line.split('\n').some(part => /^[\s\0]*s/.test(part)))).toEqual([]);
  expect(new Set(cases.flatMap(({ tags }) => tags)).size).toBeGreaterThan(40);
});

test('cases go to the guest with their lengths and in order', () => {
  const bytes = encodeCases([{ setup: ['p a'], def: 'x\xff', tags: [] }]);
  expect([...bytes]).toEqual([1, 0, 0, 0, 3, 0, 0, 0, 112, 32, 97, 2, 0, 0, 0, 120, 255]);
});

test('an answer is read with its log, its listing and its format; one that is cut off is left out', () => {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
  };
  const text = (value: string): Buffer => Buffer.concat([number(value.length), Buffer.from(value, 'latin1')]);
  const log =
    '[   12.345678] trace_kprobe: error: Invalid fetch argument\n  Command: p vfs_read &1\n                      ^\n';
  const refused = Buffer.concat([
    number(0),
    number(22),
    number(0),
    text(log),
    text(''),
    text(''),
    text(''),
    number(0),
  ]);
  const format =
    'name: e\nID: 7\nformat:\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n\tfield:u8 a;\toffset:8;\tsize:1;\tsigned:0;\n\nprint fmt: "a=%u", REC->a\n';
  const accepted = Buffer.concat([
    number(0),
    number(0),
    number(9),
    text(''),
    text('p:g/e x a=\\1:u8\n'),
    text('g/e'),
    text(format),
    number(0),
  ]);
  const cases = [1, 2, 3].map(n => ({ def: `case ${n}`, tags: [] }));
  const answers = decodeAnswers(Buffer.concat([refused, accepted, accepted.subarray(0, 30)]), cases);
  expect(answers).toHaveLength(2);
  expect(answers[0]).toMatchObject({
    errno: 'EINVAL',
    log: {
      subsystem: 'trace_kprobe',
      message: 'Invalid fetch argument',
      caret: 11,
      command: 'p vfs_read &1',
    },
    listing: [],
  });
  expect(answers[1]).toMatchObject({
    errno: null,
    log: null,
    listing: ['p:g/e x a=\\1:u8'],
    event: 'g/e',
    format: { fields: ['field:u8 a;\toffset:8;\tsize:1;\tsigned:0;'], printFmt: '"a=%u", REC->a' },
  });
});

test('what is tried for a smaller definition is smaller, and not too much', () => {
  const def = `p:g/e vfs_read a=+8($arg1):u8 b=\\1 ${'c=$stack '.repeat(20)}`;
  const smaller = candidates({ def, setup: ['p:g/e vfs_write', 'p:g/f vfs_open x=\\1'] });
  expect(smaller.length).toBeGreaterThan(20);
  expect(smaller.length).toBeLessThanOrEqual(60);
  const length = ({ def, setup = [] }: { def: string; setup?: readonly string[] }): number =>
    def.length + setup.join('').length + 20 * setup.length;
  for (const one of smaller)
    expect(length(one)).toBeLessThan(length({ def, setup: ['p:g/e vfs_write', 'p:g/f vfs_open x=\\1'] }));
});

test('cases that depend on code bytes are told, whoever made them', () => {
  const isMarked = (def: string) => markOffset(kernel, { def, tags: [] }).tags.includes('offset');
  // The patch site of a function is known: 4 bytes behind its start.
  for (const def of [
    'p vfs_read',
    'p vfs_read+0',
    'p vfs_read+4',
    'p /bin/sh:99',
    'f vfs_read',
    'r vfs_read $retval',
  ])
    expect([def, isMarked(def)]).toEqual([def, false]);
  for (const def of ['p vfs_read+99', 'p:x/y vfs_read+0x8 %ax', 'r vfs_read+1'])
    expect([def, isMarked(def)]).toEqual([def, true]);
});
