import type { TraceTarget } from '../backends/index.js';
import type { CheckId } from '../host/index.js';
import { dialectFeatures, type Kernel, newestDialect } from '../kernel/index.js';
import { lowerDefinition, type ProbeEvent } from '../language/index.js';
import { type Candidate, type CostClass, type Operation, ruledOut } from './candidate.js';
import { obstaclesOf, tracefsNeeds } from './checks.js';
import { filterVerdict } from './filter.js';
import { firstReason } from './reasons.js';
import { ringRecordSize } from './record-size.js';
import type { PlannedSession } from './session.js';

/** The line as it is written, by the kernel's own probe events; or an event that exists, followed. */
export function nativeCandidate(session: PlannedSession, target: TraceTarget): Candidate {
  const { kernel, capabilities } = session;
  if ('event' in target) return followed(session, target.event);
  const { definition } = target;
  const judgement = session.native.define(definition);
  if (!judgement.accepted) {
    return ruledOut('native', `this kernel refuses the line: ${firstReason(kernel, definition, judgement)}`);
  }
  const { event } = judgement;
  if (event === undefined) return ruledOut('native', 'the line defines no event');
  const otherMeaning = meantOtherwise(kernel, definition, event);
  if (otherMeaning !== undefined)
    return ruledOut('native', otherMeaning, ['as it means it: --backend tracefs']);
  const verdict = filterVerdict('native', session.filter, event.layout.fields, kernel);
  if (!verdict.passes) return verdict.candidate;
  return {
    way: 'native',
    obstacles: obstaclesOf(capabilities, [...tracefsNeeds, ...needsOfPlace(event)]),
    operations: tracefsOperations([definition], event, session.filter),
    record: ringRecordSize(event.layout),
    cost: tracefsCost(event),
    notes: [],
  };
}

/** A line means what the newest kernels make of it; older ones may take it and read something else (docs/lowering.md). */
function meantOtherwise(kernel: Kernel, definition: string, { args }: ProbeEvent): string | undefined {
  if (dialectFeatures.every(feature => kernel.dialect[feature] === newestDialect[feature])) return undefined;
  const lowering = lowerDefinition(kernel, definition);
  if (!lowering.ok) return undefined;
  using meant = lowering.event;
  if (!lowering.lowered.changed) return undefined;
  const at = args.findIndex(({ type, count, size }, index) => {
    const other = meant.args[index];
    return type.name !== other?.type.name || count !== other.count || size !== other.size;
  });
  const [here, newer] = [args[at], meant.args[at]];
  const how =
    here === undefined || newer === undefined
      ? 'its records differ'
      : `${here.name}=${here.body} is ${here.type.name} here, ${newer.type.name} there`;
  return `this kernel takes the line and means something else than newer ones: ${how}`;
}

function followed(
  { kernel, capabilities, filter }: PlannedSession,
  { group, name }: { group: string; name: string },
): Candidate {
  const layout = kernel.events.find(group, name);
  const obstacles = obstaclesOf(capabilities, tracefsNeeds);
  if (layout === undefined && obstacles.length === 0)
    return ruledOut('native', `there is no event ${group}:${name}`);
  const verdict = layout && filterVerdict('native', filter, layout.fields, kernel);
  if (verdict?.passes === false) return verdict.candidate;
  return {
    way: 'native',
    obstacles,
    operations: tracefsOperations([], { group, name }, filter),
    record: layout && ringRecordSize(layout),
    cost: 'event',
    notes: [],
  };
}

/** What is done with lines that define one event, or with one that exists. */
export function tracefsOperations(
  lines: readonly string[],
  { group, name }: Pick<ProbeEvent, 'group' | 'name'>,
  filter: string | undefined,
): readonly Operation[] {
  return [
    ...lines.map((line): Operation => ({ kind: 'define', line })),
    ...(filter === undefined ? [] : [{ kind: 'filter', group, event: name, filter } as const]),
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
