import { expect, test } from 'vitest';
import { definitionHelp } from '../../src/cli/commands/help.js';
import { openDefaultKernel } from '../../src/host/index.js';
import { ProbeEvents } from '../../src/language/index.js';
import { run } from './btfprobe.js';

const commands = [
  ...[
    'check',
    'explain',
    'lower',
    'trace',
    'report',
    'record',
    'plan',
    'doctor',
    'list',
    'clean',
    'ask',
    'demo',
  ],
  ...['bundle create', 'bundle show'],
].map(name => name.split(' '));

test.each(commands.map(words => [words]))(
  '%j --help shows examples of itself and its exit codes',
  async words => {
    const { status, stdout, stderr } = await run(...words, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Usage: btfprobe ${words.join(' ')}`);
    expect(stdout).toMatch(new RegExp(`^ {2}[$#] .*btfprobe ${words.join(' ')}`, 'm'));
    expect(stdout).toMatch(/^Exit codes:\n {2}0 {4}\S/m);
  },
);

test('definitions that the help shows are accepted', () => {
  using kernel = openDefaultKernel();
  const shown = [...definitionHelp.matchAll(/ {2,}([fptre](?::\S+)? [a-z/].*)$/gm)].map(([, text]) => text!);
  expect(shown.length).toBe(7);
  for (const definition of shown) {
    using events = new ProbeEvents(kernel);
    expect([definition, events.write(definition).accepted]).toEqual([definition, true]);
  }
});

test.each([
  [
    ['chek'],
    "btfprobe: unknown command 'chek'\n(Did you mean check?)\n  hint: how it is used: btfprobe --help\n",
  ],
  [
    ['che\u001b[31mck'],
    "btfprobe: unknown command 'che\\x1b[31mck'\n  hint: how it is used: btfprobe --help\n",
  ],
  [
    ['bundle', 'show'],
    "btfprobe: missing required argument 'bundle'\n  hint: how it is used: btfprobe bundle show --help\n",
  ],
  [
    ['plan', '--filter', ' ', 'f vfs_read'],
    "btfprobe: option '--filter <filter>' argument ' ' is invalid. A filter such as 'count > 100' is expected.\n  hint: how it is used: btfprobe plan --help\n",
  ],
  [
    ['lower', 'f vfs_read'],
    "btfprobe: required option '-t, --to <kernel>' not specified\n  hint: how it is used: btfprobe lower --help\n",
  ],
  [
    ['trace', '--json', '--format', 'text', 'f vfs_read'],
    "btfprobe: option '--json' cannot be used with option '--format text'\n  hint: how it is used: btfprobe trace --help\n",
  ],
  [
    ['report', '--format', 'csv', '--json'],
    "btfprobe: option '--json' cannot be used with option '--format csv'\n  hint: how it is used: btfprobe report --help\n",
  ],
])('%j says what is wrong, and where its use is told', async (args, message) => {
  expect(await run(...args)).toEqual({ status: 2, stdout: '', stderr: message });
});
