import type { PageRecord } from './page-record.js';
import type { ArithmeticOperator, BytesNode, ComparisonOperator, IntNode, IntType } from './print-tree.js';

/** A value reduced to a type. */
export function reduced(value: bigint, { bits, signed }: IntType): bigint {
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** The value of a node that needs no record; `undefined` for others. Only the node's own operands are looked at: they are folded. */
export function constantValue(node: IntNode): bigint | undefined {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'arithmetic':
    case 'shift':
    case 'comparison':
    case 'logical': {
      const { left, right } = node;
      return left.kind === 'number' && right.kind === 'number' ? NOTHING.value(node) : undefined;
    }
    case 'not':
    case 'unary':
    case 'convert':
      return node.operand.kind === 'number' ? NOTHING.value(node) : undefined;
    case 'field':
    case 'element':
    case 'character':
    case 'length':
    case 'choice':
      return undefined;
    default:
      return node satisfies never;
  }
}

/** Works out integers of a `print fmt` for whatever record it is pointed at. What lies outside the record is 0. */
export class IntValues {
  record: PageRecord | undefined = undefined;
  readonly #littleEndian: boolean;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  value(node: IntNode): bigint {
    switch (node.kind) {
      case 'number':
        return node.value;
      case 'field':
        return this.read(this.record!.start + node.offset, node.size, node.signed);
      case 'element': {
        const index = this.value(node.index);
        if (index < 0n || index >= BigInt(node.count)) return 0n;
        const at = this.record!.start + node.offset + Number(index) * node.size;
        return this.read(at, node.size, node.signed);
      }
      case 'character': {
        const { start, end } = this.range(node.bytes);
        return start + node.index < end ? this.read(start + node.index, 1, true) : 0n;
      }
      case 'length':
        return this.read(this.record!.start + node.offset, 4, false) >> 16n;
      case 'arithmetic':
        return reduced(calculate(node.operator, this.value(node.left), this.value(node.right)), node.type);
      case 'shift': {
        const distance = this.value(node.right) & BigInt(node.type.bits - 1);
        const left = this.value(node.left);
        return node.operator === '>>' ? left >> distance : reduced(left << distance, node.type);
      }
      case 'comparison':
        return compare(node.operator, this.value(node.left), this.value(node.right)) ? 1n : 0n;
      case 'logical': {
        const left = this.value(node.left) !== 0n;
        const isDecided = left === (node.operator === '||');
        return (isDecided ? left : this.value(node.right) !== 0n) ? 1n : 0n;
      }
      case 'not':
        return this.value(node.operand) === 0n ? 1n : 0n;
      case 'unary': {
        const operand = this.value(node.operand);
        return reduced(node.operator === '-' ? -operand : ~operand, node.type);
      }
      case 'convert': {
        const bits = node.size * 8;
        const operand = this.value(node.operand);
        return node.signed ? BigInt.asIntN(bits, operand) : BigInt.asUintN(bits, operand);
      }
      case 'choice':
        return this.value(this.value(node.condition) !== 0n ? node.yes : node.no);
      default:
        return node satisfies never;
    }
  }

  /** Where bytes of the record are; nothing outside of it. */
  range(node: BytesNode): { readonly start: number; readonly end: number } {
    const { start, end, view } = this.record!;
    const at = start + node.offset;
    if (node.kind === 'rest') return { start: Math.min(at, end), end };
    if (node.kind === 'fixed') return { start: Math.min(at, end), end: Math.min(at + node.size, end) };
    if (at + 4 > end) return { start: end, end };
    const location = view.getUint32(at, this.#littleEndian);
    const from = (node.relative ? at + 4 : start) + (location & 0xffff);
    return { start: Math.min(from, end), end: Math.min(from + (location >>> 16), end) };
  }

  read(at: number, size: number, signed: boolean): bigint {
    const { view, end } = this.record!;
    const little = this.#littleEndian;
    if (at + size > end) return 0n;
    if (size === 8) return signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little);
    if (size === 4) return BigInt(signed ? view.getInt32(at, little) : view.getUint32(at, little));
    if (size === 2) return BigInt(signed ? view.getInt16(at, little) : view.getUint16(at, little));
    return BigInt(signed ? view.getInt8(at) : view.getUint8(at));
  }
}

const NOTHING = new IntValues(true);

function calculate(operator: ArithmeticOperator, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0n ? 0n : left / right;
    case '%':
      return right === 0n ? 0n : left % right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    default:
      return operator satisfies never;
  }
}

function compare(operator: ComparisonOperator, left: bigint, right: bigint): boolean {
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
    default:
      return operator satisfies never;
  }
}
