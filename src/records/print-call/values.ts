import type { EventField } from '../../kernel/index.js';
import {
  type BytesNode,
  INT,
  type IntNode,
  type IntSize,
  type IntType,
  LONG,
  type PrintArgument,
  type TextNode,
  UNSIGNED,
  UNSIGNED_LONG,
} from '../print-tree.js';
import { constantValue } from '../print-value.js';
import { NotUnderstood } from './not-understood.js';
import type { Token } from './tokens.js';
import type { CastType } from './type-name.js';

/** Bytes of `struct page`, which pointers count in; the same on every 64-bit kernel so far. */
const PAGE_STRUCT = 64n;

/** An argument, or a pointer to elements of a known size. */
export type Value = PrintArgument & { readonly step?: bigint };

export function int(node: IntNode): Value {
  return { is: 'int', node };
}

export function text(node: TextNode): Value {
  return { is: 'text', node };
}

/** Unknown values are not reckoned with. */
export function intOf(value: Value): IntNode {
  if (value.is !== 'int') throw new NotUnderstood();
  return value.node;
}

export function bytesOf(value: Value): BytesNode {
  if (value.is !== 'bytes') throw new NotUnderstood();
  return value.node;
}

export function textOf(value: Value): TextNode {
  if (value.is === 'text') return value.node;
  if (value.is === 'bytes') return { kind: 'characters', bytes: value.node };
  if (value.is === 'int' && value.node.type.bits === 64) return { kind: 'pointed', address: value.node };
  throw new NotUnderstood();
}

export function constant(type: IntType, value: bigint): IntNode {
  return { kind: 'number', type, value };
}

/** The type of a number in C: the first of int, unsigned int, long and unsigned long that it fits and its form allows. */
export function numberOf({ text: digits, suffix }: Token): IntNode {
  const isDecimal = !/^0./.test(digits);
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : octalDigits(digits));
  if (value >= 1n << 64n) throw new NotUnderstood();
  const isUnsigned = suffix.includes('u');
  const isLong = suffix.includes('l');
  if (!isLong && !isUnsigned && value < 1n << 31n) return constant(INT, value);
  if (!isLong && (isUnsigned || !isDecimal) && value < 1n << 32n) return constant(UNSIGNED, value);
  if (!isUnsigned && value < 1n << 63n) return constant(LONG, value);
  return constant(UNSIGNED_LONG, value);
}

function octalDigits(digits: string): string {
  if (/^0\d/.test(digits)) throw new NotUnderstood();
  return digits;
}

export function intSize(size: number): IntSize {
  if (size === 1 || size === 2 || size === 4 || size === 8) return size;
  throw new NotUnderstood();
}

/** The type of a number of that size in an expression. */
function promoted(size: IntSize, signed: boolean): IntType {
  if (size === 8) return signed ? LONG : UNSIGNED_LONG;
  return size === 4 && !signed ? UNSIGNED : INT;
}

export function fieldOf({ offset, size, signed, array, type }: EventField): Value {
  if (array !== undefined) {
    return { is: 'bytes', node: size === 0 ? { kind: 'rest', offset } : { kind: 'fixed', offset, size } };
  }
  if (size !== 1 && size !== 2 && size !== 4 && size !== 8)
    return { is: 'bytes', node: { kind: 'fixed', offset, size } };
  const node = { kind: 'field', type: promoted(size, signed), offset, size, signed } as const;
  return type.endsWith('*') ? int({ ...node, type: promoted(size, false), signed: false }) : int(node);
}

/** One of the numbers of an array. */
export function elementOf({ offset, size: bytes, signed, array }: EventField, index: IntNode): Value {
  const count = Number(array) > 0 ? Number(array) : 1;
  if (!Number.isInteger(count)) throw new NotUnderstood();
  const size = intSize(bytes / count);
  return int({ kind: 'element', type: promoted(size, signed), offset, size, signed, count, index });
}

export function located({ type, offset, size }: EventField): Extract<BytesNode, { kind: 'located' }> {
  const isRelative = type.startsWith('__rel_loc');
  if (size !== 4 || !(isRelative || type.startsWith('__data_loc'))) throw new NotUnderstood();
  return { kind: 'located', offset, relative: isRelative };
}

export function converted(operand: IntNode, type: IntType): IntNode {
  const { bits, signed } = type;
  if (operand.type.bits === bits && operand.type.signed === signed) return operand;
  return folded({ kind: 'convert', type, size: bits === 64 ? 8 : 4, signed, operand });
}

export function cast(value: Value, { size, signed, pointer }: CastType): Value {
  if (value.is === 'unknown') return pointer === 'struct page' ? { ...value, step: PAGE_STRUCT } : value;
  if (value.is === 'text' || value.is === 'bytes') {
    if (pointer !== undefined) return value;
    throw new NotUnderstood();
  }
  const operand = value.node;
  const node = folded({ kind: 'convert', type: promoted(size, signed), size, signed, operand });
  return pointer === 'struct page' ? { is: 'int', node, step: PAGE_STRUCT } : int(node);
}

/** A node whose value is the same for every record, as that value. */
export function folded(node: IntNode): IntNode {
  const value = constantValue(node);
  return value === undefined ? node : constant(node.type, value);
}
