import { type BpfPlace, bpfAbility, bpfFacts, describePlace, planProgram } from '../backends/bpf/index.js';
import { BackendError, type TraceTarget } from '../backends/index.js';
import type { CheckId } from '../host/index.js';
import type { FilterExpression, ProbeEvent } from '../language/index.js';
import { type Candidate, type CostClass, ruledOut } from './candidate.js';
import { bpfNeeds, obstaclesOf } from './checks.js';
import { filterVerdict } from './filter.js';
import { firstReason } from './reasons.js';
import type { PlannedSession } from './session.js';

/** A program of ours. */
export function bpfCandidate(
  { bpf, bpfKernel, capabilities, filter }: PlannedSession,
  target: TraceTarget,
): Candidate {
  if ('event' in target) return ruledOut('bpf', 'eBPF traces definitions, not events that exist');
  const { definition } = target;
  const judgement = bpf.define(definition);
  if (!judgement.accepted)
    return ruledOut('bpf', `the line is refused: ${firstReason(bpfKernel, definition, judgement)}`);
  const { event } = judgement;
  if (event === undefined) return ruledOut('bpf', 'the line defines no event');
  const ability = bpfAbility(event, bpfKernel, bpfFacts(bpfKernel));
  if (!ability.can) return ruledOut('bpf', ability.reason);
  const { place, because } = ability;
  const verdict = filterVerdict('bpf', filter, event.layout.fields, bpfKernel);
  if (!verdict.passes) return verdict.candidate;
  const program = programOf(event, place, verdict.expression);
  if ('way' in program) return program;
  const { instructions, layout } = program;
  return {
    way: 'bpf',
    obstacles: obstaclesOf(capabilities, [...bpfNeeds, ...needsOf(place), ...needsOfArguments(event)]),
    operations: [
      { kind: 'load', program: describePlace(place), instructions: instructions.length },
      { kind: 'attach', place: describePlace(place) },
    ],
    record: {
      bytes: ringHeader + Math.ceil((layout.recordStart + layout.fixedBytes) / 8) * 8,
      texts: layout.hasText,
    },
    cost: costOf(place),
    notes: because === undefined ? [] : [`not by a trampoline: ${because}`],
  };
}

/** The program; without one the filter is beyond eBPF. */
function programOf(
  event: ProbeEvent,
  place: BpfPlace,
  filter: FilterExpression | undefined,
): ReturnType<typeof planProgram> | Candidate {
  try {
    return planProgram(event, 0, place, filter);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return ruledOut('bpf', error.message, error.hints);
  }
}

/** In front of each record of a BPF ring buffer; records begin at words of eight bytes (spec 15). */
const ringHeader = 8;

function needsOf({ kind }: BpfPlace): readonly CheckId[] {
  switch (kind) {
    case 'fentry':
    case 'fexit':
      return ['bpf.trampolines'];
    case 'tracepoint':
      return [];
    case 'kprobe':
    case 'kprobes':
      return ['probes.kprobe', 'bpf.kprobe'];
    case 'kprobe-multi':
      return ['bpf.kprobe-multi'];
    default:
      return kind satisfies never;
  }
}

/** Memory at a symbol is read at its address. */
function needsOfArguments({ args }: ProbeEvent): readonly CheckId[] {
  return args.some(({ program }) => program.some(({ op }) => op === 'SYMBOL')) ? ['symbols.addresses'] : [];
}

function costOf(place: BpfPlace): CostClass {
  switch (place.kind) {
    case 'fentry':
    case 'fexit':
    case 'tracepoint':
      return 'trampoline';
    case 'kprobe':
      if (place.isReturn) return 'return';
      return place.symbol !== '' && place.offset === 0n ? 'ftrace' : 'breakpoint';
    case 'kprobes':
    case 'kprobe-multi':
      return place.isReturn ? 'return' : 'ftrace';
    default:
      return place satisfies never;
  }
}
