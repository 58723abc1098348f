import { NumberTable } from './number-table.js';
import type { TracedEvent } from './record.js';

/** Events by the number that their records have, and where records have it. */
export class EventTable {
  readonly byType = new NumberTable<TracedEvent>();
  /** Bytes from the start of a record to its event's number, and to its pid. */
  typeOffset = 0;
  pidOffset = 4;
  /** How often an event was added. */
  size = 0;

  constructor(events: Iterable<TracedEvent> = []) {
    for (const event of events) this.add(event);
  }

  /** An event without an id has no records yet and is ignored. */
  add(event: TracedEvent): void {
    const { id, common } = event.layout;
    if (id === undefined) return;
    this.size++;
    this.byType.set(id, event);
    for (const field of common) {
      if (field.name === 'common_type') this.typeOffset = field.offset;
      if (field.name === 'common_pid') this.pidOffset = field.offset;
    }
  }
}
