import { fileURLToPath } from 'node:url';
import { compileApp, compiledForm } from './app-script.js';

// Becomes dist/cli/main.js when the command line is bundled; main.ts is the same for the unbundled build.
const app = compileApp(fileURLToPath(new URL('app.cjs', import.meta.url)), compiledForm(process.argv));
const { runCommandLine, endProcess } = app.load();
runCommandLine(process.argv).then(endProcess);
