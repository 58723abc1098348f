export type { DirectMemory } from './direct-memory.js';
export * from './encode.js';
export * from './entry-data.js';
export * from './fault.js';
export {
  type FaultListener,
  measureProgram,
  type RecordTarget,
  runProgram,
  symbolText,
} from './interpreter.js';
export { linkSymbols } from './link.js';
export type { AttachedRecord, Machine } from './machine.js';
export { maxStringBytes } from './memory.js';
export { compileProgram, interpretProgram, type ProgramRunner } from './runner.js';
