import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Btf, BtfBuilder, BtfKind } from '../../src/btf/index.js';

const word = fc.nat(0xffffffff);
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/);
const optionalName = fc.oneof(fc.constant(''), name);
const id = fc.nat(200);

const plainMember = fc.record({ name: optionalName, type: id, bitOffset: word });
const splitMember = fc.record({
  name: optionalName,
  type: id,
  bitOffset: fc.nat(0xffffff),
  bitfieldWidth: fc.nat(255),
});
const members = fc.oneof(
  fc.record({ split: fc.constant(false), list: fc.array(plainMember, { maxLength: 5 }) }),
  fc.record({ split: fc.constant(true), list: fc.array(splitMember, { maxLength: 5 }) }),
);
const signed64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const unsigned64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

/** One type: how to write it and what must be read back. */
type Case = (builder: BtfBuilder) => (btf: Btf, type: number) => void;

const aggregate = fc
  .record({ kind: fc.constantFrom('struct', 'union'), name: optionalName, size: word, members })
  .map(
    ({ kind, name, size, members: { split, list } }): Case =>
      builder => {
        if (kind === 'struct') builder.struct(name, size, list, split);
        else builder.union(name, size, list, split);
        return (btf, type) => {
          expect(btf.kind(type)).toBe(kind === 'struct' ? BtfKind.Struct : BtfKind.Union);
          expect([btf.nameOf(type), btf.sizeOrType(type), btf.kindFlag(type)]).toEqual([name, size, split]);
          const read = list.map((_, i) => ({
            name: btf.memberName(type, i),
            type: btf.memberType(type, i),
            bitOffset: btf.memberBitOffset(type, i),
            ...(split ? { bitfieldWidth: btf.memberBitfieldWidth(type, i) } : {}),
          }));
          expect(read).toEqual(list);
          expect(btf.memberCount(type)).toBe(list.length);
        };
      },
  );

const int = fc
  .record({
    name,
    size: fc.nat(16),
    encoding: fc.constantFrom('signed', 'char', 'bool', 'none'),
    bits: fc.nat(128),
    bitOffset: fc.nat(255),
  })
  .map(
    ({ name, size, encoding, bits, bitOffset }): Case =>
      builder => {
        const facts = {
          bits,
          bitOffset,
          signed: encoding === 'signed',
          char: encoding === 'char',
          bool: encoding === 'bool',
        };
        builder.int(name, size, facts);
        return (btf, type) => {
          expect(btf.int(type)).toEqual(facts);
          expect([btf.nameOf(type), btf.sizeOrType(type)]).toEqual([name, size]);
        };
      },
  );

const enumeration = fc
  .boolean()
  .chain(signed =>
    fc.record({
      signed: fc.constant(signed),
      values: fc.array(fc.tuple(name, signed ? fc.integer() : word), { maxLength: 5 }),
    }),
  )
  .map(
    ({ signed, values }): Case =>
      builder => {
        builder.enum('e', 4, values, signed);
        return (btf, type) => {
          const expected = values.map(([name, value]) => ({ name, value: BigInt(value) }));
          expect(btf.enumerators(type)).toEqual(expected);
        };
      },
  );

const wideEnumeration = fc
  .boolean()
  .chain(signed =>
    fc.record({
      signed: fc.constant(signed),
      values: fc.array(fc.tuple(name, signed ? signed64 : unsigned64), { maxLength: 5 }),
    }),
  )
  .map(
    ({ signed, values }): Case =>
      builder => {
        builder.enum64('', 8, values, signed);
        return (btf, type) => {
          expect(btf.enumerators(type)).toEqual(values.map(([name, value]) => ({ name, value })));
        };
      },
  );

const prototype = fc.tuple(id, fc.array(fc.tuple(optionalName, id), { maxLength: 6 })).map(
  ([returns, parameters]): Case =>
    builder => {
      builder.funcProto(returns, parameters);
      return (btf, type) => {
        expect(btf.referenced(type)).toBe(returns);
        expect(btf.parameters(type)).toEqual(parameters.map(([name, type]) => ({ name, type })));
      };
    },
);

const section = fc.array(fc.tuple(id, word, word), { maxLength: 4 }).map(
  (variables): Case =>
    builder => {
      builder.datasec('.data', 64, variables);
      return (btf, type) => {
        const expected = variables.map(([type, offset, size]) => ({ type, offset, size }));
        expect(btf.sectionVariables(type)).toEqual(expected);
      };
    },
);

const tag = fc.tuple(name, id, fc.integer({ min: -1, max: 100 }), fc.boolean()).map(
  ([name, target, component, attribute]): Case =>
    builder => {
      builder.declTag(name, target, component, attribute);
      return (btf, type) => {
        const read = [btf.nameOf(type), btf.referenced(type), btf.componentIndex(type), btf.kindFlag(type)];
        expect(read).toEqual([name, target, component, attribute]);
      };
    },
);

