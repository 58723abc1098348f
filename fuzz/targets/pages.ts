import type { Random } from '../../differential/random.js';
import { captureRecording, type Recording } from '../../src/formats/index.js';
import { COMMON_PAGE_FORMAT, PageWalker, parseHeaderPage, RecordReader } from '../../src/records/index.js';
import type { FuzzTarget, Parts } from '../case.js';
import { type ComparedTexts, compareLines, engineText, plainText } from '../compare.js';
import { kernel, latin1, latin1Bytes, RECORDINGS, realCapture } from '../inputs.js';
import { Mutator } from '../mutate.js';
import { type Writers, writeAll, writersOf } from '../write.js';

/** Writers that have not failed. */
const kept = new Map<string, { readonly others: Writers; readonly texts: ComparedTexts }>();

const PAGE = COMMON_PAGE_FORMAT.size;

/** A few sub-buffers of a CPU. */
function somePages(random: Random, raw: Uint8Array): Uint8Array {
  const pages = Math.floor(raw.length / PAGE);
  const count = random.between(1, Math.min(4, pages));
  const first = random.below(pages - count + 1);
  return raw.slice(first * PAGE, (first + count) * PAGE);
}

/** Where headers of sub-buffers and of events are. */
function headers(pages: Uint8Array): number[] {
  const places: number[] = [];
  const walker = new PageWalker(COMMON_PAGE_FORMAT);
  walker.load(pages);
  for (let page = 0; page < pages.length; page += PAGE) {
    places.push(page, page + 8, page + 12);
    walker.open(page);
    while (walker.next()) places.push(walker.start - 4, walker.start, walker.start + 8, walker.end);
  }
  return places;
}

/** Sub-buffers as `trace_pipe_raw` gives them, and rarely the text that says how they are laid out. */
export const pages: FuzzTarget = {
  make(random) {
    const mutator = new Mutator(random);
    const recording = random.pick(RECORDINGS);
    const { files, capture } = realCapture(recording);
    const parts: Record<string, Uint8Array> = {
      recording: latin1Bytes(recording),
      // A line of CSV has a cell for each field of every event, and takes ten times as long as one of JSON.
      ways: latin1Bytes(random.chance(0.05) ? 'csv' : 'text json'),
    };
    for (const cpu of capture.cpus) {
      const some = somePages(random, files.get(`raw.cpu${cpu}`)!);
      parts[`raw.cpu${cpu}`] = random.chance(0.8) ? mutator.bytes(some, headers(some)) : some;
    }
    const header = latin1(files.get('header_page')!);
    parts.header_page = latin1Bytes(random.chance(0.05) ? mutator.text(header) : header);
    return parts;
  },

  run(parts: Parts) {
    const { capture, events } = realCapture(latin1(parts.recording!));
    const format = parseHeaderPage(latin1(parts.header_page!));
    const { littleEndian } = format;
    const recording: Recording = {
      ...captureRecording(capture, kernel().symbols),
      events,
      littleEndian,
      read(wanted) {
        const commOf = (pid: number) => capture.comms.get(pid);
        const reader = new RecordReader({ format, cpus: capture.cpus, events: wanted, commOf });
        for (const cpu of capture.cpus) feedCut(reader, cpu, parts[`raw.cpu${cpu}`]!);
        return {
          get unknownRecords() {
            return reader.unknownRecords;
          },
          get damagedPages() {
            return reader.damagedPages;
          },
          get damages() {
            return reader.damages;
          },
          visit: (sink, most) => reader.visit(sink, most),
          *[Symbol.iterator]() {
            for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) yield batch;
          },
        };
      },
    };
    // A writer makes code for each event: made anew for every case it would do nothing else.
    const key = [recording.littleEndian, latin1(parts.recording!), latin1(parts.ways!)].join();
    const ways = latin1(parts.ways!).split(' ');
    const writers = kept.get(key) ?? {
      others: writersOf(
        recording,
        ways.filter(way => way !== 'text'),
      ),
      texts: { plain: plainText(recording), engine: engineText(recording) },
    };
    kept.delete(key);
    writeAll(recording, writers.others);
    if (ways.includes('text')) compareLines(recording, writers.texts, parts['raw.cpu0']!.at(-1)!);
    kept.set(key, writers);
  },
};

/** As reads give it: not in whole sub-buffers. */
function feedCut(reader: RecordReader, cpu: number, bytes: Uint8Array): void {
  const cut = bytes.length % 3000;
  reader.feed(cpu, bytes.slice(0, cut));
  reader.feed(cpu, bytes.slice(cut));
}
