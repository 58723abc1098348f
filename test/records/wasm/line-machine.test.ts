import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMMON_PAGE_FORMAT,
  type LostEvents,
  type PageRecord,
  RecordReader,
  type RecordSink,
  TraceText,
} from '../../../src/records/index.js';
import { latin1, loadRecording } from '../recorded.js';

const recordings = ['6.12-cloud', '6.12-cloud-symstr', '6.12-cloud-static'].map(name => ({
  name,
  ...loadRecording(name),
}));
const PAGE = COMMON_PAGE_FORMAT.size;

type Loaded = (typeof recordings)[number];

/** What a writer made of records, and who wrote them. */
interface Written {
  readonly text: string;
  /** Records that were handed over one by one. */
  readonly singly: number;
  readonly unknown: number;
  readonly damages: readonly string[];
  readonly damaged: number;
}

function writerFor({ capture, symbols }: Loaded, machine: boolean): TraceText {
  const constants = (name: string) => capture.constants.get(name);
  const stringAt = (address: bigint) => capture.strings.get(address);
  return new TraceText({ symbols, constants, stringAt, machine });
}

function write(reader: RecordReader, writer: TraceText, most: number): Written {
  let singly = 0;
  let text = '';
  const sink: RecordSink = {
    lost: (lost: LostEvents) => writer.lost(lost),
    record: (record: PageRecord) => {
      singly++;
      writer.record(record);
    },
    machine: writer.machine,
  };
  while (reader.visit(sink, most)) text += latin1(writer.take());
  text += latin1(writer.take());
  const { unknownRecords: unknown, damagedPages: damaged, damages } = reader;
  return { text, singly, unknown, damaged, damages: damages.map(({ message }) => message) };
}

function readerOf({ capture }: Loaded, pages: ReadonlyMap<number, Uint8Array>, every = 1): RecordReader {
  const commOf = (pid: number) => capture.comms.get(pid);
  const events = capture.events.filter((_, index) => index % every === 0);
  const reader = new RecordReader({ format: capture.format, cpus: pages.keys(), events, commOf });
  for (const [cpu, bytes] of pages) reader.feed(cpu, bytes);
  return reader;
}

const pagesOf = ({ capture, files }: Loaded) =>
  new Map(capture.cpus.map(cpu => [cpu, files.get(`raw.cpu${cpu}`)!]));

describe.each(recordings)('lines of $name by the machine', recording => {
  it.each([1, 7, 1024, 100_000])('are the same, %i at once', most => {
    const plain = write(readerOf(recording, pagesOf(recording)), writerFor(recording, false), most);
    const made = write(readerOf(recording, pagesOf(recording)), writerFor(recording, true), most);
    expect(made.text).toBe(plain.text);
    expect(made.unknown).toBe(plain.unknown);
    // The first records teach which events there are; and what has no room where the machine writes is written otherwise.
    const isShort = recording.name === '6.12-cloud-symstr';
    if (!isShort) expect(made.singly).toBeLessThan(most > 10_000 ? plain.singly : plain.singly / 10);
  });

  it('are the same of some events', () => {
    const plain = write(readerOf(recording, pagesOf(recording), 3), writerFor(recording, false), 1024);
    const made = write(readerOf(recording, pagesOf(recording), 3), writerFor(recording, true), 1024);
    expect(made).toEqual({ ...plain, singly: made.singly });
  });
});

describe('damaged sub-buffers', () => {
  // Writers stay: a damaged record must not spoil the lines that follow.
  const writers = recordings.map(recording => ({
    recording,
    plain: writerFor(recording, false),
    made: writerFor(recording, true),
  }));

  it('give the same lines, losses and damages', () => {
    const change = fc.record({ cpu: fc.nat(1), at: fc.nat(), value: fc.nat(255) });
    let singly = 0;
    let lines = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...writers),
        fc.nat(),
        fc.integer({ min: 1, max: 3 }),
        fc.array(change, { maxLength: 20 }),
        fc.constantFrom(1, 50, 5000),
        ({ recording, plain, made }, first, count, changes, most) => {
          const pages = new Map(
            [...pagesOf(recording)].map(([cpu, raw]) => {
              const from = (first % Math.max(1, Math.floor(raw.length / PAGE) - count)) * PAGE;
              return [cpu, raw.slice(from, from + count * PAGE)];
            }),
          );
          for (const { cpu, at, value } of changes) {
            const bytes = pages.get(cpu)!;
            // Headers of sub-buffers and of their first records matter most.
            const place = at % 3 === 0 ? (at % count) * PAGE + (at % 48) : at % bytes.length;
            bytes[place] = value;
          }
          const copy = new Map([...pages].map(([cpu, bytes]) => [cpu, bytes.slice()]));
          const expected = write(readerOf(recording, pages), plain, most);
          const told = write(readerOf(recording, copy), made, most);
          expect(told).toEqual({ ...expected, singly: told.singly });
          singly += told.singly;
          lines += expected.singly;
        },
      ),
      { numRuns: 1500 },
    );
    expect(singly).toBeLessThan(lines / 2);
  }, 300_000);
});
