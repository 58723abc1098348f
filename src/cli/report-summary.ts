import type { RecordingRun } from '../formats/index.js';
import { fromByteString } from '../language/index.js';
import type { RecordBatch, TracedEvent } from '../records/index.js';
import { printable } from './paint.js';

/** Version of the summary's JSON: docs/cli.md. */
const SUMMARY_VERSION = 1;

/** Losses that the sub-buffers of a CPU tell. */
interface CpuLoss {
  known: number;
  /** Times that the kernel did not say how many. */
  uncounted: number;
}

/** What a report saw: records of each event, losses of each CPU. */
export class ReportCounts {
  records = 0;
  readonly #perEvent = new Map<TracedEvent, number>();
  readonly #losses = new Map<number, CpuLoss>();

  constructor(events: readonly TracedEvent[]) {
    for (const event of events) this.#perEvent.set(event, 0);
  }

  add({ records, lost }: RecordBatch): void {
    this.records += records.length;
    for (const { event } of records) this.#perEvent.set(event, (this.#perEvent.get(event) ?? 0) + 1);
    for (const { cpu, count } of lost) {
      const loss = this.#losses.get(cpu) ?? { known: 0, uncounted: 0 };
      if (count === undefined) loss.uncounted++;
      else loss.known += count;
      this.#losses.set(cpu, loss);
    }
  }

  /** For people: records, losses, and the events that have records, most of them first. */
  text(run: RecordingRun): string {
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
  json({ unknownRecords, damagedPages }: RecordingRun): string {
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
  troubles(run: RecordingRun, isWhole: boolean): readonly string[] {
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
    return [...this.#perEvent].filter(([, count]) => count > 0).sort(([, left], [, right]) => right - left);
  }
}

function lossText({ known, uncounted }: CpuLoss): string {
  if (uncounted === 0) return `${known} lost`;
  const times = `an unknown number lost ${uncounted === 1 ? 'once' : `${uncounted} times`}`;
  return known === 0 ? times : `${known} lost, and ${times}`;
}

function damageLines({ damagedPages, damages }: RecordingRun): readonly string[] {
  if (damagedPages === 0) return [];
  const [first] = damages;
  return [`${plural(damagedPages, 'damaged sub-buffer')} left out: ${first?.message ?? ''}`];
}

function nameOf({ group, name }: TracedEvent, separator: ':' | '/'): string {
  return fromByteString(`${group}${separator}${name}`);
}

function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
