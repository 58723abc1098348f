export { type BundleOptions, openBundle } from './bundle.js';
export { builtInKernels, openBuiltInKernel, openDefaultKernel } from './default.js';
export * from './error.js';
export * from './process.js';
export * from './tracefs.js';
export * from './tracefs-files.js';
export * from './tracefs-text.js';
