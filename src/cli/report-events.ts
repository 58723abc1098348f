import { matchesGlob } from '../kernel/index.js';
import { fromByteString } from '../language/index.js';
import type { TracedEvent } from '../records/index.js';
import { CommandError } from './error.js';

/**
 * The events that the patterns name, all of them without a pattern: `group:name` or `group/name`, or one word for a name
 * or a whole group, with `*`, `?` and `[...]`. Throws a `CommandError` for a pattern that matches none.
 */
export function chooseEvents(
  events: readonly TracedEvent[],
  patterns: readonly string[],
): readonly TracedEvent[] {
  if (patterns.length === 0) return events;
  const chosen = new Set<TracedEvent>();
  for (const pattern of patterns) {
    const found = events.filter(event => isMeant(pattern, event));
    if (found.length === 0) {
      const hint = 'its events and how many records each has: btfprobe report --summary';
      throw new CommandError('usage', `the recording knows no event ${JSON.stringify(pattern)}`, [hint]);
    }
    for (const event of found) chosen.add(event);
  }
  return events.filter(event => chosen.has(event));
}

/** Does the pattern name the event? */
export function isMeant(pattern: string, event: TracedEvent): boolean {
  const group = fromByteString(event.group);
  const name = fromByteString(event.name);
  const separator = pattern.search(/[:/]/);
  if (separator < 0) return matchesGlob(pattern, name) || matchesGlob(pattern, group);
  return matchesGlob(pattern.slice(0, separator), group) && matchesGlob(pattern.slice(separator + 1), name);
}
