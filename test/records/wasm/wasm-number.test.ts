import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BytesNode,
  INT,
  type IntNode,
  type IntSize,
  type IntType,
  LONG,
  UNSIGNED,
  UNSIGNED_LONG,
} from '../../../src/records/print-tree.js';
import { IntValues, reduced } from '../../../src/records/print-value.js';
import { bodyOf, bytes, recordAt } from './instance.js';

const FIXED_SIZE = 40;
const types = [INT, UNSIGNED, LONG, UNSIGNED_LONG];
const sizes = [1, 2, 4, 8] as const;

const arithmetic = ['+', '-', '*', '/', '%', '&', '|', '^'] as const;
const comparisons = ['==', '!=', '<', '>', '<=', '>='] as const;

const number = (type: IntType, value: bigint): IntNode => ({
  kind: 'number',
  type,
  value: reduced(value, type),
});

const edges = [0, 1, 2, 7, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 32767, 32768, 65535]
  .map(BigInt)
  .concat([31n, 32n, 33n, 62n, 63n].flatMap(bits => [(1n << bits) - 1n, 1n << bits]))
  .flatMap(value => [value, -value]);

/** What the sizes and signs are that make a type. */
function readOf({ bits, signed }: IntType): readonly { readonly size: IntSize; readonly signed: boolean }[] {
  if (bits === 64) return [{ size: 8, signed }];
  if (!signed) return [{ size: 4, signed: false }];
  return [1, 2, 4].flatMap(size =>
    (size === 4 ? [true] : [true, false]).map(signed => ({ size: size as IntSize, signed })),
  );
}

const bytesNode: Arbitrary<BytesNode> = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), offset: fc.nat(30), size: fc.nat(10) }),
  fc.record({ kind: fc.constant('rest' as const), offset: fc.nat(FIXED_SIZE) }),
  fc.record({
    kind: fc.constant('located' as const),
    offset: fc.nat(FIXED_SIZE - 4),
    relative: fc.boolean(),
  }),
);

type Trees = Record<string, IntNode>;
const nameOf = ({ bits, signed }: IntType) => `${signed ? 's' : 'u'}${bits}`;

/** Nodes of each type, as the parser makes them: operands have the types that the tree's description tells. */
const trees = fc.letrec<Trees>(tie => {
  const any = fc.oneof(...types.map(type => tie(nameOf(type))));
  const nodesOf = (type: IntType): Arbitrary<IntNode> => {
    const own = tie(nameOf(type));
    const read = fc.constantFrom(...readOf(type));
    const leaves: Arbitrary<IntNode>[] = [
      fc.constantFrom(...edges).map(value => number(type, value)),
      fc
        .tuple(read, fc.nat(FIXED_SIZE - 8))
        .map(([{ size, signed }, offset]) => ({ kind: 'field', type, offset, size, signed })),
    ];
    if (type === INT) {
      leaves.push(
        fc.nat(FIXED_SIZE - 4).map(offset => ({ kind: 'length', type, offset })),
        fc
          .tuple(bytesNode, fc.oneof(fc.nat(12), fc.constant(0xffff)))
          .map(([bytes, index]) => ({ kind: 'character', type, bytes, index })),
      );
    }
    const inner: Arbitrary<IntNode>[] = [
      fc
        .tuple(fc.constantFrom(...arithmetic), own, own)
        .map(([operator, left, right]) => ({ kind: 'arithmetic', type, operator, left, right })),
      fc
        .tuple(fc.constantFrom('<<' as const, '>>' as const), own, any)
        .map(([operator, left, right]) => ({ kind: 'shift', type, operator, left, right })),
      fc
        .tuple(fc.constantFrom('-' as const, '~' as const), own)
        .map(([operator, operand]) => ({ kind: 'unary', type, operator, operand })),
      fc
        .tuple(read, any)
        .map(([{ size, signed }, operand]) => ({ kind: 'convert', type, size, signed, operand })),
      fc.tuple(any, own, own).map(([condition, yes, no]) => ({ kind: 'choice', type, condition, yes, no })),
      fc.tuple(read, fc.nat(3), any).map(([{ size, signed }, count, index]) => ({
        kind: 'element',
        type,
        offset: 5,
        size,
        signed,
        count,
        index,
      })),
    ];
    if (type === INT) {
      for (const of of types) {
        inner.push(
          fc
            .tuple(fc.constantFrom(...comparisons), tie(nameOf(of)), tie(nameOf(of)))
            .map(([operator, left, right]) => ({ kind: 'comparison', type, of, operator, left, right })),
        );
      }
      inner.push(
        fc
          .tuple(fc.constantFrom('&&' as const, '||' as const), any, any)
          .map(([operator, left, right]) => ({ kind: 'logical', type, operator, left, right })),
        any.map(operand => ({ kind: 'not', type, operand })),
      );
    }
    return fc.oneof({ depthSize: 'small', withCrossShrink: true }, ...leaves, ...inner);
  };
  return Object.fromEntries(types.map(type => [nameOf(type), nodesOf(type)]));
});
const anyNode = fc.oneof(...types.map(type => trees[nameOf(type)]!));

