export { PerfettoTrace } from './perfetto-trace.js';
