import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openBundle } from '../../../src/host/index.js';
import { compileProbe, lowerDefinition, parseDefinition } from '../../../src/language/index.js';
import { kernel as cloud } from '../kernel.js';

const old = openBundle(new URL('../../data/kernels/6.1', import.meta.url).pathname);
const file = new URL('../../data/backends/definitions.txt', import.meta.url);
const definitions = readFileSync(file, 'utf8')
  .split('\n')
  .filter(line => /^[ftpr]/.test(line));

test('there are 200 definitions and more, each event once', () => {
  expect(definitions.length).toBeGreaterThanOrEqual(200);
  const names = definitions.map(definition => parseDefinition(definition).name?.text);
  expect(new Set(names).size).toBe(definitions.length);
});

test('6.12 takes them all, but for those that are too long', () => {
  const refused = definitions.filter(definition => !compileProbe(cloud, definition).accepted);
  expect(refused.filter(definition => !/long_|_long/.test(definition))).toEqual([]);
  expect(refused.length).toBeGreaterThan(5);
});

test.each([
  { name: '6.12', kernel: cloud, form: 'plain', refused: /^$/ },
  { name: '6.1', kernel: old, form: 'newest', refused: /^[fr]:c\/ra_/ },
] as const)(
  '$name is told them all, arguments at return where it keeps them',
  ({ kernel, form, refused }) => {
    const not = definitions.filter(definition => !lowerDefinition(kernel, definition, { form }).ok);
    expect(not).toEqual(definitions.filter(definition => refused.test(definition)));
  },
);
