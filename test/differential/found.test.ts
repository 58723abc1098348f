import { expect, test } from 'vitest';
import { disagreementOn } from '../../differential/compare.js';
import { openBuiltInKernel } from '../../src/host/index.js';
import { readCorpus } from '../conformance/recorded.js';

const found = readCorpus(new URL('../data/conformance/found.jsonl', import.meta.url));

test('what the differential loop once found is answered as the kernel answered', () => {
  expect(found.length).toBeGreaterThan(10);
  using kernel = openBuiltInKernel('6.12-cloud');
  const left = found.flatMap(recorded => {
    const disagreement = disagreementOn(kernel, recorded);
    return disagreement === undefined ? [] : [`${JSON.stringify(recorded.def)}: ${disagreement.cause}`];
  });
  expect(left).toEqual([]);
});
