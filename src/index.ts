/**
 * The main road for programs: open a kernel, judge a definition, follow its records. Everything else has a subpath of
 * its own: `btfprobe/btf`, `btfprobe/records`, `btfprobe/backends/sim`, ...
 */
export * from './backends/index.js';
export {
  createSimBackend,
  type SimBackend,
  SimError,
  type SimOptions,
  simBackend,
} from './backends/sim/index.js';
export {
  type CleanResult,
  cleanLeftovers,
  findLeftovers,
  type Leftover,
  type TracefsBackendOptions,
  tracefsBackend,
} from './backends/tracefs/index.js';
export { JsonLines, type JsonLinesOptions } from './formats/index.js';
export { HostError, openDefaultKernel, openKernel, openLiveKernel, Tracefs } from './host/index.js';
export { type Kernel, KernelError, type OpenedKernel } from './kernel/index.js';
export {
  type Accepted,
  compileProbe,
  type Diagnostic,
  formatFile,
  fromByteString,
  type Judgement,
  type ProbeEvent,
  ProbeEvents,
  type Refused,
  toByteString,
} from './language/index.js';
export {
  type LostEvents,
  type RecordBatch,
  type TracedEvent,
  type TraceRecord,
  TraceText,
  type TraceTextOptions,
} from './records/index.js';
