import { expect, test } from 'vitest';
import { openBundle } from '../../src/host/index.js';
import { dialects, newestDialect, withDialect } from '../../src/kernel/index.js';
import { compileProbe } from '../../src/language/index.js';

test('a view speaks another dialect over the same facts, and ends without ending the kernel', () => {
  using kernel = openBundle('test/data/kernels/6.1');
  const line = 'f vfs_read file->f_pos';
  expect(compileProbe(kernel, line).accepted).toBe(false);
  {
    using newer = withDialect(kernel, newestDialect);
    expect(newer.types).toBe(kernel.types);
    expect(newer.symbols).toBe(kernel.symbols);
    const judgement = compileProbe(newer, line);
    expect(judgement.accepted && judgement.event?.listing).toBe(
      'f:fprobes/vfs_read__entry vfs_read arg1=file->f_pos',
    );
  }
  expect(kernel.symbols.find('vfs_read')).toHaveLength(1);
  expect(compileProbe(kernel, line).accepted).toBe(false);
});

test('the rows of kernels that were asked are what those kernels tell', () => {
  const row = (name: string) => dialects.find(dialect => dialect.name === name)?.dialect;
  using old = openBundle('test/data/kernels/6.1');
  using recent = openBundle('kernels/6.12-cloud');
  expect({ ...row('6.1'), isRow: false }).toEqual(old.dialect);
  expect({ ...row('6.12'), isRow: false }).toEqual(recent.dialect);
});
