import type { Kernel } from '../kernel/index.js';
import { compileFilter, type FilterExpression } from '../language/index.js';
import type { TracedEvent } from '../records/index.js';
import { BackendError } from './error.js';

/** What a filter asks of an event's records. Throws a `BackendError` with the kernel's words for one that it refuses. */
export function filterFor(
  text: string | undefined,
  { group, name, layout }: TracedEvent,
  kernel: Kernel,
): FilterExpression | undefined {
  if (text === undefined) return undefined;
  if (/[^\0-\xff]/.test(text))
    throw new BackendError('definition', 'a filter is bytes, one per character', { definition: text });
  const judgement = compileFilter(text, layout.fields, kernel);
  if (judgement.accepted) return judgement.expression;
  const { diagnostic } = judgement;
  throw new BackendError('definition', `the filter is refused for ${group}:${name}: ${diagnostic.message}`, {
    definition: text,
    diagnostics: [diagnostic],
    hints: [
      ...diagnostic.hints,
      `fields of ${group}:${name}: ${layout.fields.map(field => field.name).join(' ')}`,
    ],
  });
}
