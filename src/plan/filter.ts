import type { WayId } from '../host/index.js';
import type { EventField, Kernel } from '../kernel/index.js';
import { compileFilter, type FilterExpression } from '../language/index.js';
import { type Candidate, ruledOut } from './candidate.js';

/** A filter as it is asked of one event's records, or why it cannot be. */
export type FilterVerdict =
  | { readonly passes: true; readonly expression: FilterExpression | undefined }
  | { readonly passes: false; readonly candidate: Candidate };

/** Judges a filter over the fields of an event, as its `filter` file would. */
export function filterVerdict(
  way: WayId,
  filter: string | undefined,
  fields: readonly EventField[],
  kernel: Kernel,
): FilterVerdict {
  if (filter === undefined) return { passes: true, expression: undefined };
  const judgement = compileFilter(filter, fields, kernel);
  if (judgement.accepted) return { passes: true, expression: judgement.expression };
  const advice = [`fields of the event: ${fields.map(({ name }) => name).join(' ')}`];
  const message = `the filter is refused: ${judgement.diagnostic.message}`;
  return { passes: false, candidate: ruledOut(way, message, advice) };
}
