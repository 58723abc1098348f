import { matchesGlob } from '../kernel/index.js';
import { fromByteString } from '../language/index.js';
import { EventShape, type TracedEvent } from '../records/index.js';
import { CommandError } from './error.js';
import { isMeant } from './report-events.js';

/**
 * The numbers that `EVENT.ARG` name, by event: events as `--event` takes them, both with `*`, `?` and `[...]`. Throws a
 * `CommandError` for one that names none.
 */
export function chooseCounters(
  events: readonly TracedEvent[],
  patterns: readonly string[],
): ReadonlyMap<TracedEvent, readonly string[]> {
  const chosen = new Map<TracedEvent, string[]>();
  for (const pattern of patterns) {
    const dot = pattern.lastIndexOf('.');
    let isNamed = false;
    for (const event of dot < 0 ? [] : events.filter(event => isMeant(pattern.slice(0, dot), event))) {
      const fields = numbersOf(event).filter(field =>
        matchesGlob(pattern.slice(dot + 1), fromByteString(field)),
      );
      if (fields.length > 0) chosen.set(event, [...new Set([...(chosen.get(event) ?? []), ...fields])]);
      isNamed ||= fields.length > 0;
    }
    if (isNamed) continue;
    throw new CommandError('usage', `--counter ${JSON.stringify(pattern)} names no number of an event`, [
      'EVENT.ARG, for example vfs_read__entry.count',
    ]);
  }
  return chosen;
}

function numbersOf(event: TracedEvent): readonly string[] {
  return new EventShape(event).fields.flatMap(({ name, shape }) =>
    shape.kind === 'number' && shape.count === undefined && shape.style !== 'char' && shape.style !== 'symbol'
      ? [name]
      : [],
  );
}
