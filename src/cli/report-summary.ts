import { fromByteString } from '../language/index.js';
import {
  type LostEvents,
  NumberTable,
  type PageRecord,
  type RecordSink,
  type TracedEvent,
} from '../records/index.js';
import { printable } from './paint.js';
import { plural } from './plural.js';

/** Version of the summary's JSON: docs/cli.md. */
const SUMMARY_VERSION = 1;

/** Losses that the sub-buffers of a CPU tell. */
interface CpuLoss {
  known: number;
  /** Times that the kernel did not say how many. */
  uncounted: number;
}

/** What a reading met beside records. */
export interface RunTroubles {
  readonly unknownRecords: number;
  readonly damagedPages: number;
  readonly damages: readonly { readonly message: string }[];
}

interface EventCount {
  readonly event: TracedEvent;
  records: number;
}

/** What a report saw: records of each event, losses of each CPU. */
export class ReportCounts implements RecordSink {
  records = 0;
  readonly #perEvent = new Map<TracedEvent, EventCount>();
  /** By the number that records have: where it is another event's, `#perEvent` tells. */
  readonly #byType = new NumberTable<EventCount>();
  readonly #losses = new Map<number, CpuLoss>();

  constructor(events: readonly TracedEvent[]) {
    for (const event of events) this.#perEvent.set(event, { event, records: 0 });
  }

  lost({ cpu, count }: LostEvents): void {
    const loss = this.#losses.get(cpu) ?? { known: 0, uncounted: 0 };
    if (count === undefined) loss.uncounted++;
    else loss.known += count;
    this.#losses.set(cpu, loss);
  }

  record({ event, type }: PageRecord): void {
    this.records++;
    let count = this.#byType.at(type);
    if (count === undefined || count.event !== event) {
      count = this.#perEvent.get(event) ?? { event, records: 0 };
      this.#perEvent.set(event, count);
      this.#byType.set(type, count);
    }
    count.records++;
  }

  /** For people: records, losses, and the events that have records, most of them first. */
  text(run: RunTroubles): string {
    const counts = this.#counted().map(([event, count]) => [String(count), nameOf(event, ':')] as const);
    const width = Math.max(0, ...counts.map(([count]) => count.length));
    return [
      `${plural(this.records, 'record')}, ${this.#lost()} lost\n`,
      ...counts.map(([count, name]) => `  ${count.padStart(width)}  ${printable(name)}\n`),
      ...[...this.#losses].map(([cpu, loss]) => `  CPU ${cpu}: ${lossText(loss)}\n`),
      ...damageLines(run).map(line => `  ${line}\n`),
    ].join('');
  }

  /** For programs, one line. */
  json({ unknownRecords, damagedPages }: RunTroubles): string {
    const summary = {
      records: this.records,
      lost: this.#lost(),
      events: this.#counted().map(([event, records]) => ({ event: nameOf(event, '/'), records })),
      cpus: [...this.#losses].map(([cpu, { known, uncounted }]) => ({ cpu, lost: known, uncounted })),
      otherRecords: unknownRecords,
      damagedPages,
    };
    return `${JSON.stringify({ v: SUMMARY_VERSION, summary })}\n`;
  }

  /** What a reader of the records should know. Records of other events are expected when only some were asked for. */
  troubles(run: RunTroubles, isWhole: boolean): readonly string[] {
    const { unknownRecords: unknown } = run;
    return [
      ...[...this.#losses].map(([cpu, loss]) => `CPU ${cpu} lost events: ${lossText(loss)}`),
      ...(isWhole && unknown > 0 ? [`${plural(unknown, 'record')} of events without a format left out`] : []),
      ...damageLines(run),
    ];
  }

  #lost(): number {
    return [...this.#losses.values()].reduce((sum, { known }) => sum + known, 0);
  }

  #counted(): (readonly [TracedEvent, number])[] {
    return [...this.#perEvent.values()]
      .filter(({ records }) => records > 0)
      .map(({ event, records }) => [event, records] as const)
      .sort(([, left], [, right]) => right - left);
  }
}

function lossText({ known, uncounted }: CpuLoss): string {
  if (uncounted === 0) return `${known} lost`;
  const times = `an unknown number lost ${uncounted === 1 ? 'once' : `${uncounted} times`}`;
  return known === 0 ? times : `${known} lost, and ${times}`;
}

function damageLines({ damagedPages, damages }: RunTroubles): readonly string[] {
  if (damagedPages === 0) return [];
  const [first] = damages;
  return [`${plural(damagedPages, 'damaged sub-buffer')} left out: ${first?.message ?? ''}`];
}

function nameOf({ group, name }: TracedEvent, separator: ':' | '/'): string {
  return fromByteString(`${group}${separator}${name}`);
}
