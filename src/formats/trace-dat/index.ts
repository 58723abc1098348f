export * from './contents.js';
export * from './error.js';
export type { FileStartOptions } from './file-start.js';
export { isTraceDat, traceDatCompression } from './initial.js';
export * from './source.js';
export * from './trace-dat.js';
export * from './writer.js';
