export { type Answer, answerQuestion, type LoggedError, type Question } from './answer.js';
export { argumentTypes, isMemoryOp } from './argument-types.js';
export { bytesToString, fromByteString, toByteString } from './bytes.js';
export { type Command, splitCommand, type Word } from './command.js';
export type { Diagnostic, Span, Suggestion, Warning } from './diagnostic.js';
export type * from './event.js';
export { compileFilter, type FilterJudgement } from './event-filter.js';
export type { FetchState } from './fetch-state.js';
export { fetchTypeNames, findFetchType } from './fetch-types.js';
export type {
  FilterExpression,
  FilterOperator,
  FilterTerm,
  NumberOperator,
  TextOperator,
} from './filter-expression.js';
export { type HintOptions, type Hints, hintsFor, withHints } from './hints/hints.js';
export type { FindUserSymbol, UserSymbol } from './hints/mistake.js';
export { type NearestOptions, type NearName, nearestNames } from './hints/nearest.js';
export { userPlace } from './hints/silent.js';
export { warningsFor } from './hints/warnings.js';
export type { Accepted, Judgement, Refused } from './judgement.js';
export { formatFieldLine, formatFile } from './layout.js';
export { type ArgumentLimits, looseLimits } from './limits.js';
export {
  compileForLowering,
  type LoweringOptions,
  lowerDefinition,
  lowerEvent,
} from './lowering/lower.js';
export type * from './lowering/lowered.js';
export { entryArgument } from './lowering/meaning.js';
export { type LoweredPiece, piecesOf } from './lowering/pieces.js';
export type { LoweredForm } from './lowering/site.js';
export { type KernelErrorCode, kernelMessages } from './messages.js';
export { pointerExpressions } from './pointer-expressions.js';
export { type ControlFile, compileProbe, ProbeEvents } from './probe-events.js';
export type { FetchOp, FetchProgram } from './program.js';
export { registerNames } from './registers.js';
export type * from './syntax.js';
export { parseDefinition } from './syntax.js';
export { textPlace } from './text-field.js';
