import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../src/records/byte-text.js';
import { layout, TEXT_PLACES, textEntry } from '../../../src/records/wasm/layout.js';
import { bytes, putText, RECORDS, runtimeFunctions, written } from './instance.js';

const functions = runtimeFunctions();
const put = (name: string, value: number | bigint) => written(place => functions[name]!(place, value));

const powers = [2n, 10n, 16n].flatMap(base =>
  Array.from({ length: 65 }, (_, exponent) => base ** BigInt(exponent)),
);
const edges = [0n, ...powers.filter(power => power <= 1n << 64n)].flatMap(edge =>
  [-2n, -1n, 0n, 1n, 2n].map(step => BigInt.asUintN(64, edge + step)),
);
const ofAnyLength = fc.nat(64).chain(bits => fc.bigInt(0n, (1n << BigInt(bits)) - 1n));
const anyWord = fc.oneof(fc.constantFrom(...edges), ofAnyLength);

function checkNumber(value: bigint): void {
  const low = Number(BigInt.asIntN(32, value));
  expect(put('decimal32', low)).toBe(String(low >>> 0));
  expect(put('signed32', low)).toBe(String(low));
  expect(put('decimal64', value)).toBe(String(value));
  expect(put('signed64', value)).toBe(String(BigInt.asIntN(64, value)));
  expect(put('hex', value)).toBe(value.toString(16));
  expect(put('pointer', value)).toBe(value.toString(16).padStart(16, '0'));
}

describe('digits', () => {
  it('are those of bigint at the edges of every width', () => {
    for (const edge of edges) checkNumber(edge);
  });

  it('are those of bigint for any number', () => {
    fc.assert(fc.property(anyWord, checkNumber), { numRuns: 5000 });
  });

  it('of microseconds are six', () => {
    const check = (value: number) => {
      expect(put('microseconds', value)).toBe(String(value).padStart(6, '0'));
    };
    for (const value of [0, 1, 9, 10, 99, 100, 9999, 10_000, 99_999, 100_000, 999_999]) check(value);
    fc.assert(fc.property(fc.nat(999_999), check));
  });
});

describe('texts', () => {
  const letters = (size: number) => 'abcdefghijklmnopqrstuvwxyz'.repeat(40).slice(0, size);

  it('of every length are copied', () => {
    for (let length = 0; length <= 1000; length++) {
      const text = putText(layout.texts, letters(length));
      expect(written(place => functions.putText!(place, text), 1200)).toBe(letters(length));
    }
  });

  it('are kept by kind and number, and asked for again where another took the place', () => {
    const cached = bytes.subarray(layout.textCache, layout.textCache + TEXT_PLACES * textEntry.size);
    cached.fill(0);
    const behind = bytes.slice(layout.flags, layout.flags + 64);
    const asked: string[] = [];
    const answers = new Map<string, number>();
    const key = (kind: number, value: bigint) => `${kind} ${BigInt.asUintN(64, value)}`;
    const { findText } = runtimeFunctions({
      text: (kind, value) => {
        asked.push(key(kind, value));
        const answer = value % 7n === 3n ? 0 : 1000 + answers.size;
        answers.set(key(kind, value), answer);
        return answer;
      },
      call: () => -1,
    });
    const find = (kind: number, value: bigint) => {
      const before = asked.length;
      expect(findText!(kind, value)).toBe(answers.get(key(kind, value)));
      expect(asked.slice(before).every(one => one === key(kind, value))).toBe(true);
      return asked.length > before;
    };
    expect(find(1, 0n)).toBe(true);
    expect(find(1, 0n)).toBe(false);
    expect(find(2, 0n)).toBe(true);
    expect(find(1, 3n)).toBe(true);
    // No text is kept for it.
    expect(find(1, 3n)).toBe(true);
    expect(find(1, -1n)).toBe(true);
    expect(find(1, -1n)).toBe(false);
    // More than there are places.
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 3 * TEXT_PLACES; index++) {
        find(1 + (index % 5), 0xffff_8000_0000_0000n + BigInt(index) * 16n);
      }
    }
    expect(asked.length).toBeLessThan(6 * TEXT_PLACES + 10);
    expect(bytes.slice(layout.flags, layout.flags + 64)).toEqual(behind);
  });

  it('of addresses that lie close keep out of each others places', () => {
    bytes.fill(0, layout.textCache, layout.textCache + TEXT_PLACES * textEntry.size);
    let asked = 0;
    const { findText } = runtimeFunctions({ text: () => 1000 + asked++, call: () => -1 });
    for (let round = 0; round < 10; round++) {
      for (let index = 0n; index < 200n; index++) findText!(3, 0xffff_ffff_8100_0000n + index * 0x40n);
    }
    expect(asked).toBeLessThan(300);
  });

  it('up to a NUL are copied no further than their end', () => {
    const content = fc.array(fc.oneof({ weight: 30, arbitrary: fc.constant(0x61) }, fc.constant(0)), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(content, fc.nat(90), (list, skipped) => {
        const from = RECORDS + 100;
        const end = from + list.length;
        bytes.fill(0x62, RECORDS);
        bytes.set(list, from);
        const text = String.fromCharCode(...list.slice(skipped));
        const result = written(place => functions.putUntilNul!(place, from + skipped, end));
        expect(result).toBe(text.replace(/\0.*/s, ''));
      }),
      { numRuns: 3000 },
    );
  });

  it('up to a NUL are quoted as JSON does it where they are ASCII', () => {
    const content = fc.array(
      fc.oneof(
        { weight: 60, arbitrary: fc.constantFrom(0x20, 0x7f, 0x61, 0x21, 0x23, 0x5b, 0x5d) },
        { weight: 4, arbitrary: fc.nat(0x7f) },
        fc.constantFrom(0, 0x80, 0xff),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(content, fc.constantFrom(0x61, 0x00, 0x22, 0xff), (list, behind) => {
        const from = RECORDS + 100;
        bytes.fill(behind, RECORDS);
        bytes.set(list, from);
        const text = String.fromCharCode(...list).replace(/\0.*/s, '');
        const isAscii = !/[\x80-\xff]/.test(text);
        const result = written(place => {
          const end = functions.putQuoted!(place, from, from + list.length);
          expect(end === -1).toBe(!isAscii);
          return end === -1 ? place + 500 : end;
        }, 800);
        if (isAscii) expect(result).toBe(JSON.stringify(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('that have nothing leave all as it is', () => {
    let end = 0;
    expect(written(place => (end = functions.putUntilNul!(place, RECORDS + 5, RECORDS + 4)))).toBe('');
    expect(bytes[end]).toBe(0xa5);
  });

  it('are padded to any width', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.integer({ min: -2, max: 80 }),
        fc.constantFrom(' ', '0'),
        (size, width, fill) => {
          for (const side of ['padStart', 'padEnd'] as const) {
            const text = letters(size);
            const result = written(place => {
              bytes.set(bytesOf(text), place);
              return functions[side]!(place, place + size, width, fill.charCodeAt(0));
            });
            expect(result).toBe(text[side](width, fill));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
