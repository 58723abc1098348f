import type { TraceTarget } from '../backends/index.js';
import { compileProbe, lowerDefinition } from '../language/index.js';
import { type Candidate, ruledOut } from './candidate.js';
import { obstaclesOf, tracefsNeeds } from './checks.js';
import { filterVerdict } from './filter.js';
import { needsOfPlace, tracefsCost, tracefsOperations } from './native.js';
import { ringRecordSize } from './record-size.js';
import type { PlannedSession } from './session.js';

/** The line in older words, by the kernel's own probe events. */
export function loweredCandidate(
  { kernel, capabilities, filter }: PlannedSession,
  target: TraceTarget,
): Candidate {
  if ('event' in target) return ruledOut('lowered', 'events that exist are followed as they are');
  const lowering = lowerDefinition(kernel, target.definition);
  if (!lowering.ok) {
    const reasons = lowering.refusals.map(({ message }) => message);
    return ruledOut('lowered', `this kernel has no words for it: ${reasons.join('; ')}`);
  }
  const { lowered } = lowering;
  using event = lowering.event;
  if (!lowered.changed) {
    const obstacles = obstaclesOf(capabilities, tracefsNeeds);
    const nothing = ruledOut('lowered', 'there is nothing to lower: the kernel takes the line as it is');
    return obstacles.length === 0 ? nothing : { ...nothing, obstacles };
  }
  const judgement = compileProbe(kernel, lowered.lines[0] ?? '');
  if (!judgement.accepted || judgement.event === undefined)
    return ruledOut('lowered', 'this kernel refuses the lowered line');
  using first = judgement.event;
  const { tracepoint, lines, args } = lowered;
  const verdict = filterVerdict('lowered', filter, lowered.layout.fields, kernel);
  if (!verdict.passes) return verdict.candidate;
  const changed = args.filter(argument => argument.lowered !== argument.original).length;
  return {
    way: 'lowered',
    obstacles: obstaclesOf(capabilities, [...tracefsNeeds, ...needsOfPlace(first)]),
    operations: [
      ...tracefsOperations(lines, event, filter),
      ...(tracepoint === undefined
        ? []
        : [{ kind: 'keep-busy', tracepoint: tracepoint.tracepoint } as const]),
    ],
    record: ringRecordSize(first.layout),
    cost: tracefsCost(first),
    notes: [`${changed} of ${args.length} arguments are written in other words`],
  };
}
