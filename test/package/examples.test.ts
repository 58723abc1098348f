import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from './built.js';

function runExample(name: string, ...args: string[]) {
  const program = fileURLToPath(new URL(`docs/examples/${name}`, packageRoot));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

test('check-a-line: an accepted line with its record', () => {
  expect(runExample('check-a-line.mjs')).toEqual({
    status: 0,
    stderr: '',
    lines: [
      'accepted: fprobes/vfs_read__entry',
      '  __probe_ip: 8 bytes at 8',
      '  name: 4 bytes at 16',
      '  count: 8 bytes at 20',
    ],
  });
});

test('check-a-line: a refused line with the caret under its mistake', () => {
  const { status, lines, stderr } = runExample('check-a-line.mjs', 'f vfs_read file->f_pth');
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(lines.slice(0, 4)).toEqual([
    'refused: ENOENT',
    '  This field is not found.',
    '    f vfs_read file->f_pth',
    '                     ^',
  ]);
});

test('follow-a-probe: ten records with their values', () => {
  const { status, lines, stderr } = runExample('follow-a-probe.mjs');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(lines).toHaveLength(10);
  for (const line of lines) expect(line).toMatch(/^\d+ \S.*\[\d+\] reads \d+ bytes of \S+ at \d+$/);
});

test('docs/library.md shows the examples as they are', () => {
  const document = readFileSync(new URL('docs/library.md', packageRoot), 'utf8');
  for (const name of ['check-a-line.mjs', 'follow-a-probe.mjs']) {
    expect(document).toContain(readFileSync(new URL(`docs/examples/${name}`, packageRoot), 'utf8'));
  }
});
