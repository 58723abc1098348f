export type * from './candidate.js';
export { bpfNeeds, type Capabilities, obstaclesOf, tracefsNeeds } from './checks.js';
export {
  type Choice,
  type ChoiceOptions,
  chooseWay,
  type PlanOptions,
  planTrace,
  type RefusedWay,
  type TargetPlan,
  type TracePlan,
} from './plan.js';