const byte = fc.oneof(fc.constant(0), fc.constant(0xff), fc.constant(0x80), fc.nat(20), fc.nat(255));
const record = fc
  .array(byte, { minLength: FIXED_SIZE, maxLength: FIXED_SIZE + 24 })
  .map(list => Uint8Array.from(list));

/** Of records that end where the memory does, so that a read behind them traps. */
function checkNodes(nodes: readonly IntNode[], records: readonly Uint8Array[]): void {
  const made = bodyOf(FIXED_SIZE, body => {
    for (const node of nodes) {
      body.number('decimal', body.value(node));
      body.label(Uint8Array.of(0x20));
    }
  });
  expect(made.body.isUsable).toBe(true);
  const values = new IntValues(true);
  for (const content of records) {
    const written = made.of(content)!;
    values.record = recordAt(bytes.length - content.length, bytes.length);
    expect(written).toBe(nodes.map(node => `${values.value(node)} `).join(''));
  }
}

describe('numbers of a print format', () => {
  it('are those that are worked out with bigint, for any tree and record', () => {
    fc.assert(
      fc.property(
        fc.array(anyNode, { minLength: 1, maxLength: 6 }),
        fc.array(record, { minLength: 1, maxLength: 6 }),
        checkNodes,
      ),
      { numRuns: 1500 },
    );
  });

  it('are those of every operator at the edges of every type', () => {
    const content = new Uint8Array(FIXED_SIZE);
    const view = new DataView(content.buffer);
    for (const type of types) {
      const size = type.bits === 32 ? 4 : 8;
      const field = (offset: number): IntNode => ({ kind: 'field', type, offset, size, signed: type.signed });
      const [left, right] = [field(0), field(8)];
      const nodes: IntNode[] = [
        ...arithmetic.map(operator => ({ kind: 'arithmetic', type, operator, left, right }) as const),
        ...(['<<', '>>'] as const).map(operator => ({ kind: 'shift', type, operator, left, right }) as const),
        ...comparisons.map(
          operator => ({ kind: 'comparison', type: INT, of: type, operator, left, right }) as const,
        ),
      ];
      const records = edges.flatMap(a =>
        edges.map(b => {
          view.setBigInt64(0, a, true);
          view.setBigInt64(8, b, true);
          return content.slice();
        }),
      );
      checkNodes(nodes, records);
    }
  });

  it('of constant divisors are the same', () => {
    const records = edges.map(value => {
      const content = new Uint8Array(FIXED_SIZE);
      new DataView(content.buffer).setBigInt64(0, value, true);
      return content;
    });
    for (const type of types) {
      const size = type.bits === 32 ? 4 : 8;
      const left = { kind: 'field', type, offset: 0, size, signed: type.signed } as const;
      const nodes = [0n, 1n, -1n, 2n, -2n, 10n, 1n << 31n, -(1n << 63n)].flatMap(divisor =>
        (['/', '%'] as const).map(
          operator => ({ kind: 'arithmetic', type, operator, left, right: number(type, divisor) }) as const,
        ),
      );
      checkNodes(nodes, records);
    }
  });

  it('are not made for what lies behind the fixed fields', () => {
    const nodes: IntNode[] = [
      { kind: 'field', type: INT, offset: FIXED_SIZE - 3, size: 4, signed: true },
      { kind: 'length', type: INT, offset: FIXED_SIZE - 3 },
      {
        kind: 'element',
        type: INT,
        offset: FIXED_SIZE - 4,
        size: 4,
        signed: true,
        count: 2,
        index: number(INT, 0n),
      },
      ...(
        [
          { kind: 'fixed', offset: FIXED_SIZE - 3, size: 4 },
          { kind: 'rest', offset: FIXED_SIZE + 1 },
          { kind: 'located', offset: FIXED_SIZE - 3, relative: true },
        ] as const
      ).map(bytes => ({ kind: 'character', type: INT, bytes, index: 0 }) as const),
    ];
    for (const node of nodes) {
      expect(bodyOf(FIXED_SIZE, body => body.number('hex', body.value(node))).body.isUsable).toBe(false);
    }
    expect(bodyOf(2 ** 40, () => undefined).body.isUsable).toBe(false);
    expect(
      sizes.every(size => bodyOf(8, body => body.character(body.field(size, true, 0))).body.isUsable),
    ).toBe(true);
  });

  it('are not made for trees that are deeper than anyone would write', () => {
    const sum = (terms: number) => {
      let node: IntNode = { kind: 'field', type: LONG, offset: 0, size: 8, signed: true };
      for (let term = 0; term < terms; term++) {
        node = { kind: 'arithmetic', type: LONG, operator: '+', left: node, right: number(LONG, 3n) };
      }
      return bodyOf(FIXED_SIZE, body => body.number('decimal', body.value(node)));
    };
    expect(sum(300).body.isUsable).toBe(true);
    expect(sum(300).of(new Uint8Array(FIXED_SIZE))).toBe('900');
    expect(sum(100_000).body.isUsable).toBe(false);
  });
});
