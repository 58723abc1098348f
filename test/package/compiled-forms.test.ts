import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { codeFile, flagFor } from '../../src/cli/app-script.js';
import { packageRoot } from './built.js';

/** V8 ignores code that was made with other flags without a word. */
test.each(['check', 'trace', 'bpf', 'report'] as const)(
  'the code compiled beforehand for %s fits this Node',
  form => {
    const app = fileURLToPath(new URL('dist/cli/app.cjs', packageRoot));
    const flag = flagFor(form);
    const code = `
      const { readFileSync } = require('node:fs');
      const cachedData = readFileSync(${JSON.stringify(codeFile(app, form))});
      const source = readFileSync(${JSON.stringify(app)}, 'latin1');
      const { cachedDataRejected } = new (require('node:vm').Script)(source, { cachedData });
      console.log(cachedDataRejected);`;
    const flags = flag === undefined ? [] : [flag];
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', code], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'false\n', stderr: '' });
  },
);
