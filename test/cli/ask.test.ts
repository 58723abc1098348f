import { expect, test } from 'vitest';
import type { Answer } from '../../src/language/index.js';
import { caseGroup, differences, readCorpus } from '../conformance/recorded.js';
import { jsonLines, run, runWith } from './btfprobe.js';

test('answers recorded questions as the kernel did, one line each, in order', async () => {
  const corpus = readCorpus(new URL('../data/conformance/kernel-6.12-cloud.jsonl.gz', import.meta.url));
  const cases = corpus.filter(one => caseGroup(one) === 'plain').slice(0, 400);
  const questions = cases.map(({ def, enc, control }) => JSON.stringify({ def, enc, control }));
  const { status, stdout, stderr } = await runWith(`{"header":true}\n${questions.join('\n')}\n`, 'ask');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const answers = jsonLines(stdout) as Answer[];
  expect(answers.map(({ def }) => def)).toEqual(cases.map(({ def }) => def));
  const agreeing = answers.filter((answer, index) => differences(answer, cases[index]!).length === 0);
  expect(agreeing.length / cases.length).toBeGreaterThanOrEqual(0.98);
});

test('a refused definition with its setup', async () => {
  const question = { def: 'f:x vfs_read foo', setup: ['f:y vfs_write count', 'nonsense'] };
  const { status, stdout } = await runWith(JSON.stringify(question), 'ask');
  expect(status).toBe(0);
  expect(jsonLines(stdout)).toEqual([
    {
      ...question,
      setupErrno: [null, 'EINVAL'],
      errno: 'ENOENT',
      log: {
        subsystem: 'trace_fprobe',
        message: 'This variable is not found at this probe point',
        caret: 13,
        command: 'f:x vfs_read foo',
      },
      listing: ['f:fprobes/y vfs_write count=count'],
    },
  ]);
});

test('what is no question is answered with an error on its line, and exit code 1', async () => {
  const input = [
    'nonsense',
    '',
    '7',
    '{"setup":[]}',
    '{"def":"f vfs_read","setup":"x"}',
    '{"def":"f vfs_read"}',
  ];
  const { status, stdout } = await runWith(input.join('\n'), 'ask');
  expect(status).toBe(1);
  expect(jsonLines(stdout)).toEqual([
    { error: expect.stringMatching(/^not JSON: /), line: 1 },
    { error: 'not a JSON object', line: 3 },
    { error: 'def is not a string', line: 4 },
    { error: 'setup is not an array of strings', line: 5 },
    expect.objectContaining({ def: 'f vfs_read', errno: null }),
  ]);
});

test('latin1 questions carry bytes, and only bytes', async () => {
  const bytes = { def: 'f:caf\xe9 vfs_read', enc: 'latin1' };
  const { stdout } = await runWith(
    `${JSON.stringify(bytes)}\n{"def":"f:\\u20ac vfs_read","enc":"latin1"}`,
    'ask',
  );
  expect(jsonLines(stdout)).toEqual([
    expect.objectContaining({ ...bytes, errno: null, listing: ['f:fprobes/caf\xe9 vfs_read'] }),
    { error: 'enc is "latin1", and a character is beyond U+00FF', line: 2 },
  ]);
});

test('synthetic events are not judged', async () => {
  const { stdout } = await runWith('{"def":"s:x int y"}', 'ask');
  expect(jsonLines(stdout)).toEqual([
    { def: 's:x int y', notJudged: 'synthetic events (s:) are not judged by btfprobe' },
  ]);
});

test('no questions, no answers', async () => {
  expect(await run('ask')).toEqual({ status: 0, stdout: '', stderr: '' });
});
