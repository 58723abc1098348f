import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dialectHelp } from '../../src/cli/commands/help.js';
import { dialects } from '../../src/kernel/index.js';

test('docs and help name every dialect', () => {
  const table = readFileSync('docs/dialects.md', 'utf8');
  for (const { name, source } of dialects)
    expect(table).toMatch(new RegExp(`^\\| \`${name}\` \\| ${source}`, 'm'));
  expect(dialectHelp).toContain(dialects.map(({ name }) => name).join(', '));
});
