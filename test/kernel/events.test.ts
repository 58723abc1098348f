import { describe, expect, test } from 'vitest';
import { openBundle } from '../../src/host/index.js';
import { createEventFormats } from '../../src/kernel/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const block = (name: string) => `name: ${name}
ID: 7
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;

\tfield:int ${name}_value;\toffset:8;\tsize:4;\tsigned:1;

`;
const open = (blocks: string | undefined, list?: string) =>
  createEventFormats({
    blocks: () => (blocks === undefined ? undefined : bytes(blocks)),
    list: () => (list === undefined ? undefined : bytes(list)),
  });

describe('event formats', () => {
  const events = open(`@@ a/one\n${block('one')}@@ a/two\n${block('two')}`);

  test('are found by group and name', () => {
    expect(events.find('a', 'two')).toMatchObject({
      group: 'a',
      name: 'two',
      fields: [{ name: 'two_value' }],
    });
    expect(events.find('a', 'two')).toBe(events.find('a', 'two'));
    expect(events.names()).toEqual(['a/one', 'a/two']);
  });

  test.each([
    ['a', 'three'],
    ['b', 'one'],
    ['', ''],
    ['a', 'one\nname: one'],
    ['a/one\nname: one\n@@ a', 'two'],
  ])('of %j %j are not there', (group, name) => {
    expect(events.find(group, name)).toBeUndefined();
  });

  test('are damaged when a block is another event, or cut', () => {
    const code = expect.objectContaining({ code: 'bad-format' });
    expect(() => open(`@@ a/one\n${block('two')}`).find('a', 'one')).toThrow(code);
    expect(() => open('@@ a/one\n').find('a', 'one')).toThrow(code);
  });

  test('may be known by name only', () => {
    expect(open(undefined, 'a:one\nb:two\n').names()).toEqual(['a/one', 'b/two']);
    expect(open(undefined, 'a:one\n').find('a', 'one')).toBeUndefined();
  });
});

test.each(['kernels/6.12-cloud', 'test/data/kernels/6.12+modules', 'test/data/kernels/6.1'])(
  'every event of %s has a format',
  folder => {
    using kernel = openBundle(folder);
    const names = kernel.events.names();
    expect(names.length).toBeGreaterThan(1000);
    for (const event of names) {
      const [group, name] = event.split('/') as [string, string];
      expect(kernel.events.find(group, name)?.common).toHaveLength(4);
    }
  },
);
