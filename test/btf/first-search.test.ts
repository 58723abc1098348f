import { expect, test } from 'vitest';
import { Btf, BtfBuilder } from '../../src/btf/index.js';

// The first posted search, worked out by hand from what it does to its own loop (docs/dialects.md).

function build(make: (builder: BtfBuilder, u32: number) => number): { btf: Btf; id: number } {
  const builder = new BtfBuilder();
  const u32 = builder.int('u32', 4);
  const id = make(builder, u32);
  return { btf: Btf.parse(builder.build()), id };
}

test('a member of an anonymous struct has its own offset alone', () => {
  const { btf, id } = build((builder, u32) => {
    const inner = builder.struct('', 8, [
      { name: 'a', type: u32, bitOffset: 0 },
      { name: 'b', type: u32, bitOffset: 32 },
    ]);
    return builder.struct('outer', 16, [
      { name: 'first', type: u32, bitOffset: 0 },
      { name: '', type: inner, bitOffset: 64 },
    ]);
  });
  expect(btf.findMember(id, 'b')?.bitOffset).toBe(96);
  expect(btf.findMemberAsFirstPosted(id, 'b')).toMatchObject({ bitOffset: 32, bitfieldWidth: 0 });
});

test('the number of members of an anonymous struct bounds the scan of the outer one', () => {
  const { btf, id } = build((builder, u32) => {
    const inner = builder.struct('', 4, [{ name: 'a', type: u32, bitOffset: 0 }]);
    return builder.struct('outer', 12, [
      { name: '', type: inner, bitOffset: 0 },
      { name: 'second', type: u32, bitOffset: 32 },
      { name: 'third', type: u32, bitOffset: 64 },
    ]);
  });
  expect(btf.findMember(id, 'third')?.bitOffset).toBe(64);
  expect(btf.findMemberAsFirstPosted(id, 'third')).toBeUndefined();
  expect(btf.findMemberAsFirstPosted(id, 'second')).toBeUndefined();
});

test('a longer anonymous struct lets the scan run into the type behind', () => {
  const { btf, id } = build((builder, u32) => {
    const members = ['a', 'b', 'c', 'd'].map((name, i) => ({ name, type: u32, bitOffset: i * 32 }));
    const inner = builder.struct('', 16, members);
    const outer = builder.struct('outer', 16, [{ name: '', type: inner, bitOffset: 0 }]);
    builder.struct('behind', 4, [{ name: 'stray', type: u32, bitOffset: 96 }]);
    return outer;
  });
  expect(btf.findMember(id, 'stray')).toBeUndefined();
  expect(btf.findMemberAsFirstPosted(id, 'stray')).toMatchObject({ bitOffset: 96 });
});

test('the flag of the struct that was asked says how an offset is read', () => {
  const { btf, id } = build((builder, u32) => {
    const inner = builder.struct('', 4, [{ name: 'bit', type: u32, bitOffset: 5, bitfieldWidth: 3 }]);
    return builder.struct('outer', 8, [{ name: '', type: inner, bitOffset: 0 }]);
  });
  expect(btf.findMemberAsFirstPosted(id, 'bit')).toMatchObject({
    bitOffset: 5 + 3 * 2 ** 24,
    bitfieldWidth: 0,
  });
});

test('an anonymous member that is no struct ends the search, and damage does too', () => {
  const { btf, id } = build((builder, u32) =>
    builder.struct('outer', 8, [{ name: '', type: u32, bitOffset: 0, bitfieldWidth: 4 }]),
  );
  expect(btf.findMemberAsFirstPosted(id, 'x')).toBe('no-struct');
  expect(btf.findMemberAsFirstPosted(0, 'x')).toBe('no-struct');
});
