import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from './built.js';

const readme = readFileSync(new URL('README.md', packageRoot), 'utf8');

/** The commands of the README's transcripts, each with what stands below it. */
const transcripts = [...readme.matchAll(/^```console\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
  block.split(/^\$ /m).flatMap(part => {
    const [command = '', ...output] = part.trimEnd().split('\n');
    return command === '' ? [] : [{ command, output: output.join('\n') }];
  }),
);

test('the README has transcripts of the main commands', () => {
  const commands = new Set(transcripts.map(({ command }) => command.split(' ', 2).join(' ')));
  expect(commands).toEqual(new Set(['btfprobe check', 'btfprobe explain', 'btfprobe trace']));
});

test.each(transcripts)('$command', ({ command, output }) => {
  const [program, ...words] = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare = '']) => quoted ?? bare,
  );
  expect(program).toBe('btfprobe');
  const main = fileURLToPath(new URL('dist/cli/main.js', packageRoot));
  const { stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
  expect((stdout + stderr).trimEnd()).toBe(output);
});
