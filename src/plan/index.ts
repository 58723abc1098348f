export type * from './candidate.js';
export type { Capabilities } from './checks.js';
export { type Choice, chooseWay, planTrace, type TargetPlan, type TracePlan } from './plan.js';
