import type { RecordLayout } from '../../kernel/index.js';
import type { ProbeEvent } from '../../language/index.js';
import { allRead, linkSymbols, RecordEncoder, type RecordHead, saveEntryData } from '../../program/index.js';
import { BackendError } from '../error.js';
import { simulatedFunctions, simulatedTracepoints } from './functions.js';
import type { RecordFilter } from './record-filter.js';
import type { Recorder } from './recorder.js';
import { sampleModuleName } from './sample-module.js';
import type { FunctionHook, SimHit, SimKernel } from './sim-kernel.js';
import { encodeStaticEvent, simulatedEvents, tracepointOf } from './static-events.js';

/** Takes a probe off the simulated kernel. */
export type Detach = () => void;

/**
 * Puts an accepted definition on the simulated kernel; its hits go to the recorder as records of type `id`.
 * Throws a `BackendError` `unsupported` when the place is not simulated.
 */
export function attachProbe(
  sim: SimKernel,
  event: ProbeEvent,
  definition: string,
  id: number,
  recorder: Recorder,
  filter: RecordFilter | undefined,
): Detach {
  const encoder = new RecordEncoder(link(sim, event));
  const record = (hit: SimHit, saved?: DataView): void => {
    hit.machine.entryData = saved;
    recorder.record(hit, largest => encoder.encode(hit.machine, headOf(hit, id), largest), filter);
  };
  const { place } = event;
  if (place.kind === 'tracepoint') {
    if (!simulatedTracepoints.includes(place.tracepoint)) throw notSimulated(sim, definition);
    return sim.hookTracepoint(place.tracepoint, record);
  }
  const hook: FunctionHook = event.isReturn
    ? { enter: hit => saveEntryData(event.entryProgram, hit.machine), leave: record }
    : {
        enter: hit => {
          record(hit);
          return undefined;
        },
      };
  if (place.kind === 'kprobe' && place.module === sampleModuleName && place.symbol === 'sample_open') {
    if (!isEntry(sim, place.symbol, place.offset)) throw notSimulated(sim, definition);
    return attachToModule(sim, place.symbol, hook);
  }
  const names = functionsOf(sim, event).filter(name => sim.hasFunction(name));
  if (names.length === 0) throw notSimulated(sim, definition);
  const detaches = names.map(name => sim.hookFunction(name, hook));
  return () => {
    for (const detach of detaches) detach();
  };
}

/** Records an event that the kernel has, as its `format` says. Throws a `BackendError`: `event`, `unsupported`. */
export function attachStaticEvent(
  sim: SimKernel,
  layout: RecordLayout,
  recorder: Recorder,
  filter: RecordFilter | undefined,
): Detach {
  const tracepoint = tracepointOf(layout.group, layout.name);
  const { id } = layout;
  if (tracepoint === undefined || id === undefined) {
    const name = `${layout.group}:${layout.name}`;
    throw new BackendError('unsupported', `the kernel has the event ${name}, but it is not simulated`, {
      definition: name,
      hints: [simulatedNames(sim)],
    });
  }
  return sim.hookTracepoint(tracepoint, hit =>
    recorder.record(
      hit,
      () => ({
        bytes: encodeStaticEvent(layout, hit, headOf(hit, id), sim.world),
        states: allRead,
      }),
      filter,
    ),
  );
}

/** The event with the addresses of its `@SYMBOL` arguments; the original still owns what it holds. */
function link(sim: SimKernel, event: ProbeEvent): ProbeEvent {
  const addressOf = (symbol: string) => sim.kernel.symbols.find(symbol)[0]?.address;
  const args = event.args.map(one => ({ ...one, program: linkSymbols(one.program, addressOf) }));
  return { ...event, args };
}

/** A probe on a module's function comes to life each time the module does (spec 01 section 3.2). */
function attachToModule(sim: SimKernel, symbol: string, hook: FunctionHook): Detach {
  let detach: Detach = () => {};
  const attach = (): void => {
    detach = sim.hookFunction(symbol, hook);
  };
  if (sim.hasFunction(symbol)) attach();
  const forget = sim.onModuleLoaded(attach);
  return () => {
    forget();
    detach();
  };
}

/** The functions that a definition is placed on, simulated or not; none when it is placed inside of one. */
function functionsOf(sim: SimKernel, { place }: ProbeEvent): readonly string[] {
  const { kernel } = sim;
  switch (place.kind) {
    case 'function':
      return kernel.functions.has(place.symbol) ? [place.symbol] : kernel.functions.match(place.symbol);
    case 'kprobe':
      return isEntry(sim, place.symbol, place.offset) ? [place.symbol] : [];
    case 'address': {
      const symbol = kernel.symbols.resolve(place.address);
      return symbol && isEntry(sim, symbol.name, symbol.offset) ? [symbol.name] : [];
    }
    default:
      return [];
  }
}

function isEntry({ kernel }: SimKernel, symbol: string, offset: number): boolean {
  return offset === 0 || offset === (kernel.functions.siteOffset(symbol) ?? (kernel.endbr ? 4 : 0));
}

function headOf(hit: SimHit, id: number): RecordHead {
  const { flags, preemptCount, pid, ip, returnIp } = hit;
  return { id, flags, preemptCount, pid, ip, returnIp };
}

function notSimulated(sim: SimKernel, definition: string): BackendError {
  const message = `a kernel accepts this definition, but its place is not simulated: ${definition}`;
  return new BackendError('unsupported', message, {
    definition,
    hints: [simulatedNames(sim), 'probes inside a function, in programs and on events need a real kernel'],
  });
}

/** What can be traced in the simulated kernel, as a sentence. */
export function simulatedNames(sim: SimKernel): string {
  const functions = Object.keys(simulatedFunctions).filter(name => sim.hasFunction(name));
  const events = simulatedEvents.map(name => name.replace('/', ':'));
  return (
    `simulated are the functions ${functions.join(', ')}, ` +
    `the tracepoints ${simulatedTracepoints.join(', ')} and the events ${events.join(', ')}`
  );
}
