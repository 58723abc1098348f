export * from '../index.js';
export { type TracefsBackendOptions, tracefsBackend } from './backend.js';
export { type CleanResult, cleanLeftovers, findLeftovers, type Leftover } from './leftovers.js';
export type { RunIdentity } from './names.js';
