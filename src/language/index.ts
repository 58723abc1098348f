export * from './diagnostic.js';
export * from './event.js';
export * from './program.js';
