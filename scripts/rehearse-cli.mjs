// Runs commands of the bundled command line, so that their functions are compiled, and keeps what V8 made of them
// beside it. Called by bundle-cli.mjs.
//   node scripts/rehearse-cli.mjs check|trace
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codeFile, compileApp } from '../dist/cli/app-script.js';

const definition = 'f vfs_read name=file->f_path.dentry->d_name.name:string count';
const rehearsals = {
  check: [
    ['check', definition],
    ['check', 'f vfs_read file->nope'],
  ],
  // What it has in common with other ways to trace: all but what speaks to a kernel.
  trace: [['trace', '--backend', 'sim', '--count', '3', definition]],
};

const [, , form] = process.argv;
const app = fileURLToPath(new URL('../dist/cli/app.cjs', import.meta.url));
const { script, load } = compileApp(app, undefined);
const { runCommandLine } = load();
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (_chunk, encoding, done) => {
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) process.nextTick(callback);
    return true;
  };
}
for (const args of rehearsals[form]) await runCommandLine(['node', 'btfprobe', ...args]);
writeFileSync(codeFile(app, form), script.createCachedData());
