import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  mapCreateAttribute,
  multiLinkAttribute,
  programLoadAttribute,
} from '../../../src/host/sys/bpf-attributes.js';
import { systemCall } from '../../../src/host/sys/ffi.js';
import {
  Descriptor,
  effectiveCapabilities,
  errnoText,
  isSysError,
  Mapping,
} from '../../../src/host/sys/index.js';
import { kprobeAttribute } from '../../../src/host/sys/perf-event.js';

const folder = mkdtempSync(join(tmpdir(), 'btfprobe-sys-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stands for addresses: the length of what lies there. */
const address = (bytes: Uint8Array): bigint => 0x1000n + BigInt(bytes.length);

/** Non-zero words of 4 bytes by their offset. */
function words(bytes: Uint8Array): Record<number, number> {
  const view = new DataView(bytes.buffer);
  const found: Record<number, number> = {};
  for (let at = 0; at + 4 <= bytes.length; at += 4)
    if (view.getUint32(at, true) !== 0) found[at] = view.getUint32(at, true);
  return found;
}

describe('attributes lie as the kernel reads them', () => {
  test('a map', () => {
    const map = { type: 27, keySize: 4, valueSize: 8, entries: 4096, name: 'ring' };
    const { bytes } = mapCreateAttribute(map, address);
    expect(words(bytes)).toEqual({ 0: 27, 4: 4, 8: 8, 12: 4096, 28: 0x676e6972 });
  });

  test('a program, with a log and a name that is cut', () => {
    const program = {
      type: 26,
      attachType: 24,
      instructions: new Uint8Array(16),
      name: 'abcdefghijklmnopqrst',
      attachTo: 7,
      attachIn: 9,
    };
    const { bytes } = programLoadAttribute(program, { level: 1, bytes: new Uint8Array(128) }, address);
    expect(bytes.length).toBe(116);
    expect(Buffer.from(bytes.subarray(48, 64)).toString('latin1')).toBe('abcdefghijklmno\0');
    const { 48: _a, 52: _b, 56: _c, 60: _d, ...rest } = words(bytes);
    expect(rest).toEqual({
      0: 26,
      4: 2,
      8: 0x1010,
      16: 0x1004,
      24: 1,
      28: 128,
      32: 0x1080,
      68: 24,
      108: 7,
      112: 9,
    });
  });

  test('a link to functions, by address and by name', () => {
    const byAddress = multiLinkAttribute(
      { program: 5, isReturn: true, functions: { addresses: [1n, 2n, 3n] } },
      address,
    );
    expect(words(byAddress.bytes)).toEqual({ 0: 5, 8: 42, 16: 1, 20: 3, 32: 0x1018 });
    const byName = multiLinkAttribute(
      { program: 5, isReturn: false, functions: { symbols: ['a', 'bc'] } },
      address,
    );
    expect(words(byName.bytes)).toEqual({ 0: 5, 8: 42, 20: 2, 24: 0x1010 });
  });

  test('a kprobe, by symbol and by address', () => {
    const bySymbol = kprobeAttribute({ source: 8, isReturn: true, symbol: 'vfs_read', offset: 9n }, address);
    expect(words(bySymbol.bytes)).toEqual({ 0: 8, 4: 136, 8: 1, 56: 0x1009, 64: 9 });
    const at = 0xffff_ffff_8123_4567n;
    const byAddress = kprobeAttribute({ source: 8, isReturn: false, symbol: '', offset: at }, address);
    expect(words(byAddress.bytes)).toEqual({ 0: 8, 4: 136, 64: 0x81234567, 68: 0xffffffff });
  });
});

test('a refused call names itself and its errno', () => {
  const call = (): unknown => systemCall('close', 'close', -1);
  expect(call).toThrow('close: EBADF');
  try {
    call();
  } catch (error) {
    expect(isSysError(error, 'EBADF')).toBe(true);
    expect(isSysError(error, 'EPERM')).toBe(false);
  }
});

test('errnos have their names, those too that Node does not know', () => {
  expect([1, 2, 11, 16, 22, 95, 524, 9999].map(errnoText)).toEqual([
    'EPERM',
    'ENOENT',
    'EAGAIN',
    'EBUSY',
    'EINVAL',
    'EOPNOTSUPP',
    'ENOTSUPP',
    'errno 9999',
  ]);
});

test('a mapping shows a file, hands out copies, and nothing once it is gone', () => {
  const file = join(folder, 'mapped');
  writeFileSync(file, Buffer.alloc(8192, 'abcdefgh'));
  using descriptor = new Descriptor(openSync(file, 'r+'));
  const mapping = new Mapping(descriptor, 4096, 4096, true);
  const copy = mapping.copy(0, 4);
  mapping.storeWord(8, 0x1122_3344_5566_7788n);
  expect(mapping.loadWord(8)).toBe(0x1122_3344_5566_7788n);
  expect(mapping.loadHalf(12)).toBe(0x1122_3344);
  expect(readFileSync(file).readBigUInt64LE(4104)).toBe(0x1122_3344_5566_7788n);
  mapping[Symbol.dispose]();
  mapping[Symbol.dispose]();
  expect(() => mapping.loadWord(0)).toThrow(RangeError);
  expect(() => mapping.storeWord(0, 1n)).toThrow(RangeError);
  expect(() => mapping.loadHalf(0)).toThrow(RangeError);
  expect(() => mapping.copy(0, 1)).toThrow(RangeError);
  expect(Buffer.from(copy).toString()).toBe('abcd');
});

test('a descriptor is closed once', () => {
  const descriptor = new Descriptor(openSync('/dev/null', 'r'));
  descriptor[Symbol.dispose]();
  descriptor[Symbol.dispose]();
  expect(() => descriptor.number).toThrow(RangeError);
});

test('capabilities are read from the mask of the process', () => {
  const status = join(folder, 'status');
  const mask = (1n << 39n) | (1n << 38n);
  writeFileSync(status, `Name:\tx\nCapEff:\t${mask.toString(16).padStart(16, '0')}\n`);
  expect([...effectiveCapabilities(status)]).toEqual(['CAP_PERFMON', 'CAP_BPF']);
  expect([...effectiveCapabilities(join(folder, 'none'))]).toEqual([]);
});
