import { asWide, type BodyCode, type NumberCall, type Operand } from './generated-text.js';
import type { PageRecord } from './page-record.js';
import type { ArithmeticOperator, ComparisonOperator, IntNode } from './print-tree.js';
import { constantValue, type IntValues } from './print-value.js';

/**
 * Makes code for the integers of a `print fmt`: what `IntValues` works out with `bigint`, done with 32-bit halves. Operands
 * are worked out whether they are needed or not: nothing of a record that holds all its fixed fields can fail.
 */
export class NumberCode {
  readonly #code: BodyCode;
  readonly #values: IntValues;

  /** `values` works out what is too rare to have code. */
  constructor(code: BodyCode, values: IntValues) {
    this.#code = code;
    this.#values = values;
  }

  /** Code for a number. */
  of(node: IntNode): Operand {
    switch (node.kind) {
      case 'number':
        return constant(node.value, node.type.bits, node.type.signed);
      case 'field':
        return typed(this.#code.field(node.size, node.signed, node.offset), node);
      case 'element':
        return this.#element(node);
      case 'character':
        return this.#called(node);
      case 'length':
        return this.#bound(`${lowWord(this.#code.field(4, false, node.offset))} >>> 16`, true);
      case 'arithmetic':
        return node.type.bits === 32 ? this.#arithmetic(node) : this.#wideArithmetic(node);
      case 'shift':
        return this.#shift(node);
      case 'comparison':
        return this.#bound(`${this.#comparison(node)} ? 1 : 0`, true);
      case 'logical': {
        const left = this.condition(node.left);
        return this.#bound(`(${left}) ${node.operator} (${this.condition(node.right)}) ? 1 : 0`, true);
      }
      case 'not':
        return this.#bound(`(${this.condition(node.operand)}) ? 0 : 1`, true);
      case 'unary':
        return this.#unary(node);
      case 'convert':
        return this.#convert(node);
      case 'choice':
        return this.#choice(node);
      default:
        return node satisfies never;
    }
  }

  /** Code that says whether a number is not zero. */
  condition(node: IntNode): string {
    const value = this.of(node);
    return value.bits === 32 ? `${value.text} !== 0` : `(${value.high} | ${value.low}) !== 0`;
  }

  #bound(expression: string, signed: boolean): Operand {
    return { bits: 32, signed, text: this.#code.bind(expression) };
  }

  #wide(high: string, low: string, signed: boolean): Operand {
    return { bits: 64, signed, high: this.#code.bind(high), low: this.#code.bind(low) };
  }

  #called(node: IntNode): Operand {
    return this.#code.called(new CalledNumber(node, this.#values), node.type);
  }

