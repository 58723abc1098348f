import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteText } from '../../src/records/index.js';
import { latin1 } from './recorded.js';

const write = (put: (out: ByteText) => void) => {
  const out = new ByteText(1);
  put(out);
  return latin1(out.take());
};

const edges = [
  0n,
  1n,
  9n,
  10n,
  99n,
  999_999_999n,
  1_000_000_000n,
  0xffff_ffffn,
  1n << 32n,
  (1n << 53n) - 1n,
  1n << 53n,
];
const around = edges.flatMap(edge => [edge, edge + 1n, (1n << 64n) - 1n - edge]);
const anyWord = fc.oneof(
  fc.constantFrom(...around),
  fc.bigInt(0n, (1n << 64n) - 1n),
  fc
    .nat(19)
    .chain(digits => fc.bigInt(-2n, 2n).map(step => BigInt.asUintN(64, 10n ** BigInt(digits) + step))),
  fc.bigInt((1n << 53n) - 3_000_000_000n, (1n << 53n) + 10n),
);

describe('digits of 64-bit numbers', () => {
  it('are those of bigint, from signed and unsigned halves', () => {
    const property = fc.property(anyWord, fc.boolean(), (value, signed) => {
      const half = (bits: bigint) => Number(signed ? BigInt.asIntN(32, bits) : BigInt.asUintN(32, bits));
      const high = half(value >> 32n);
      const low = half(value);
      expect(write(out => out.unsigned64(high, low))).toBe(String(value));
      expect(write(out => out.signed64(high, low))).toBe(String(BigInt.asIntN(64, value)));
      expect(write(out => out.hex64(high, low))).toBe(value.toString(16));
    });
    fc.assert(property, { numRuns: 20_000 });
  });
});

describe('digits of 32-bit numbers', () => {
  it('are those of number', () => {
    const edge = fc
      .nat(9)
      .chain(digits => fc.integer({ min: -2, max: 2 }).map(step => Math.max(0, 10 ** digits + step)));
    const property = fc.property(fc.oneof(edge, fc.nat(0xffffffff)), value => {
      expect(write(out => out.decimal(value))).toBe(String(value));
      expect(write(out => out.hex32(value))).toBe(value.toString(16));
      expect(write(out => out.signed(value | 0))).toBe(String(value | 0));
    });
    fc.assert(property, { numRuns: 5_000 });
  });
});
