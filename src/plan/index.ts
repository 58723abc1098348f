export type * from './candidate.js';
export { bpfNeeds, type Capabilities, obstaclesOf, tracefsNeeds } from './checks.js';
export { type Choice, chooseWay, planTrace, type TargetPlan, type TracePlan } from './plan.js';
