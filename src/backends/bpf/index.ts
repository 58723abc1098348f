export * from './ability.js';
export { type BpfBackendOptions, bpfBackend } from './backend.js';
export { type BpfFacts, bpfFacts } from './facts.js';
export { describePlace } from './place.js';
export { planProgram } from './plan.js';
export { bpfView } from './view.js';
