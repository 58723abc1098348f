import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { entryPoints, packageRoot } from './built.js';

const committed = readFileSync(new URL('docs/api.txt', packageRoot), 'utf8');

test('docs/api.txt is the public surface of the build', () => {
  const script = fileURLToPath(new URL('scripts/api-report.mjs', packageRoot));
  const report = execFileSync(process.execPath, [script, '--stdout'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect(report, 'the public surface changed: npm run api, and review the difference').toBe(committed);
});

test('the report shows every entry point, and no private member', () => {
  const sections = [...committed.matchAll(/^## (.*)$/gm)].map(([, name]) => name);
  expect(sections.sort()).toEqual(entryPoints.map(({ name }) => name).sort());
  expect(committed).not.toMatch(/^ *(private|#)\b/m);
});
