export * from './bpf.js';
export {
  AttachType,
  type MapDescription,
  MapType,
  type ProgramDescription,
  ProgramType,
  type VerifierLog,
} from './bpf-attributes.js';
export { type Capability, effectiveCapabilities } from './capabilities.js';
export { Descriptor } from './descriptor.js';
export { errnoText } from './errno.js';
export * from './error.js';
export { requireSystemCalls } from './ffi.js';
export { Mapping } from './mapping.js';
export { type KprobeEvent, openKprobe, runAtPerfEvent } from './perf-event.js';
export { possibleProcessors } from './processors.js';
