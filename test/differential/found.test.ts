import { expect, test } from 'vitest';
import { disagreementOn } from '../../differential/compare.js';
import { openBundle } from '../../src/host/index.js';
import { readCorpus } from '../conformance/recorded.js';

test.each([
  ['kernels/6.12-cloud', 'found.jsonl', 300],
  ['test/data/kernels/6.1', 'found-6.1.jsonl', 200],
])('what was once answered otherwise than %s answers, or nearly was', (folder, file, least) => {
  const found = readCorpus(new URL(`../data/conformance/${file}`, import.meta.url));
  expect(found.length).toBeGreaterThan(least);
  using kernel = openBundle(folder);
  const left = found.flatMap(recorded => {
    const disagreement = disagreementOn(kernel, recorded);
    return disagreement === undefined ? [] : [`${JSON.stringify(recorded.def)}: ${disagreement.cause}`];
  });
  expect(left).toEqual([]);
});
