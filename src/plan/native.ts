import type { TraceTarget } from '../backends/index.js';
import type { CheckId } from '../host/index.js';
import type { Kernel } from '../kernel/index.js';
import { type ProbeEvent, ProbeEvents } from '../language/index.js';
import { type Candidate, type CostClass, type Operation, ruledOut } from './candidate.js';
import { type Capabilities, obstaclesOf, tracefsNeeds } from './checks.js';
import { ringRecordSize } from './record-size.js';

/** The line as it is written, by the kernel's own probe events; or an event that exists, followed. */
export function nativeCandidate(kernel: Kernel, target: TraceTarget, capabilities: Capabilities): Candidate {
  if ('event' in target) return followed(kernel, target.event, capabilities);
  using events = new ProbeEvents(kernel);
  const judgement = events.define(target.definition);
  if (!judgement.accepted) {
    const [first] = judgement.diagnostics;
    return ruledOut('native', `this kernel refuses the line: ${first?.message ?? judgement.errno}`);
  }
  if (judgement.event === undefined) return ruledOut('native', 'the line defines no event');
  using event = judgement.event;
  return {
    way: 'native',
    obstacles: obstaclesOf(capabilities, [...tracefsNeeds, ...needsOfPlace(event)]),
    operations: tracefsOperations([target.definition], event),
    record: ringRecordSize(event.layout),
    cost: tracefsCost(event),
    notes: [],
  };
}

function followed(
  kernel: Kernel,
  { group, name }: { group: string; name: string },
  capabilities: Capabilities,
): Candidate {
  const layout = kernel.events.find(group, name);
  const obstacles = obstaclesOf(capabilities, tracefsNeeds);
  if (layout === undefined && obstacles.length === 0)
    return ruledOut('native', `there is no event ${group}:${name}`);
  return {
    way: 'native',
    obstacles,
    operations: [{ kind: 'enable', group, event: name }],
    record: layout && ringRecordSize(layout),
    cost: 'event',
    notes: [],
  };
}

/** What is done with lines that define one event. */
export function tracefsOperations(
  lines: readonly string[],
  { group, name }: ProbeEvent,
): readonly Operation[] {
  return [
    ...lines.map((line): Operation => ({ kind: 'define', line })),
    { kind: 'enable', group, event: name },
  ];
}

/** Dialects tell nothing of the oldest kinds. */
export function needsOfPlace({ place }: ProbeEvent): readonly CheckId[] {
  switch (place.kind) {
    case 'kprobe':
    case 'address':
      return ['probes.kprobe'];
    case 'uprobe':
      return ['probes.uprobe'];
    default:
      return [];
  }
}

/** How the kernel's own probe events get control. */
export function tracefsCost({ kind, isReturn, place }: ProbeEvent): CostClass {
  switch (place.kind) {
    case 'event':
      return 'event';
    case 'uprobe':
      return 'user';
    case 'kprobe':
    case 'address':
      if (isReturn) return 'return';
      return place.kind === 'kprobe' && place.offset === 0 ? 'ftrace' : 'breakpoint';
    default:
      return kind === 'f' && isReturn ? 'return' : 'ftrace';
  }
}