const array = fc.tuple(id, id, word).map(
  ([element, index, count]): Case =>
    builder => {
      builder.array(element, index, count);
      return (btf, type) => expect(btf.array(type)).toEqual({ element, index, count });
    },
);

const reference = fc.tuple(fc.constantFrom('pointer', 'const', 'volatile', 'restrict'), id).map(
  ([kind, target]): Case =>
    builder => {
      builder[kind](target);
      return (btf, type) => expect(btf.referenced(type)).toBe(target);
    },
);

const namedReference = fc.tuple(fc.constantFrom('typedef', 'typeTag', 'func', 'variable'), name, id).map(
  ([kind, name, target]): Case =>
    builder => {
      builder[kind](name, target);
      return (btf, type) => expect([btf.nameOf(type), btf.referenced(type)]).toEqual([name, target]);
    },
);

const other = fc.constantFrom<Case>(
  builder => {
    builder.forward('later', 'union');
    return (btf, type) => expect([btf.kind(type), btf.kindFlag(type)]).toEqual([BtfKind.Fwd, true]);
  },
  builder => {
    builder.float('double', 8);
    return (btf, type) => expect([btf.kind(type), btf.sizeOf(type)]).toEqual([BtfKind.Float, 8]);
  },
  builder => {
    builder.locSec('inline.text', [[1, builder.locProto([builder.locParam(8, 8, [1])]), 64]]);
    return (btf, type) => {
      const kinds = [btf.kind(type), btf.kind(type + 1), btf.kind(type + 2)];
      expect(kinds).toEqual([BtfKind.LocParam, BtfKind.LocProto, BtfKind.LocSec]);
    };
  },
);

const type = fc.oneof(
  ...[aggregate, int, enumeration, wideEnumeration, prototype, section],
  ...[tag, array, reference, namedReference, other],
);
const types = fc.array(type, { maxLength: 30 });

function readBack(btf: Btf, written: readonly { id: number; check: ReturnType<Case> }[], end: number): void {
  expect(btf.typeCount).toBe(end);
  for (const { id, check } of written) check(btf, id);
}

function write(builder: BtfBuilder, cases: readonly Case[]) {
  return cases.map(add => ({ id: builder.nextId, check: add(builder) }));
}

test('what the builder writes is read back, in either byte order, with and without a layout section', () => {
  fc.assert(
    fc.property(types, fc.boolean(), fc.boolean(), (cases, littleEndian, layout) => {
      const builder = new BtfBuilder({ littleEndian, layout });
      const written = write(builder, cases);
      const btf = Btf.parse(builder.build());
      expect(btf.littleEndian).toBe(littleEndian);
      readBack(btf, written, builder.nextId);
    }),
    { numRuns: 500 },
  );
});

test('split BTF reads its own types and those of its base', () => {
  fc.assert(
    fc.property(types, types, types, fc.boolean(), (below, middle, above, littleEndian) => {
      const first = new BtfBuilder({ littleEndian });
      const inBase = write(first, below);
      const base = Btf.parse(first.build());
      const second = new BtfBuilder({ base });
      const inSplit = write(second, middle);
      const split = Btf.parse(second.build(), { base });
      const third = new BtfBuilder({ base: split });
      const inTop = write(third, above);
      const top = Btf.parse(third.build(), { base: split });
      expect(top.firstId).toBe(second.nextId);
      readBack(top, [...inBase, ...inSplit, ...inTop], third.nextId);
    }),
    { numRuns: 200 },
  );
});

test('look-ups give the same answers with and without an index', () => {
  const kinds = fc.constantFrom(BtfKind.Typedef, BtfKind.Func, BtfKind.Struct);
  const names = fc.constantFrom('a', 'b', 'ab', 'file', 'file_', 'fil');
  const entries = fc.array(fc.tuple(kinds, names), { maxLength: 40 });
  fc.assert(
    fc.property(entries, entries, kinds, names, (below, above, kind, name) => {
      const add = (builder: BtfBuilder, list: typeof below): number[] =>
        list.flatMap(([kindOf, nameOf]) => {
          const id = builder.raw(kindOf, nameOf, 0, false, 0);
          return kindOf === kind && nameOf === name ? [id] : [];
        });
      const first = new BtfBuilder();
      const inBase = add(first, below);
      const base = Btf.parse(first.build());
      const second = new BtfBuilder({ base });
      const own = add(second, above);
      const btf = Btf.parse(second.build(), { base });
      // More rounds than a look-up scans before it builds its index.
      for (let round = 0; round < 18; round++) {
        expect(btf.findAll(name, kind)).toEqual([...own, ...inBase]);
        expect(btf.findOwn(name, kind)).toBe(own[0]);
        expect(btf.find(name, kind)).toBe(own[0] ?? inBase[0]);
      }
    }),
    { numRuns: 300 },
  );
});
