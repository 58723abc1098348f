import fc from 'fast-check';
import { MOST_WAITING } from '../../../src/records/byte-text.js';
import {
  COMMON_PAGE_FORMAT,
  type LineEngine,
  type LostEvents,
  type PageRecord,
  RecordReader,
  type RecordSink,
  type TracedEvent,
} from '../../../src/records/index.js';
import { latin1, loadRecording, type Recording } from '../recorded.js';

const PAGE = COMMON_PAGE_FORMAT.size;

export interface Loaded extends Recording {
  readonly name: string;
}

export const recordings: readonly Loaded[] = ['6.12-cloud', '6.12-cloud-symstr', '6.12-cloud-static'].map(
  name => ({ name, ...loadRecording(name) }),
);

/** What writes lines, with an engine or without. */
export interface LineWriter {
  lost(lost: LostEvents): void;
  record(record: PageRecord): void;
  readonly engine: LineEngine | undefined;
  readonly isFull: boolean;
  take(): Uint8Array;
}

/** What a writer made of records, and who wrote them. */
export interface Written {
  readonly text: string;
  /** Records that were handed over one by one. */
  readonly singly: number;
  readonly unknown: number;
  readonly damages: readonly string[];
  readonly damaged: number;
  /** Whether all pieces of it were short enough. */
  readonly isBounded: boolean;
}

/** Bytes that are written before they must be taken, and the longest line. */
const MOST_BYTES = MOST_WAITING + (1 << 18);

/** Writes all records, at most so many of them at once, in turns. */
export function write(reader: RecordReader, writer: LineWriter, ...most: readonly number[]): Written {
  let singly = 0;
  let text = '';
  let isBounded = true;
  const take = () => {
    const bytes = writer.take();
    isBounded &&= bytes.length <= MOST_BYTES;
    text += latin1(bytes);
  };
  const sink: RecordSink = {
    lost: (lost: LostEvents) => writer.lost(lost),
    record: (record: PageRecord) => {
      singly++;
      writer.record(record);
    },
    engine: writer.engine,
    get isFull() {
      return writer.isFull;
    },
  };
  for (let turn = 0; reader.visit(sink, most[turn % most.length]!); turn++) take();
  take();
  const { unknownRecords: unknown, damagedPages: damaged, damages } = reader;
  return { text, singly, unknown, damaged, damages: damages.map(({ message }) => message), isBounded };
}

/** Reads sub-buffers by CPU; `events` are the capture's unless others are told. */
export function readerOf(
  { capture }: Pick<Recording, 'capture'>,
  pages: ReadonlyMap<number, Uint8Array>,
  events: readonly TracedEvent[] = capture.events,
  commOf: (pid: number) => string | undefined = pid => capture.comms.get(pid),
): RecordReader {
  const reader = new RecordReader({ format: capture.format, cpus: pages.keys(), events, commOf });
  for (const [cpu, bytes] of pages) reader.feed(cpu, bytes);
  return reader;
}

export const pagesOf = ({ capture, files }: Recording): Map<number, Uint8Array> =>
  new Map(capture.cpus.map(cpu => [cpu, files.get(`raw.cpu${cpu}`)!]));

/** Some sub-buffers of a recording with some bytes of them changed, by CPU; each call gives others. */
export function damagedPages(recording: Recording): fc.Arbitrary<() => Map<number, Uint8Array>> {
  const change = fc.record({ cpu: fc.nat(1), at: fc.nat(), value: fc.nat(255) });
  return fc
    .tuple(fc.nat(), fc.integer({ min: 1, max: 3 }), fc.array(change, { maxLength: 20 }))
    .map(([first, count, changes]) => () => {
      const pages = new Map(
        [...pagesOf(recording)].map(([cpu, raw]) => {
          const from = (first % Math.max(1, Math.floor(raw.length / PAGE) - count)) * PAGE;
          // Not `slice`, which copies nothing of a `Buffer`.
          return [cpu, Uint8Array.from(raw.subarray(from, from + count * PAGE))];
        }),
      );
      for (const { cpu, at, value } of changes) {
        const bytes = pages.get(cpu)!;
        // Headers of sub-buffers and of their first records matter most.
        const place = at % 3 === 0 ? (at % count) * PAGE + (at % 48) : at % bytes.length;
        bytes[place] = value;
      }
      return pages;
    });
}
