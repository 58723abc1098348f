export { type AddedModule, type AddedSymbol, type ExtendedKernel, extendKernel } from './added-modules.js';
export { isCode } from './code-symbol.js';
export { dialectFeatures, dialectFromReadme } from './dialect.js';
export { dialectFromTypes } from './dialect-evidence.js';
export {
  dialectOf,
  dialects,
  featuresOf,
  findDialect,
  type NamedDialect,
  newestDialect,
} from './dialects.js';
export { type EnumeratorValues, enumeratorValues } from './enumerators.js';
export { errnoName } from './errno.js';
export { KernelError, type KernelErrorCode } from './error.js';
export { eventFieldTypes } from './event-field-types.js';
export { createEventFormats, type EventFormatParts } from './events.js';
export { architectureOf, parseFacts } from './facts.js';
export { parseField, parseFormat } from './format.js';
export { createTraceableFunctions, type FunctionParts } from './functions.js';
export { type FilterPattern, isFilterPattern, matchesGlob, parseFilterPattern } from './glob.js';
export { createKernel, type KernelOptions, type OpenedKernel } from './kernel.js';
export type { Manners } from './manners.js';
export { ModuleRegistry } from './modules.js';
export type { KernelFacts, KernelPart, KernelSource } from './source.js';
export type { PlacedSymbol, SymbolMemory } from './symbol-memory.js';
export { createSymbolTable } from './symbols.js';
export * from './types.js';
export {
  type FieldType,
  type NamedBit,
  type ValueMember,
  type ValueType,
  valueTypeOf,
} from './value-type.js';
export { type KernelChanges, KernelView } from './view.js';
export { withDialect, withFreeNames, withoutFunctionLists } from './with-dialect.js';
