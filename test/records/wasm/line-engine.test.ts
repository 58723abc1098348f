import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceText } from '../../../src/records/index.js';
import { damagedPages, type Loaded, pagesOf, readerOf, recordings, write } from './engine-lines.js';

function writerFor({ capture, symbols }: Loaded, engine: boolean): TraceText {
  const constants = (name: string) => capture.constants.get(name);
  const stringAt = (address: bigint) => capture.strings.get(address);
  return new TraceText({ symbols, constants, stringAt, engine });
}

describe.each(recordings)('lines of $name by the engine', recording => {
  it.each([1, 7, 1024, 100_000])('are the same, %i at once', most => {
    const plain = write(readerOf(recording, pagesOf(recording)), writerFor(recording, false), most);
    const made = write(readerOf(recording, pagesOf(recording)), writerFor(recording, true), most);
    expect(made.text).toBe(plain.text);
    expect(made.unknown).toBe(plain.unknown);
    expect([plain.isBounded, made.isBounded]).toEqual([true, true]);
    // The first records teach which events there are.
    if (recording.name !== '6.12-cloud-symstr') expect(made.singly).toBeLessThan(plain.singly / 10);
  });

  it('are the same of some events', () => {
    const some = recording.capture.events.filter((_, index) => index % 3 === 0);
    const plain = write(readerOf(recording, pagesOf(recording), some), writerFor(recording, false), 1024);
    const made = write(readerOf(recording, pagesOf(recording), some), writerFor(recording, true), 1024);
    expect(made).toEqual({ ...plain, singly: made.singly });
  });
});

describe('damaged sub-buffers', () => {
  it.each(recordings)(
    'of $name give the same lines, losses and damages',
    recording => {
      // Writers stay: a damaged record must not spoil the lines that follow.
      const plain = writerFor(recording, false);
      const made = writerFor(recording, true);
      let singly = 0;
      let lines = 0;
      fc.assert(
        fc.property(damagedPages(recording), fc.constantFrom(1, 50, 5000), (pages, most) => {
          const expected = write(readerOf(recording, pages()), plain, most);
          const told = write(readerOf(recording, pages()), made, most);
          expect(told).toEqual({ ...expected, singly: told.singly });
          singly += told.singly;
          lines += expected.singly;
        }),
        { numRuns: 500 },
      );
      expect(singly).toBeLessThan(lines / 2);
    },
    300_000,
  );
});
