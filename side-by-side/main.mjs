// Traces the definitions of test/data/backends in every way at once in a real kernel, and compares what the ways read
// of the same hits, record for record. Exit status: 0 they agree, 1 they differ, 2 wrong use or no guest.
//
//   npm run backends -- [--kernel 6.12-cloud|6.1] [--only REGEXP]
//     [--write]     keeps the results in test/data/backends, and makes docs/backends.md of all that are kept
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLoader } from '../scripts/load-typescript.mjs';
import { readOptions } from '../scripts/options.mjs';

const waysOf = { '6.12-cloud': ['native', 'lowered', 'bpf'], 6.1: ['lowered', 'bpf'] };
const here = path => fileURLToPath(new URL(path, import.meta.url));

const options = {
  kernel: { type: 'string', default: '6.12-cloud' },
  only: { type: 'string', default: '' },
  write: { type: 'boolean', default: false },
};
const values = readOptions('backends', options, ({ kernel, write, only }) => {
  if (waysOf[kernel] === undefined)
    throw new TypeError(`--kernel is one of ${Object.keys(waysOf).join(', ')}`);
  if (write && only !== '') throw new TypeError('--write is for all definitions');
});

const loader = await openLoader();
const folder = mkdtempSync(join(tmpdir(), 'btfprobe-backends-'));
try {
  const { bootGuest } = await loader.load('/test/guest/guest.ts');
  const { resultOf, differencesText, differs, summaryText } = await loader.load('/side-by-side/results.ts');
  const definitions = readFileSync(here('../test/data/backends/definitions.txt'), 'latin1')
    .split('\n')
    .filter(line => /^[a-z]/.test(line) && new RegExp(values.only).test(line));
  writeFileSync(join(folder, 'definitions.txt'), definitions.join('\n'), 'latin1');
  const { results, output } = await bootGuest({
    kernel: values.kernel,
    script: '../side-by-side/agent.mjs',
    args: ['/data/definitions.txt', '/data/workload.sh', waysOf[values.kernel].join()],
    files: {
      '/data/btfprobe/side-by-side': here('.'),
      '/data/definitions.txt': join(folder, 'definitions.txt'),
      '/data/workload.sh': here('../test/data/backends/workload.sh'),
    },
    parameters: 'no_hash_pointers',
    seconds: 3000,
  });
  process.stderr.write(output);
  const { kernel, ...rows } = results;
  const result = resultOf(kernel, waysOf[values.kernel], Object.values(rows));
  process.stdout.write(differencesText(Object.values(rows)) + summaryText(result));
  if (values.write) {
    const { backendsPage } = await loader.load('/side-by-side/page.ts');
    const file = name => here(`../test/data/backends/${name}.json`);
    writeFileSync(file(values.kernel), `${JSON.stringify(result, undefined, 1)}\n`);
    writeFileSync(here('../docs/backends.md'), backendsPage());
  }
  process.exitCode = result.rows.some(differs) ? 1 : 0;
} catch (error) {
  console.error(error);
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true });
  await loader.close();
}
