import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileProbe,
  type Hints,
  hintsFor,
  toByteString,
  type Warning,
  warningsFor,
} from '../../src/language/index.js';
import { kernel } from './kernel.js';

/** Hints or warnings of a line, whatever it is. */
function advice(definition: string): readonly (Hints | Warning)[] {
  const judgement = compileProbe(kernel, definition);
  if (!judgement.accepted) {
    return judgement.diagnostics.map(diagnostic => hintsFor(kernel, definition, diagnostic));
  }
  using event = judgement.event;
  return event === undefined ? [] : warningsFor(kernel, definition, event);
}

/** Every change that is offered replaces bytes of the line. */
function expectWithin(definition: string): void {
  for (const { suggestions, hints } of advice(definition)) {
    for (const hint of hints) expect(hint).not.toMatch(/undefined|\[object|NaN/);
    for (const { span } of suggestions) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(definition.length);
    }
  }
}

const recorded = gunzipSync(
  readFileSync(new URL('../data/conformance/kernel-6.12-cloud.jsonl.gz', import.meta.url)),
)
  .toString('utf8')
  .split('\n')
  .filter(line => line !== '')
  .map(line => JSON.parse(line) as { def?: string; enc?: string })
  // The first line tells of the kernel.
  .flatMap(({ def, enc }) => (def === undefined ? [] : enc === 'latin1' ? def : toByteString(def)))
  .filter(def => !def.includes('\n'));

describe('hints and warnings', () => {
  it('stay within the line, for every fourth recorded definition', () => {
    for (const definition of recorded.filter((_, at) => at % 4 === 1)) expectWithin(definition);
  });

  it('stay within the line, for recorded definitions with changed bytes', () => {
    const changes = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.constantFrom(...recorded), changes, (definition, all) => {
        const bytes = definition.split('');
        for (const { at, byte } of all) bytes[at % Math.max(1, bytes.length)] = String.fromCharCode(byte);
        expectWithin(bytes.join('').replaceAll('\n', ' '));
      }),
      { numRuns: 400 },
    );
  });

  it('are the same each time', () => {
    for (const definition of recorded.filter((_, at) => at % 40 === 0))
      expect(advice(definition)).toEqual(advice(definition));
  });
});
