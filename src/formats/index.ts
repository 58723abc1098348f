export * from './chrome-trace.js';
export { CsvLines, type CsvLinesOptions } from './csv-lines.js';
export * from './json-lines.js';
export * from './parquet/index.js';
export * from './recording.js';
export * from './slices.js';
export type { TimelineOptions } from './timeline/timeline.js';
export * from './trace-dat/index.js';
export { withTypes } from './typed-events.js';
