import { eventFieldTypes, extendKernel, type Kernel } from '../../kernel/index.js';
import { argumentTypes, ProbeEvents, withHints } from '../../language/index.js';
import type { TracedEvent } from '../../records/index.js';
import { refuseAborted } from '../abort.js';
import { BackendError } from '../error.js';
import { filterFor } from '../filter.js';
import { checkRequest, defaultBufferKb, defaultPollMs } from '../options.js';
import type { Backend, TraceOptions, TraceTarget } from '../session.js';
import { attachProbe, attachStaticEvent, type Detach, simulatedNames } from './attach.js';
import { SimError } from './error.js';
import { type RecordFilter, recordFilter } from './record-filter.js';
import { Recorder } from './recorder.js';
import { SimSession } from './session.js';
import { checkRange, SimKernel, type SimKernelOptions } from './sim-kernel.js';
import { Workload } from './workload.js';

/** How a simulated run goes. */
export interface SimOptions extends SimKernelOptions {
  /** Ends the run after so many hits, lost ones included. Default: none. */
  readonly maxHits?: number;
  /** Ends the run after so many steps of the workload. Default: none. */
  readonly maxSteps?: number;
  /** Virtual time goes by as fast as real time (default), or as fast as it can be computed. */
  readonly paced?: boolean;
  /** The sample module is loaded from the start. Default true. */
  readonly sampleModule?: boolean;
}

/** Kilobytes that the simulated kernel has for the buffer of a processor. */
const mostBufferKb = 1 << 20;
/** Bytes of records that one sub-buffer holds: how the kernel turns kilobytes into sub-buffers (spec 11 R11-35). */
const pageCapacity = 4080;
/** Types of events that come and go: above those of the kernel's own events. */
const firstDynamicId = 20_000;
const unlimited = Number.MAX_SAFE_INTEGER;

/**
 * Traces a small deterministic kernel in memory: the same definitions, judged by the same facts, recorded and decoded on
 * the same road, without a kernel. Only the places of `simulatedFunctions`, `simulatedTracepoints` and
 * `simulatedEvents` exist in it; anything else rejects with a `BackendError` `unsupported` that lists them.
 */
export function createSimBackend(options: SimOptions = {}): SimBackend {
  return {
    name: 'sim',
    async open(kernel, targets, traceOptions = {}) {
      return openSession(kernel, targets, traceOptions, options);
    },
  };
}

/** The backend, with what its sessions know beyond others. */
export interface SimBackend extends Backend {
  open(kernel: Kernel, targets: readonly TraceTarget[], options?: TraceOptions): Promise<SimSession>;
}

/** The simulated kernel with its defaults. */
export const simBackend: SimBackend = createSimBackend();

function openSession(
  kernel: Kernel,
  targets: readonly TraceTarget[],
  traceOptions: TraceOptions,
  options: SimOptions,
): SimSession {
  const { signal } = traceOptions;
  refuseAborted(signal);
  checkRequest(targets, traceOptions);
  const extended = extendKernel(kernel);
  const judge = new ProbeEvents(extended);
  const detaches: Detach[] = [() => judge[Symbol.dispose](), () => extended[Symbol.dispose]()];
  const detach = (): void => {
    for (const undo of detaches.splice(0).reverse()) undo();
  };
  try {
    const sim = new SimKernel(extended, options);
    if (options.sampleModule ?? true) sim.loadSampleModule();
    const recorder = makeRecorder(sim, traceOptions, options);
    const traced = new Map<string, TracedEvent>();
    for (const target of targets)
      detaches.push(attachTarget(sim, judge, target, recorder, traced, traceOptions.filter));
    return new SimSession({
      sim,
      recorder,
      signal,
      detach,
      workload: new Workload(sim),
      events: [...traced.values()],
      pollInterval: checkRange('pollIntervalMs', traceOptions.pollIntervalMs ?? defaultPollMs, 1, 60_000),
      paced: options.paced ?? true,
      maxSteps: checkRange('maxSteps', options.maxSteps ?? unlimited, 1, unlimited),
    });
  } catch (error) {
    detach();
    if (!(error instanceof SimError)) throw error;
    throw new BackendError('unsupported', error.message, { cause: error });
  }
}

function makeRecorder(
  sim: SimKernel,
  { bufferSizeKb: kilobytes = defaultBufferKb }: TraceOptions,
  options: SimOptions,
): Recorder {
  if (kilobytes > mostBufferKb) {
    throw new BackendError(
      'unsupported',
      `a buffer of ${kilobytes} KB is more than the simulated kernel has: ${mostBufferKb} KB for each processor`,
    );
  }
  // One more than asked for, as in the kernel: the reader's own.
  const pages = Math.max(2, Math.ceil((kilobytes * 1024) / pageCapacity)) + 1;
  return new Recorder(
    sim.cpus.length,
    pages,
    checkRange('maxHits', options.maxHits ?? unlimited, 1, unlimited),
  );
}

function attachTarget(
  sim: SimKernel,
  judge: ProbeEvents,
  target: TraceTarget,
  recorder: Recorder,
  traced: Map<string, TracedEvent>,
  filter: string | undefined,
): Detach {
  if ('event' in target) return follow(sim, target.event, recorder, traced, filter);
  const { definition } = target;
  const judgement = judge.define(definition);
  if (!judgement.accepted) {
    const { diagnostics } = withHints(judge.kernel, definition, judgement);
    const [first] = diagnostics;
    throw new BackendError(
      'definition',
      first?.message ?? `the definition is refused with ${judgement.errno}`,
      {
        definition,
        diagnostics,
        hints: first?.hints ?? [],
      },
    );
  }
  const { event } = judgement;
  if (!event) throw new BackendError('unsupported', 'this line defines nothing to trace', { definition });
  const { group, name } = event;
  const key = `${group}/${name}`;
  // A second definition of one event appends a place to it: the records are the same event's.
  const known = traced.get(key);
  const id = known?.layout.id ?? firstDynamicId + traced.size;
  const layout = { ...event.layout, id };
  const made = known ?? { group, name, definition, layout, types: argumentTypes(event) };
  const detach = attachProbe(sim, event, definition, id, recorder, filterOf(filter, made, sim));
  traced.set(key, made);
  return detach;
}

function filterOf(
  text: string | undefined,
  event: TracedEvent,
  { kernel }: SimKernel,
): RecordFilter | undefined {
  const expression = filterFor(text, event, kernel);
  return expression && recordFilter(expression, event.layout);
}

function follow(
  sim: SimKernel,
  { group, name }: { readonly group: string; readonly name: string },
  recorder: Recorder,
  traced: Map<string, TracedEvent>,
  filter: string | undefined,
): Detach {
  const key = `${group}/${name}`;
  const layout = sim.kernel.events.find(group, name);
  if (!layout) {
    const message = `${sim.kernel.name} has no event ${group}:${name}`;
    throw new BackendError('event', message, {
      definition: `${group}:${name}`,
      hints: [simulatedNames(sim)],
    });
  }
  if (traced.has(key)) return () => {};
  const types = eventFieldTypes(layout, sim.kernel.types);
  const event = { group, name, definition: undefined, layout, types };
  const detach = attachStaticEvent(sim, layout, recorder, filterOf(filter, event, sim));
  traced.set(key, event);
  return detach;
}
