import { describe, expect, test } from 'vitest';
import { Btf, BtfBuilder, BtfError, type BtfOptions } from '../../src/btf/index.js';
import { MODULES, randomNumbers, readModule, readVmlinux } from './blobs.js';
import { everyKind } from './every-kind.js';
import { parseAndWalk } from './walk.js';

const base = Btf.parse(readVmlinux('6.12'));

/** Truncates at every byte; the pieces that were accepted. */
function acceptedTruncations(bytes: Uint8Array, options: BtfOptions): number[] {
  const accepted: number[] = [];
  for (let length = 0; length < bytes.length; length++) {
    if (parseAndWalk(bytes.slice(0, length), options) !== undefined) accepted.push(length);
  }
  return accepted;
}

/** One to four small changes of the kinds that memory, disks and attackers make. */
function mutated(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = bytes.slice();
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(copy.length);
    switch (random(5)) {
      case 0:
        copy[at] = random(256);
        break;
      case 1:
        copy[at] = (copy[at] as number) ^ (1 << random(8));
        break;
      case 2:
        copy.fill(0xff, at, at + 1 + random(4));
        break;
      case 3:
        copy.copyWithin(at & ~3, random(copy.length) & ~3, copy.length);
        break;
      default:
        // A small number at a word: likely a valid type id, so cycles come up.
        copy[at & ~3] = random(64);
        copy.fill(0, (at & ~3) + 1, (at & ~3) + 4);
    }
  }
  return copy;
}

describe('truncated', () => {
  const small = MODULES.filter(name => readModule(name).length < 3000);
  test('there are small modules', () => expect(small.length).toBeGreaterThan(5));

  // The strings end the blob, so that no shorter piece is whole.
  test.each(small)('%s at every byte', name => {
    expect(acceptedTruncations(readModule(name), { base })).toEqual([]);
  });

  test.each([true, false])('every kind at every byte, little endian %s', littleEndian => {
    const bytes = everyKind(new BtfBuilder({ littleEndian })).build();
    expect(acceptedTruncations(bytes, {})).toEqual([]);
    expect(acceptedTruncations(bytes, { partial: true })).toEqual([]);
  });
});

describe('mutated', () => {
  function survivors(bytes: Uint8Array, seed: number, count: number, options: BtfOptions): number {
    const random = randomNumbers(seed);
    let accepted = 0;
    for (let i = 0; i < count; i++)
      if (parseAndWalk(mutated(bytes, random), options) !== undefined) accepted++;
    return accepted;
  }

  test('100,000 mutations of a module', () => {
    const accepted = survivors(readModule('nf_defrag_ipv6'), 1, 100_000, { base });
    expect(accepted).toBeGreaterThan(10_000);
    expect(accepted).toBeLessThan(95_000);
  });

  test('100,000 mutations of a blob with every kind, read in part', () => {
    const bytes = everyKind(new BtfBuilder()).build();
    const accepted = survivors(bytes, 2, 100_000, { partial: true });
    expect(accepted).toBeGreaterThan(10_000);
    expect(accepted).toBeLessThan(99_999);
  });

  test('strict reading refuses what lenient reading lets pass', () => {
    const bytes = readModule('nf_defrag_ipv6');
    expect(parseAndWalk(bytes, { base, strict: true })).toBeDefined();
    const lenient = survivors(bytes, 3, 2000, { base });
    expect(survivors(bytes, 3, 2000, { base, strict: true })).toBeLessThan(lenient);
  });
});

describe('types that contain themselves', () => {
  function refusal(question: () => unknown): string {
    try {
      return `answered ${question()}`;
    } catch (error) {
      return error instanceof BtfError ? error.code : `${error}`;
    }
  }

  test('a ring of modifiers', () => {
    const builder = new BtfBuilder();
    const first = builder.const(builder.nextId + 1);
    builder.volatile(first);
    const btf = Btf.parse(builder.build());
    expect(refusal(() => btf.skipModifiers(first))).toBe('too-complex');
    expect(refusal(() => btf.sizeOf(first))).toBe('too-complex');
    expect(refusal(() => btf.alignOf(first))).toBe('too-complex');
    expect(refusal(() => btf.typeName(first))).toBe('too-complex');
    expect(refusal(() => Btf.parse(builder.build(), { strict: true }))).toBe('invalid');
  });

  test('an anonymous member of its own type', () => {
    const builder = new BtfBuilder();
    const self = builder.nextId;
    builder.struct('knot', 8, [
      { name: '', type: self, bitOffset: 0 },
      { name: '', type: self, bitOffset: 0 },
    ]);
    const btf = Btf.parse(builder.build());
    expect(refusal(() => btf.findMember(self, 'absent'))).toBe('too-complex');
    expect(refusal(() => btf.findMember(self, 'absent', { anonymousLimit: 16 }))).toBe('too-complex');
    expect(refusal(() => btf.alignOf(self))).toBe('too-complex');
    expect(refusal(() => Btf.parse(builder.build(), { strict: true }))).toBe('invalid');
  });

  test('a prototype whose parameters are pointers to it', () => {
    const builder = new BtfBuilder();
    const proto = builder.nextId + 1;
    const pointer = builder.pointer(proto);
    builder.funcProto(0, [
      ['a', pointer],
      ['b', pointer],
    ]);
    const btf = Btf.parse(builder.build(), { strict: true });
    expect(refusal(() => btf.typeName(pointer))).toBe('too-complex');
  });

  test('structs nested twice in each other at every level have an alignment', () => {
    const builder = new BtfBuilder();
    let inner = builder.int('int', 4, { signed: true });
    for (let level = 0; level < 50; level++) {
      inner = builder.struct('', 0, [
        { name: 'a', type: inner, bitOffset: 0 },
        { name: 'b', type: inner, bitOffset: 0 },
      ]);
    }
    expect(Btf.parse(builder.build()).alignOf(inner)).toBe(4);
  });
});
