// Runs commands of the bundled command line, so that their functions are compiled, and keeps what V8 made of them
// beside it. Called by bundle-cli.mjs.
//   node scripts/rehearse-cli.mjs check|trace|bpf|report
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codeFile, compileApp, tuneFor } from '../dist/cli/app-script.js';
import { definition, enterMachine } from './rehearsal-machine.mjs';

/** Command lines, with the code that each ends with. The first of several finds nothing of the machine kept by another. */
const rehearsals = {
  check: [
    [0, 'check', definition],
    [1, 'check', 'f vfs_read file->nope'],
  ],
  trace: [
    [0, 'trace', '--count', '1', definition],
    [0, 'trace', '--duration', '1ms', '--backend', 'tracefs', definition],
  ],
  bpf: [
    [0, 'trace', '--count', '1', '--backend', 'bpf', definition],
    [0, 'trace', '--duration', '1ms', '--backend', 'bpf', definition],
  ],
  report: ['text', 'json'].flatMap(format =>
    ['trace-dat/v7-none.dat', 'traces/6.12-cloud-static'].map(recording => {
      const path = fileURLToPath(new URL(`../test/data/${recording}`, import.meta.url));
      return [0, 'report', path, '--format', format, '--output', '/dev/null'];
    }),
  ),
};

const [, , form] = process.argv;
const app = fileURLToPath(new URL('../dist/cli/app.cjs', import.meta.url));
tuneFor(form);
const { script, load } = compileApp(app, undefined);
const leaveMachine = enterMachine();
try {
  const { runCommandLine } = load();
  for (const [expected, ...args] of rehearsals[form]) {
    const code = await runCommandLine(['node', 'btfprobe', ...args]);
    if (code !== expected) throw new Error(`${args.join(' ')} ended with ${code} on the machine made up`);
  }
} finally {
  leaveMachine();
}
writeFileSync(codeFile(app, form), script.createCachedData());
