/**
 * The tree of a `print fmt` (spec 11 R11-25): C expressions with their types worked out, so that whoever runs them, in
 * whatever way, need not know C's rules. Places of fields are offsets from the start of the record.
 */

/** A C integer after promotion. */
export interface IntType {
  readonly bits: 32 | 64;
  readonly signed: boolean;
}

export const INT: IntType = { bits: 32, signed: true };
export const UNSIGNED: IntType = { bits: 32, signed: false };
export const LONG: IntType = { bits: 64, signed: true };
export const UNSIGNED_LONG: IntType = { bits: 64, signed: false };

export type IntSize = 1 | 2 | 4 | 8;
/** Operators whose result has the type of both operands. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';
export type ComparisonOperator = '==' | '!=' | '<' | '>' | '<=' | '>=';

/** An integer. `type` is that of the value; values are kept reduced to it. */
export type IntNode =
  | { readonly kind: 'number'; readonly type: IntType; readonly value: bigint }
  | {
      readonly kind: 'field';
      readonly type: IntType;
      readonly offset: number;
      readonly size: IntSize;
      readonly signed: boolean;
    }
  /** One of `count` numbers from `offset` on; 0 outside of them. */
  | {
      readonly kind: 'element';
      readonly type: IntType;
      readonly offset: number;
      readonly size: IntSize;
      readonly signed: boolean;
      readonly count: number;
      readonly index: IntNode;
    }
  /** A `char` of what is in the record; 0 outside of it. */
  | { readonly kind: 'character'; readonly type: IntType; readonly bytes: BytesNode; readonly index: number }
  /** Bytes of what a `__data_loc` points to. */
  | { readonly kind: 'length'; readonly type: IntType; readonly offset: number }
  /** Both operands have the type of the result. Division by zero gives 0. */
  | {
      readonly kind: 'arithmetic';
      readonly type: IntType;
      readonly operator: ArithmeticOperator;
      readonly left: IntNode;
      readonly right: IntNode;
    }
  /** The distance counts modulo the width. */
  | {
      readonly kind: 'shift';
      readonly type: IntType;
      readonly operator: '<<' | '>>';
      readonly left: IntNode;
      readonly right: IntNode;
    }
  /** Both operands are of `of`; 1 or 0. */
  | {
      readonly kind: 'comparison';
      readonly type: IntType;
      readonly of: IntType;
      readonly operator: ComparisonOperator;
      readonly left: IntNode;
      readonly right: IntNode;
    }
  | {
      readonly kind: 'logical';
      readonly type: IntType;
      readonly operator: '&&' | '||';
      readonly left: IntNode;
      readonly right: IntNode;
    }
  | { readonly kind: 'not'; readonly type: IntType; readonly operand: IntNode }
  | {
      readonly kind: 'unary';
      readonly type: IntType;
      readonly operator: '-' | '~';
      readonly operand: IntNode;
    }
  /** The value cut to `size` bytes, then promoted to `type`. */
  | {
      readonly kind: 'convert';
      readonly type: IntType;
      readonly size: IntSize;
      readonly signed: boolean;
      readonly operand: IntNode;
    }
  | {
      readonly kind: 'choice';
      readonly type: IntType;
      readonly condition: IntNode;
      readonly yes: IntNode;
      readonly no: IntNode;
    };

/** Bytes of the record: what an array holds, or what a location points to. */
export type BytesNode =
  | { readonly kind: 'fixed'; readonly offset: number; readonly size: number }
  /** To the end of the record. */
  | { readonly kind: 'rest'; readonly offset: number }
  | { readonly kind: 'located'; readonly offset: number; readonly relative: boolean };

export type Names = readonly (readonly [value: bigint, name: string])[];

/** Text, bytes one per character. */
export type TextNode =
  | { readonly kind: 'literal'; readonly text: string }
  /** Up to the first NUL; of a location up to the end of the record, as the kernel does, which asks for no length. */
  | { readonly kind: 'characters'; readonly bytes: BytesNode }
  /** One behind another. */
  | { readonly kind: 'joined'; readonly parts: readonly TextNode[] }
  /** The text at an address of the kernel, which is not in the record. */
  | { readonly kind: 'pointed'; readonly address: IntNode }
  /** The names are of 64 bits. */
  | { readonly kind: 'flags'; readonly value: IntNode; readonly delimiter: string; readonly names: Names }
  | { readonly kind: 'symbolic'; readonly value: IntNode; readonly names: Names }
  | { readonly kind: 'hex'; readonly bytes: BytesNode; readonly count: IntNode; readonly separator: string }
  | {
      readonly kind: 'array';
      readonly bytes: BytesNode;
      readonly count: IntNode;
      readonly size: IntSize;
    }
  | { readonly kind: 'bitmask'; readonly bytes: BytesNode }
  | { readonly kind: 'socketAddress'; readonly bytes: BytesNode; readonly letters: string }
  | {
      readonly kind: 'textChoice';
      readonly condition: IntNode;
      readonly yes: TextNode;
      readonly no: TextNode;
    };

/** What an argument of a `print fmt` can be. */
export type PrintArgument =
  | { readonly is: 'int'; readonly node: IntNode }
  | { readonly is: 'text'; readonly node: TextNode }
  | { readonly is: 'bytes'; readonly node: BytesNode }
  /** Made from something that only the kernel knew. */
  | { readonly is: 'unknown' };
