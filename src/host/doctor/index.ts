export type { Check, CheckId, CheckState } from './check.js';
export { type Examination, type ExamineOptions, examineHost, examineTracefs, subjectOf } from './examine.js';
export { kernelChecks } from './kernel-checks.js';
export { type Way, type WayId, waysOf } from './ways.js';
