export * from './error.js';
export * from './session.js';
