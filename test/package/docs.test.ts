import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeBundle } from '../../src/host/index.js';
import { packageRoot } from './built.js';

const docs = fileURLToPath(new URL('docs/', packageRoot));

/** What a user types in the documents, with what stands below it; `...` there is a gap. */
const transcripts = readdirSync(docs)
  .filter(name => name.endsWith('.md'))
  .flatMap(name =>
    [...readFileSync(join(docs, name), 'utf8').matchAll(/^```(?:console)?\n([\s\S]*?)^```/gm)].flatMap(
      ([, block = '']) =>
        // `#` begins what root types: it is about the machine's own kernel.
        block.split(/^(?=[$#] )/m).flatMap(part => {
          const [command = '', ...output] = part.trimEnd().split('\n');
          return command.startsWith('$ ') ? [{ name, command: command.slice(2), output }] : [];
        }),
    ),
  );

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-docs-'));
  const older = fileURLToPath(new URL('test/data/kernels/6.1', packageRoot));
  symlinkSync(older, join(folder, '6.1'));
  const parts = readdirSync(older).map(file => {
    const bytes = readFileSync(join(older, file));
    return { name: file.replace(/\.gz$/, ''), bytes: file.endsWith('.gz') ? gunzipSync(bytes) : bytes };
  });
  for (const name of ['6.1.btfbundle', 'my-kernel.btfbundle']) writeBundle(join(folder, name), parts);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the documents have transcripts', () => {
  expect(transcripts.length).toBeGreaterThan(5);
});

/** How large programs are changes with the code that makes them: documents say about how large. */
const withoutSizes = (text: string) => text.replace(/\d+(?= instructions| bytes a record)/g, 'N');

test.each(transcripts)('$name: $command', ({ command, output }) => {
  const main = fileURLToPath(new URL('dist/cli/main.js', packageRoot));
  const script = `btfprobe() { node '${main}' "$@"; }\n${command}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
  expect(status).toBeLessThan(2);
  if (output.length === 0) return;
  const pattern = output
    .map(withoutSizes)
    .map(line => (line === '...' ? '[^]*' : line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')));
  expect(withoutSizes((stdout + stderr).trimEnd())).toMatch(new RegExp(`^${pattern.join('\n')}$`));
});
