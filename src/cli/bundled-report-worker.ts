import { fileURLToPath } from 'node:url';
import { compileApp } from './app-script.js';

// Becomes dist/cli/report-worker-main.js when the command line is bundled; report-worker-main.ts is the same for the unbundled build.
const app = compileApp(fileURLToPath(new URL('app.cjs', import.meta.url)), 'report');
app.load().startReportWorker();
