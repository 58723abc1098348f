export { createSimBackend, type SimBackend, type SimOptions, simBackend } from './backend.js';
export { SimError, type SimErrorCode } from './error.js';
export { type CallSite, simulatedFunctions, simulatedTracepoints } from './functions.js';
export { KernelObject } from './objects.js';
export { sampleModuleName } from './sample-module.js';
export { SimSession } from './session.js';
export {
  type FunctionHook,
  type SimCpu,
  type SimHit,
  SimKernel,
  type SimKernelOptions,
  type TracepointHook,
} from './sim-kernel.js';
export { simulatedEvents } from './static-events.js';
