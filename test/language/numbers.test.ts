import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSigned, parseUnsigned, parseUnsigned32, scanNumber } from '../../src/language/numbers.js';

describe('numbers as the kernel reads them (spec 01 section 8)', () => {
  it.each<[string, bigint | string]>([
    ['0', 0n],
    ['010', 8n],
    ['08', 'EINVAL'],
    ['0x10', 16n],
    ['0X1f', 31n],
    ['0x', 'EINVAL'],
    ['0xg', 'EINVAL'],
    ['+8', 8n],
    ['++8', 'EINVAL'],
    ['-8', 'EINVAL'],
    ['', 'EINVAL'],
    ['+', 'EINVAL'],
    ['1 ', 'EINVAL'],
    ['1_0', 'EINVAL'],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 'ERANGE'],
    ['99999999999999999999999x', 'ERANGE'],
    ['0xffffffffffffffff', 18446744073709551615n],
    ['01777777777777777777777', 18446744073709551615n],
  ])('unsigned %s', (text, value) => {
    expect(parseUnsigned(text)).toBe(value);
  });

  it.each<[string, bigint | string]>([
    ['-0x8000000000000000', -(1n << 63n)],
    ['-0x8000000000000001', 'ERANGE'],
    ['0x7fffffffffffffff', (1n << 63n) - 1n],
    ['0x8000000000000000', 'ERANGE'],
    ['--1', 'EINVAL'],
    ['-+1', 'EINVAL'],
    ['+-1', 'EINVAL'],
    ['-', 'EINVAL'],
  ])('signed %s', (text, value) => {
    expect(parseSigned(text)).toBe(value);
  });

  it('base 10 takes leading zeros for zeros', () => {
    expect(parseUnsigned('010', 10)).toBe(10n);
    expect(parseUnsigned('0x1', 10)).toBe('EINVAL');
  });

  it('32-bit numbers end at 4294967295', () => {
    expect(parseUnsigned32('4294967295')).toBe(4294967295);
    expect(parseUnsigned32('4294967296')).toBe('ERANGE');
  });

  it('reads back every 64-bit number in every base', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), value => {
        for (const text of [`${value}`, `0x${value.toString(16)}`, `0${value.toString(8)}`]) {
          expect(parseUnsigned(text)).toBe(value);
          expect(scanNumber(`b${text}@`, 1, 0)).toEqual({ value, end: text.length + 1 });
        }
      }),
    );
  });

  it('reads back every signed 64-bit number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), value => {
        expect(parseSigned(`${value}`)).toBe(value);
      }),
    );
  });
});
