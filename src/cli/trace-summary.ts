import type { TraceSummary } from '../backends/index.js';
import { fromByteString } from '../language/index.js';
import type { TracedEvent } from '../records/index.js';
import { printable } from './paint.js';
import { plural } from './plural.js';
import type { WrittenRecords } from './trace-records.js';

/** Version of the summary's JSON: docs/cli.md. */
const SUMMARY_VERSION = 1;

/** The summary for people: records, lost ones with their CPUs, and how many of each event. */
export function summaryText(
  { records, perEvent }: WrittenRecords,
  { lost, perCpu, damagedPages, lostPerEvent }: TraceSummary,
): string {
  const counts = [...perEvent].map(([event, count]) => {
    const gone = lostPerEvent?.get(event) ?? 0;
    return [String(count), printable(nameOf(event)) + (gone === 0 ? '' : `, ${gone} lost`)] as const;
  });
  const width = Math.max(0, ...counts.map(([count]) => count.length));
  const losses = perCpu.flatMap(({ cpu, overrun, commitOverrun, dropped }) => {
    const parts = [
      part(overrun, 'overwritten'),
      part(commitOverrun, 'not committed'),
      part(dropped, 'refused'),
    ];
    const said = parts.filter(text => text !== undefined);
    return said.length === 0 ? [] : [`  CPU ${cpu}: ${said.join(', ')}\n`];
  });
  return [
    `${plural(records, 'record')}, ${lost} lost\n`,
    ...counts.map(([count, name]) => `  ${count.padStart(width)}  ${name}\n`),
    ...losses,
    ...(damagedPages > 0 ? [`  ${plural(damagedPages, 'sub-buffer')} could not be read: damaged\n`] : []),
  ].join('');
}

/** The summary for programs, one line. */
export function summaryJson(
  { records, perEvent }: WrittenRecords,
  { lost, perCpu, damagedPages, lostPerEvent }: TraceSummary,
): string {
  const events = [...perEvent].map(([event, count]) => ({
    event: nameOf(event).replace(':', '/'),
    records: count,
    ...(lostPerEvent !== undefined && { lost: lostPerEvent.get(event) ?? 0 }),
  }));
  return `${JSON.stringify({ v: SUMMARY_VERSION, summary: { records, lost, damagedPages, events, cpus: perCpu } })}\n`;
}

function nameOf({ group, name }: TracedEvent): string {
  return fromByteString(`${group}:${name}`);
}

function part(count: number, what: string): string | undefined {
  return count === 0 ? undefined : `${count} ${what}`;
}
