export * from './contents.js';
export * from './error.js';
export { isTraceDat } from './initial.js';
export * from './source.js';
export * from './trace-dat.js';
