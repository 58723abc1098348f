import type { TracedEvent, TraceRecord } from '../records/index.js';
import type { TraceSummary } from './session.js';

/** How many records a session has given out. */
export class RecordCounts {
  #records = 0;
  readonly #perEvent: Map<TracedEvent, number>;

  constructor(events: readonly TracedEvent[]) {
    this.#perEvent = new Map(events.map(event => [event, 0]));
  }

  add(records: readonly TraceRecord[]): void {
    this.#records += records.length;
    for (const { event } of records) this.#perEvent.set(event, (this.#perEvent.get(event) ?? 0) + 1);
  }

  get isEmpty(): boolean {
    return this.#records === 0;
  }

  /** What a summary says of them. */
  summary(): Pick<TraceSummary, 'records' | 'perEvent'> {
    return { records: this.#records, perEvent: new Map(this.#perEvent) };
  }
}
