import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesGlob, parseFilterPattern } from '../../src/kernel/index.js';

function matches(pattern: string, name: string): boolean {
  const parsed = parseFilterPattern(pattern);
  if (parsed.kind !== 'names') throw new Error(`${pattern} is a position`);
  return parsed.matches(name);
}

describe('filter patterns', () => {
  test.each([
    ['vfs_read', 'vfs_read', true],
    ['vfs_read', 'vfs_readv', false],
    ['vfs_re*', 'vfs_readlink', true],
    ['vfs_re*', 'xvfs_re', false],
    ['*vfs_read', 'do_vfs_read', true],
    ['*vfs_read', 'vfs_readv', false],
    ['*fs_re*', 'vfs_read', true],
    ['vfs_re?d', 'vfs_read', true],
    ['vfs_re?d', 'vfs_red', false],
    ['vfs_r[e]ad', 'vfs_read', true],
    ['vfs_r[!e]ad', 'vfs_read', false],
    ['vfs_r[a-f]ad', 'vfs_read', true],
    ['v*read', 'vfs_read', true],
    ['v*read', 'vfs_readv', false],
    ['!vfs_read', 'vfs_read', true],
    ['vfs\\_read', 'vfs_read', true],
    ['vfs[read', 'vfs[read', true],
    ['*', 'anything', true],
    ['**', 'anything', true],
    ['', 'anything', false],
  ])('%s on %s is %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  test.each([
    ['1', 1],
    ['0x1000', 4096],
    ['010', 8],
    ['!3', 3],
    ['0', undefined],
    ['09', undefined],
    ['123abc', undefined],
    ['0xffffffffffffffff', undefined],
  ])('%s is a position in the list', (pattern, position) => {
    expect(parseFilterPattern(pattern)).toEqual({ kind: 'position', position });
  });
});

const letters = (units: readonly string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 12 });

/** The same language by another road: patterns without classes as a regular expression. */
function asRegularExpression(pattern: string): RegExp {
  const parts = Array.from(pattern, unit => (unit === '*' ? '.*' : unit === '?' ? '.' : unit));
  return new RegExp(`^${parts.join('')}$`);
}

describe('globs', () => {
  test('agree with regular expressions', () => {
    fc.assert(
      fc.property(letters(['a', 'b', '*', '?']), letters(['a', 'b']), (pattern, name) => {
        expect(matchesGlob(pattern, name)).toBe(asRegularExpression(pattern).test(name));
      }),
    );
  });

  test('give the short forms the meaning of the whole glob', () => {
    fc.assert(
      fc.property(
        letters(['a', 'b']),
        letters(['a', 'b']),
        fc.boolean(),
        fc.boolean(),
        (body, name, open, openEnd) => {
          fc.pre(body !== '');
          const pattern = `${open ? '*' : ''}${body}${openEnd ? '*' : ''}`;
          expect(matches(pattern, name)).toBe(matchesGlob(pattern, name));
        },
      ),
    );
  });

  test('answer for any text whatever', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, name) => {
        expect(typeof matchesGlob(pattern, name)).toBe('boolean');
      }),
    );
  });

  test('do not try all ways to share a name among many stars', () => {
    expect(matchesGlob(`${'a*'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
  });
});
