import { expect, it } from 'vitest';
import { compileProbe, hintsFor, warningsFor } from '../../src/language/index.js';
import { kernel } from './kernel.js';
import { type Typo, typos } from './typos.js';

/** What is offered for a line, likeliest first. */
function offered({ definition, sort }: Typo): readonly string[] {
  const judgement = compileProbe(kernel, definition);
  if (judgement.accepted) {
    using event = judgement.event;
    const warnings = event === undefined ? [] : warningsFor(kernel, definition, event);
    return warnings.flatMap(({ suggestions }) => suggestions).map(({ replacement }) => replacement);
  }
  const [diagnostic] = judgement.diagnostics;
  const { suggestions, hints } = hintsFor(kernel, definition, diagnostic!);
  if (sort === 'function' && suggestions.length > 0) expect(hints[0]).toContain(suggestions[0]!.replacement);
  return suggestions.map(({ replacement }) => replacement);
}

it.each([1, 2, 3])('finds the intended name of 1,000 mistyped ones, seed %i', seed => {
  const places = new Map<string, { all: number; first: number; three: number }>();
  for (const typo of typos(kernel, seed, 1000)) {
    const at = offered(typo).indexOf(typo.intended);
    for (const key of [typo.sort, typo.slip, 'all']) {
      const place = places.get(key) ?? { all: 0, first: 0, three: 0 };
      places.set(key, place);
      place.all++;
      if (at === 0) place.first++;
      if (at >= 0 && at < 3) place.three++;
    }
  }
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  for (const [key, { all, first, three }] of places)
    console.log(
      `${key.padEnd(19)} first ${percent(first, all)}, among three ${percent(three, all)}, of ${all}`,
    );
  const { first, three } = places.get('all')!;
  expect(first).toBeGreaterThanOrEqual(900);
  expect(three).toBeGreaterThanOrEqual(980);
});
