import type { Random } from '../../differential/random.js';
import { captureRecording, type Recording, withTypes } from '../../src/formats/index.js';
import { createSymbolTable } from '../../src/kernel/index.js';
import { Capture, checkHeaderEvent, PageWriter, type TraceText } from '../../src/records/index.js';
import type { FuzzTarget, Parts } from '../case.js';
import { compareLinesOften, engineText, plainText } from '../compare.js';
import { kernel, latin1, latin1Bytes, RECORDINGS, realCapture } from '../inputs.js';
import { Mutator } from '../mutate.js';
import { writeAll, writersOf } from '../write.js';

const MOST_FORMATS = 3;
/** Records of each event. */
const RECORDS = 6;
/** Cases for which an engine is kept, which has memory of its own, but not for any number of events. */
const MOST_CASES = 50;
const MOST_KEPT = 4;
const NAMES = ['printk_formats', 'kallsyms-more'] as const;

/** Engines that have not failed, by all they know beside events. */
const kept = new Map<string, { readonly engine: TraceText; readonly cases: number }>();

/** The text of each event's format with its heading, by `group/name`. */
const sections = new Map<string, readonly string[]>();

function sectionsOf(recording: string): readonly string[] {
  const known = sections.get(recording);
  if (known !== undefined) return known;
  const text = latin1(realCapture(recording).files.get('formats.txt')!);
  const made = text.split(/^(?=@@ )/m);
  sections.set(recording, made);
  return made;
}

/** Mostly only the print format or the fields: what surrounds them soon refuses the whole. */
function changedFormat(random: Random, mutator: Mutator, format: string): string {
  const print = format.indexOf('print fmt:') + 'print fmt:'.length;
  const fields = format.indexOf('field:');
  switch (random.below(6)) {
    case 0:
      return format;
    case 1:
      return mutator.text(format);
    case 2:
      return format.slice(0, fields) + mutator.text(format.slice(fields, print)) + format.slice(print);
    default:
      return format.slice(0, print) + mutator.text(format.slice(print));
  }
}

/** Sub-buffers with some records of each event, of bytes as they come: small numbers, and locations that may fit. */
function recordsOf(random: Random, formats: readonly string[]): Uint8Array {
  const writer = new PageWriter();
  const all = Array.from({ length: RECORDS }, () => formats).flat();
  all.forEach((format, index) => {
    const bytes = new Uint8Array(random.pick([8, 16, 24, 64, 128, 400]));
    for (let at = 0; at < bytes.length; at++)
      bytes[at] = random.chance(0.6) ? random.below(3) : random.below(256);
    new DataView(bytes.buffer).setUint16(0, Number(/^ID: (\d+)/m.exec(format)?.[1] ?? 0), true);
    writer.write(BigInt(1000 * (index + 1)), bytes);
  });
  writer.finishPage();
  return Uint8Array.from(Buffer.concat(writer.takePages()));
}

const LISTS = [
  'header_page',
  'header_event',
  'dynamic_events',
  'saved_cmdlines',
  'printk_formats',
  'kallsyms-more',
];

/** Everything of a capture that is text: formats above all. */
export const formats: FuzzTarget = {
  make(random) {
    const mutator = new Mutator(random);
    const recording = random.pick(RECORDINGS);
    const { files } = realCapture(recording);
    const chosen = Array.from({ length: random.between(1, MOST_FORMATS) }, () =>
      random.pick(sectionsOf(recording)),
    );
    const changed = chosen.map(format => changedFormat(random, mutator, format));
    const parts: Record<string, Uint8Array> = {
      'formats.txt': latin1Bytes(changed.join('')),
      'raw.cpu0': recordsOf(random, changed),
      'stats.cpu0': files.get('stats.cpu0')!,
    };
    for (const name of LISTS) {
      const bytes = files.get(name);
      if (bytes === undefined) continue;
      const text = latin1(bytes).slice(0, 4000);
      parts[name] = latin1Bytes(random.chance(0.02) ? mutator.text(text) : text);
    }
    return parts;
  },

  run(parts) {
    const capture = new Capture(new Map(Object.entries(parts)));
    checkHeaderEvent(latin1(parts.header_event!));
    const symbols = createSymbolTable(undefined, [parts['kallsyms-more']!]);
    const recording = captureRecording(capture, symbols);
    const typed = { ...recording, events: withTypes(recording.events, kernel()) };
    writeAll(typed, writersOf(typed, ['json', 'csv']));
    compareKept(typed, parts);
  },
};

function compareKept(recording: Recording, parts: Parts): void {
  const names = NAMES.map(name => (parts[name] === undefined ? '' : latin1(parts[name])));
  const key = [recording.littleEndian, ...names].join();
  const { engine, cases } = kept.get(key) ?? { engine: engineText(recording), cases: 0 };
  kept.delete(key);
  compareLinesOften(recording, { plain: plainText(recording), engine });
  if (kept.size === MOST_KEPT) kept.clear();
  if (cases < MOST_CASES) kept.set(key, { engine, cases: cases + 1 });
}
