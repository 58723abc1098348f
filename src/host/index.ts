export * from './error.js';
export * from './process.js';
export * from './tracefs.js';
export * from './tracefs-files.js';
export * from './tracefs-text.js';
