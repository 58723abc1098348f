import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonLines, type ValuesStyle, withTypes } from '../../src/formats/index.js';
import { openDefaultKernel } from '../../src/host/index.js';
import { PageWriter, type TracedEvent } from '../../src/records/index.js';
import {
  damagedPages,
  type Loaded,
  pagesOf,
  readerOf,
  recordings,
  type Written,
  write,
} from '../records/wasm/engine-lines.js';

const kernel = openDefaultKernel();
afterAll(() => kernel[Symbol.dispose]());

/** A recording with what is known of its events' types, and how it is to be written. */
interface Case extends Loaded {
  readonly values: ValuesStyle;
  readonly events: readonly TracedEvent[];
}

const cases: readonly Case[] = recordings.flatMap(recording => [
  { ...recording, values: 'plain', events: recording.capture.events },
  { ...recording, values: 'rich', events: withTypes(recording.capture.events, kernel) },
]);

function writerFor({ symbols, values }: Case, engine: boolean): JsonLines {
  return new JsonLines({ symbols, values, engine });
}

describe.each(cases)('$values lines of $name by the engine', one => {
  const { events, name } = one;
  let plain: Written;
  beforeAll(() => {
    plain = write(readerOf(one, pagesOf(one), events), writerFor(one, false), 1024);
  });

  it.each([1, 7, 1024, 100_000])('are the same, %i at once', most => {
    const made = write(readerOf(one, pagesOf(one), events), writerFor(one, true), most);
    expect(made.text).toBe(plain.text);
    expect(made.unknown).toBe(plain.unknown);
    // The first records teach which events there are.
    if (name !== '6.12-cloud-symstr') expect(made.singly).toBeLessThan(plain.singly / 8);
  });

  it('are the same of some events', () => {
    const some = events.filter((_, index) => index % 3 === 0);
    const plain = write(readerOf(one, pagesOf(one), some), writerFor(one, false), 1024);
    const made = write(readerOf(one, pagesOf(one), some), writerFor(one, true), 1024);
    expect(made).toEqual({ ...plain, singly: made.singly });
  });

  it('are the same whatever tasks are called', () => {
    const comms = ['sh', 'a"b', 'c\\d\n', '\xff', 'caf\xc3\xa9', ''];
    const commOf = (pid: number) => comms[pid % comms.length];
    const plain = write(readerOf(one, pagesOf(one), events, commOf), writerFor(one, false), 1024);
    const made = write(readerOf(one, pagesOf(one), events, commOf), writerFor(one, true), 1024);
    expect(made.text).toBe(plain.text);
    if (name !== '6.12-cloud-symstr') expect(plain.text).toContain('"latin1":["comm"');
  });

  it('are the same of damaged sub-buffers', () => {
    // Writers stay: a damaged record must not spoil the lines that follow.
    const plain = writerFor(one, false);
    const made = writerFor(one, true);
    let singly = 0;
    let lines = 0;
    fc.assert(
      fc.property(damagedPages(one), fc.constantFrom(1, 50, 5000), (pages, most) => {
        const expected = write(readerOf(one, pages(), events), plain, most);
        const told = write(readerOf(one, pages(), events), made, most);
        expect(told).toEqual({ ...expected, singly: told.singly });
        singly += told.singly;
        lines += expected.singly;
      }),
      { numRuns: 200 },
    );
    expect(singly).toBeLessThan(lines / 2);
  }, 300_000);
});

/** Bytes that are often zeros or ones, and often characters, of which some need care. */
const byte = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  fc.constant(0xff),
  fc.integer({ min: 0x20, max: 0x7f }),
  fc.constantFrom(0x22, 0x5c, 0x0a, 0x1f, 0x7f, 0x80, 0xc3, 0xa9),
  fc.nat(255),
);
const letters = fc
  .array(
    fc.oneof(
      { weight: 150, arbitrary: fc.integer({ min: 0x23, max: 0x5b }) },
      { weight: 5, arbitrary: fc.constantFrom(0, 0x22, 0x5c, 0x0a, 0x1f, 0x7f) },
      fc.constantFrom(0x80, 0xff),
    ),
    { maxLength: 60 },
  )
  .map(list => Uint8Array.from(list));

/** A record of an event: its fixed part, and texts behind it that its locations lead to, more or less. */
function payloadOf(event: TracedEvent): fc.Arbitrary<Uint8Array> {
  const { common, fields, id } = event.layout;
  const size = Math.max(12, ...[...common, ...fields].map(field => field.offset + field.size));
  const locations = fields
    .filter(field => /^__(?:data|rel)_loc /.test(field.type))
    .flatMap(({ offset, size, type }) =>
      Array.from({ length: size / 4 }, (_, index) => ({
        at: offset + index * 4,
        base: type.startsWith('__rel') ? offset + index * 4 + 4 : 0,
      })),
    );
  const texts = fc.array(fc.record({ text: letters, off: fc.constantFrom(0, 0, 0, 0, 0, 0, -1, 1, 9) }), {
    minLength: locations.length,
    maxLength: locations.length,
  });
  const fixed = fc.array(byte, { minLength: size, maxLength: size });
  return fc
    .tuple(fixed, texts, letters, fc.constantFrom(0, 0, 0, 0, 1, 5), fc.constantFrom(-7, 0, 5))
    .map(([fixed, texts, rest, cut, pid]) => {
      const record = [...fixed];
      const places = texts.map(({ text, off }, index) => {
        const start = record.length - locations[index]!.base + off;
        record.push(...text);
        return (text.length << 16) | (start & 0xffff);
      });
      record.push(...rest);
      const payload = Uint8Array.from(record.slice(0, Math.max(12, record.length - cut)));
      const view = new DataView(payload.buffer);
      for (const [index, { at }] of locations.entries())
        if (at + 4 <= payload.length) view.setUint32(at, places[index]!, true);
      view.setUint16(0, id!, true);
      view.setInt32(common.find(field => field.name === 'common_pid')!.offset, pid, true);
      return payload;
    });
}

describe('any record', () => {
  /** An event is met so often before there is code for it. */
  const OFTEN = 64;

  it.each(cases)(
    'of $name has the same line with $values values',
    one => {
      const { events } = one;
      const withTexts = events.filter(({ layout }) =>
        layout.fields.some(({ type }) => /\bchar\b/.test(type)),
      );
      const drawn = fc
        .oneof(fc.constantFrom(...events), fc.constantFrom(...withTexts))
        .chain(event =>
          fc.tuple(fc.constant(event), fc.array(payloadOf(event), { minLength: 4, maxLength: 20 })),
        );
      let singly = 0;
      let lines = 0;
      fc.assert(
        fc.property(drawn, ([event, payloads]) => {
          const pages = new PageWriter();
          let time = 5_000_000_000n;
          for (let count = 0; count < OFTEN; count++) pages.write(time++, payloads[count % payloads.length]!);
          for (const payload of payloads) {
            time += 3n << (time % 40n);
            pages.write(time, payload);
          }
          pages.finishPage();
          const bytes = Buffer.concat(pages.takePages());
          const [expected, told] = [false, true].map(engine =>
            write(
              readerOf(one, new Map([[0, Uint8Array.from(bytes)]]), [event]),
              writerFor(one, engine),
              1 << 20,
            ),
          );
          expect(told).toEqual({ ...expected, singly: told!.singly });
          singly += told!.singly - OFTEN;
          lines += expected!.singly - OFTEN;
        }),
        { numRuns: 120 },
      );
      expect(singly).toBeLessThan(lines / 2);
    },
    120_000,
  );
});
