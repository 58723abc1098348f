import { runReportWorker } from './report-worker.js';

await runReportWorker();
