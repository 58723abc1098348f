import { expect, test } from 'vitest';
import { openBundle } from '../../src/host/index.js';
import { dialectFromTypes, featuresOf } from '../../src/kernel/index.js';

test.each(['kernels/6.12-cloud', 'test/data/kernels/6.12+modules', 'test/data/kernels/6.1'])(
  'the types of %s show the dialect that its README shows',
  folder => {
    using kernel = openBundle(folder);
    expect(dialectFromTypes(kernel.types!)).toEqual(featuresOf(kernel.dialect));
  },
);