  #element(node: Extract<IntNode, { kind: 'element' }>): Operand {
    const { size, signed, offset, count } = node;
    const index = this.of(node.index);
    const low = lowWord(index);
    const isSmall = index.bits === 32 ? '' : `${index.high} === 0 && `;
    const inside = this.#code.bind(`${isSmall}${low} >= 0 && ${low} < ${count}`);
    const read = this.#code.field(size, signed, `${offset} + (${inside} ? ${low} : 0) * ${size}`);
    const value = typed(read, node);
    return value.bits === 32
      ? this.#bound(`${inside} ? ${value.text} : 0`, value.signed)
      : this.#wide(`${inside} ? ${value.high} : 0`, `${inside} ? ${value.low} : 0`, value.signed);
  }

  #arithmetic({ operator, left, right, type }: Arithmetic): Operand {
    const a = lowWord(this.of(left));
    const b = lowWord(this.of(right));
    return this.#bound(reduced(arithmetic32(operator, a, b), type.signed), type.signed);
  }

  #wideArithmetic(node: Arithmetic): Operand {
    const { operator, type } = node;
    if (operator === '*' || operator === '/' || operator === '%') return this.#called(node);
    const a = asWide(this.of(node.left));
    const b = asWide(this.of(node.right));
    if (operator === '+') {
      const sum = this.#code.bind(`(${a.low} >>> 0) + (${b.low} >>> 0)`);
      return this.#wide(
        `${a.high} + ${b.high} + (${sum} > 0xffffffff ? 1 : 0) | 0`,
        `${sum} | 0`,
        type.signed,
      );
    }
    if (operator === '-') {
      const borrow = this.#code.bind(`(${a.low} >>> 0) < (${b.low} >>> 0) ? 1 : 0`);
      return this.#wide(`${a.high} - ${b.high} - ${borrow} | 0`, `${a.low} - ${b.low} | 0`, type.signed);
    }
    return this.#wide(`${a.high} ${operator} ${b.high}`, `${a.low} ${operator} ${b.low}`, type.signed);
  }

  #shift(node: Extract<IntNode, { kind: 'shift' }>): Operand {
    const { operator, type } = node;
    if (type.bits === 32) {
      const left = lowWord(this.of(node.left));
      const right = this.of(node.right);
      const distance = `(${lowWord(right)} & 31)`;
      const shift = operator === '<<' ? '<<' : type.signed ? '>>' : '>>>';
      return this.#bound(reduced(`${left} ${shift} ${distance}`, type.signed), type.signed);
    }
    const known = constantValue(node.right);
    if (known === undefined) return this.#called(node);
    const distance = Number(known & 63n);
    const { high, low } = asWide(this.of(node.left));
    if (distance === 0) return this.#wide(high, low, type.signed);
    const rest = 32 - (distance & 31);
    const part = distance & 31;
    if (operator === '<<') {
      if (distance === 32) return this.#wide(low, '0', type.signed);
      if (distance > 32) return this.#wide(`${low} << ${part}`, '0', type.signed);
      return this.#wide(`${high} << ${part} | ${low} >>> ${rest}`, `${low} << ${part}`, type.signed);
    }
    const down = type.signed ? '>>' : '>>>';
    const filled = type.signed ? `${high} >> 31` : '0';
    if (distance === 32) return this.#wide(filled, high, type.signed);
    if (distance > 32) return this.#wide(filled, `${high} ${down} ${part} | 0`, type.signed);
    return this.#wide(`${high} ${down} ${part} | 0`, `${low} >>> ${part} | ${high} << ${rest}`, type.signed);
  }

  #comparison({ operator, of, left, right }: Extract<IntNode, { kind: 'comparison' }>): string {
    const a = this.of(left);
    const b = this.of(right);
    if (of.bits === 32) return `${lowWord(a)} ${same(operator)} ${lowWord(b)}`;
    const [x, y] = [asWide(a), asWide(b)];
    if (operator === '==') return `${x.high} === ${y.high} && ${x.low} === ${y.low}`;
    if (operator === '!=') return `(${x.high} !== ${y.high} || ${x.low} !== ${y.low})`;
    const [h, k] = of.signed ? [x.high, y.high] : [`(${x.high} >>> 0)`, `(${y.high} >>> 0)`];
    const lows = `(${x.low} >>> 0) ${operator} (${y.low} >>> 0)`;
    return `(${h} === ${k} ? ${lows} : ${h} ${operator} ${k})`;
  }

  #unary({ operator, operand, type }: Extract<IntNode, { kind: 'unary' }>): Operand {
    const value = this.of(operand);
    if (type.bits === 32)
      return this.#bound(reduced(`${operator}${lowWord(value)}`, type.signed), type.signed);
    const { high, low } = asWide(value);
    if (operator === '~') return this.#wide(`~${high}`, `~${low}`, type.signed);
    return this.#wide(`~${high} + (${low} === 0 ? 1 : 0) | 0`, `-${low} | 0`, type.signed);
  }

  #convert({ type, size, signed, operand }: Extract<IntNode, { kind: 'convert' }>): Operand {
    const value = this.of(operand);
    if (size === 8) {
      const { high, low } = asWide(value);
      return this.#wide(high, low, signed);
    }
    const low = lowWord(value);
    const bits = 32 - size * 8;
    const cut =
      size === 4 ? low : signed ? `${low} << ${bits} >> ${bits}` : `${low} & ${size === 1 ? 255 : 65535}`;
    return this.#bound(reduced(`(${cut})`, type.signed), type.signed);
  }

  #choice({ condition, yes, no, type }: Extract<IntNode, { kind: 'choice' }>): Operand {
    const isYes = this.#code.bind(this.condition(condition));
    const [a, b] = [this.of(yes), this.of(no)];
    if (type.bits === 32) return this.#bound(`${isYes} ? ${lowWord(a)} : ${lowWord(b)}`, type.signed);
    const [x, y] = [asWide(a), asWide(b)];
    return this.#wide(`${isYes} ? ${x.high} : ${y.high}`, `${isYes} ? ${x.low} : ${y.low}`, type.signed);
  }
}

type Arithmetic = Extract<IntNode, { kind: 'arithmetic' }>;

/** What a read number is in C, which promotes it. */
function typed(read: Operand, { type }: IntNode): Operand {
  return { ...read, signed: type.signed };
}

/** A number of 32 bits; of a wide one the low half. */
export function lowWord(value: Operand): string {
  return value.bits === 32 ? value.text : value.low;
}

function constant(value: bigint, bits: 32 | 64, signed: boolean): Operand {
  if (bits === 32) return { bits, signed, text: bracketed(Number(value)) };
  const high = bracketed(Number(BigInt.asIntN(32, value >> 32n)));
  return { bits, signed, high, low: bracketed(Number(BigInt.asIntN(32, value))) };
}

function bracketed(value: number): string {
  return value < 0 ? `(${value})` : `${value}`;
}

function reduced(expression: string, signed: boolean): string {
  return `(${expression}) ${signed ? '|' : '>>>'} 0`;
}

function arithmetic32(operator: ArithmeticOperator, a: string, b: string): string {
  if (operator === '*') return `Math.imul(${a}, ${b})`;
  if (operator === '/' || operator === '%') return `${b} === 0 ? 0 : ${a} ${operator} ${b}`;
  return `${a} ${operator} ${b}`;
}

function same(operator: ComparisonOperator): string {
  return operator === '==' || operator === '!=' ? `${operator}=` : operator;
}

class CalledNumber implements NumberCall {
  high = 0;
  low = 0;
  readonly #node: IntNode;
  readonly #values: IntValues;

  constructor(node: IntNode, values: IntValues) {
    this.#node = node;
    this.#values = values;
  }

  of(record: PageRecord): void {
    this.#values.record = record;
    const value = this.#values.value(this.#node);
    this.high = Number(BigInt.asIntN(32, value >> 32n));
    this.low = Number(BigInt.asIntN(32, value));
  }
}
