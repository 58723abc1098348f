import * as fs from 'node:fs';
import { devNull } from 'node:os';
import { basename, dirname } from 'node:path';
import { expect, test, vi } from 'vitest';
import { HostError, systemTracefs } from '../../src/host/index.js';

vi.mock('node:fs', async importOriginal => {
  const original = await importOriginal<typeof fs>();
  return { ...original, readSync: vi.fn(original.readSync) };
});

function readAnswering(code: string, errno: number): number {
  vi.mocked(fs.readSync).mockImplementationOnce(() => {
    throw Object.assign(new Error(`${code}: read`), { code, errno: -errno, syscall: 'read' });
  });
  const pipe = systemTracefs(dirname(devNull)).openRaw(basename(devNull));
  try {
    return pipe.read(new Uint8Array(4096));
  } finally {
    pipe.close();
  }
}

test.each([
  ['an empty buffer', 'EAGAIN', 11],
  ['an interrupted read', 'EINTR', 4],
  ['a CPU that was never online', 'ENODEV', 19],
])('%s has nothing now', (_what, code, errno) => {
  expect(readAnswering(code, errno)).toBe(0);
});

test('any other failure is told with the file', () => {
  expect(() => readAnswering('EIO', 5)).toThrow(HostError);
  expect(() => readAnswering('EIO', 5)).toThrow(`cannot read ${devNull}: EIO`);
});
