import type { CpuStream } from '../cpu-stream.js';
import { RecordError } from '../error.js';
import type { EventTable } from '../event-table.js';
import { PageWalker } from '../pages.js';
import type { TracedEvent } from '../record.js';

/** Bytes of each CPU that are looked at. */
const LOOKED_AT = 1 << 16;
/** With so many records there an event is not rare. */
const SEVERAL = 3;

/** The events of which there are several records in what lies next in the streams. */
export function frequentEvents(
  streams: readonly CpuStream[],
  { byType, typeOffset }: EventTable,
): TracedEvent[] {
  const counts = new Map<number, number>();
  for (const { walker } of streams) {
    const { size, littleEndian } = walker.format;
    const ahead = new PageWalker(walker.format);
    ahead.load(walker.bytes);
    const end = Math.min(walker.pageStart + LOOKED_AT, walker.bytes.length);
    for (let page = walker.pageStart; page + size <= end; page += size) {
      eachRecord(ahead, page, start => {
        if (start + typeOffset + 2 > end) return;
        const type = ahead.view.getUint16(start + typeOffset, littleEndian);
        counts.set(type, (counts.get(type) ?? 0) + 1);
      });
    }
  }
  return [...counts].flatMap(([type, count]) => (count < SEVERAL ? [] : (byType.at(type) ?? [])));
}

/** Tells where the records of a sub-buffer start, up to a damage. */
function eachRecord(walker: PageWalker, page: number, tell: (start: number) => void): void {
  try {
    walker.open(page);
    while (walker.next()) tell(walker.start);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
  }
}
