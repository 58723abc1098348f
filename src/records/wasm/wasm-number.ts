import type { EmittedNumber } from '../body-emitter.js';
import type { BytesNode, ComparisonOperator, IntNode, IntSize, IntType } from '../print-tree.js';
import type { Access, Code, Operation } from './code.js';

/** A number that instructions leave on the stack: an i32 or an i64, by its bits. */
export interface WasmNumber extends EmittedNumber {
  push(): void;
}

/** The first parameters of a body's function: where the record begins and ends. */
export const START = 0;
export const END = 1;

/** More would not be told as an i32; no record has them. */
const MOST_FIXED = 0x3fff_ffff;
/** Of a tree: who makes code for it is called once for each level. */
const MOST_DEPTH = 400;

type Node<K extends IntNode['kind']> = Extract<IntNode, { kind: K }>;

/**
 * Makes the instructions for the integers of a `print fmt`: what `IntValues` works out with `bigint`. Operands may be
 * worked out whether they are needed or not: nothing of a record that holds its fixed fields can fail.
 */
export class WasmNumbers {
  readonly #code: Code;
  readonly #fixedSize: number;
  #isUsable: boolean;
  #depth = 0;

  constructor(code: Code, fixedSize: number) {
    this.#code = code;
    this.#fixedSize = fixedSize;
    this.#isUsable = fixedSize <= MOST_FIXED;
  }

  /** Whether the code may be run: all that it reads without a look at the record's end lies in the fixed fields. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Tells that bytes from the start of the record on are read without a look at its end. */
  need(size: number): void {
    if (size > this.#fixedSize) this.#isUsable = false;
  }

  field(size: IntSize, signed: boolean, offset: number): WasmNumber {
    this.need(offset + size);
    return {
      bits: size === 8 ? 64 : 32,
      signed: signed || size < 4,
      push: () => {
        this.#code.get(START).at(load(size, signed), offset);
      },
    };
  }

  value(node: IntNode): WasmNumber {
    const { bits, signed } = node.type;
    return { bits, signed, push: () => this.#push(node) };
  }

  /** Leaves 1 on the stack where a number is not zero, else 0. */
  condition(node: IntNode): void {
    this.#push(node);
    if (node.type.bits === 64) this.#code.i64(0n).op('i64.ne');
    else if (!isTruth(node)) this.#code.i32(0).op('i32.ne');
  }

  #push(node: IntNode): void {
    if (this.#depth === MOST_DEPTH) {
      this.#isUsable = false;
      this.#constant(0n, node.type);
      return;
    }
    this.#depth++;
    this.#pushNode(node);
    this.#depth--;
  }

  #pushNode(node: IntNode): void {
    const code = this.#code;
    switch (node.kind) {
      case 'number':
        this.#constant(node.value, node.type);
        return;
      case 'field':
        this.field(node.size, node.signed, node.offset).push();
        this.#extend(node.size === 8 ? 64 : 32, node.signed, node.type.bits);
        return;
      case 'element':
        this.#element(node);
        return;
      case 'character':
        this.#character(node.bytes, node.index);
        this.#extend(32, true, node.type.bits);
        return;
      case 'length':
        this.field(4, false, node.offset).push();
        code.i32(16).op('i32.shr_u');
        this.#extend(32, false, node.type.bits);
        return;
      case 'arithmetic':
        this.#arithmetic(node);
        return;
      case 'shift': {
        const { type, operator } = node;
        this.#pushAs(node.left, type.bits);
        this.#pushAs(node.right, type.bits);
        code.op(operator === '<<' ? `i${type.bits}.shl` : `i${type.bits}.shr_${type.signed ? 's' : 'u'}`);
        return;
      }
      case 'comparison':
        this.#pushAs(node.left, node.of.bits);
        this.#pushAs(node.right, node.of.bits);
        code.op(comparison(node.operator, node.of));
        this.#extend(32, false, node.type.bits);
        return;
      case 'logical':
        this.condition(node.left);
        this.condition(node.right);
        code.op(node.operator === '&&' ? 'i32.and' : 'i32.or');
        this.#extend(32, false, node.type.bits);
        return;
      case 'not':
        this.#push(node.operand);
        code.op(`i${node.operand.type.bits}.eqz`);
        this.#extend(32, false, node.type.bits);
        return;
      case 'unary':
        this.#unary(node);
        return;
      case 'convert':
        this.#convert(node);
        return;
      case 'choice': {
        const { type, yes, no } = node;
        this.condition(node.condition);
        code.if(
          () => this.#pushAs(yes, type.bits),
          () => this.#pushAs(no, type.bits),
          `i${type.bits}`,
        );
        return;
      }
      default:
        node satisfies never;
    }
  }

  #pushAs(node: IntNode, bits: 32 | 64): void {
    this.#push(node);
    this.#extend(node.type.bits, node.type.signed, bits);
  }

  /** Makes what is on the stack a number of that many bits. */
  #extend(from: 32 | 64, signed: boolean, to: 32 | 64): void {
    if (from === to) return;
    this.#code.op(to === 32 ? 'i32.wrap_i64' : signed ? 'i64.extend_i32_s' : 'i64.extend_i32_u');
  }

  #constant(value: bigint, { bits }: Pick<IntType, 'bits'>): void {
    if (bits === 64) this.#code.i64(value);
    else this.#code.i32(Number(BigInt.asIntN(32, value)));
  }

  #element({ type, offset, size, signed, count, index }: Node<'element'>): void {
    const code = this.#code;
    const { bits } = index.type;
    this.need(offset + size * count);
    code.scratch(`i${bits}`, place => {
      this.#push(index);
      code.tee(place);
      // A number below zero is a large one without its sign.
      this.#constant(BigInt(count), { bits });
      code.op(`i${bits}.lt_u`);
      code.if(
        () => {
          code.get(START).get(place);
          this.#extend(bits, false, 32);
          code.i32(size).op('i32.mul', 'i32.add').at(load(size, signed), offset);
          this.#extend(size === 8 ? 64 : 32, signed, type.bits);
        },
        () => this.#constant(0n, type),
        `i${type.bits}`,
      );
    });
  }

  /** A character as an i32. */
  #character(bytes: BytesNode, index: number): void {
    const code = this.#code;
    if (bytes.kind === 'fixed') {
      this.need(bytes.offset + bytes.size);
      if (index < bytes.size) this.field(1, true, bytes.offset + index).push();
      else code.i32(0);
      return;
    }
    if (bytes.kind === 'rest') {
      this.need(bytes.offset);
      this.#byteInside(() =>
        code
          .get(START)
          .i32(bytes.offset + index)
          .op('i32.add'),
      );
      return;
    }
    code.scratch('i32', location => {
      this.field(4, false, bytes.offset).push();
      code.set(location).i32(index).get(location).i32(16).op('i32.shr_u', 'i32.lt_u');
      code.if(
        () =>
          this.#byteInside(() => {
            code.get(START).get(location).i32(0xffff).op('i32.and', 'i32.add');
            code.i32(index + (bytes.relative ? bytes.offset + 4 : 0)).op('i32.add');
          }),
        () => code.i32(0),
        'i32',
      );
    });
  }

  /** The byte at an address behind the record's start, signed; 0 behind its end. */
  #byteInside(pushAddress: () => void): void {
    const code = this.#code;
    code.scratch('i32', address => {
      pushAddress();
      code.tee(address).get(END).op('i32.lt_u');
      code.if(
        () => code.get(address).at('i32.load8_s'),
        () => code.i32(0),
        'i32',
      );
    });
  }

  #arithmetic(node: Node<'arithmetic'>): void {
    const { operator, left, right, type } = node;
    this.#pushAs(left, type.bits);
    this.#pushAs(right, type.bits);
    switch (operator) {
      case '/':
      case '%':
        this.#division(node);
        return;
      default:
        this.#code.op(`i${type.bits}.${ARITHMETIC[operator]}`);
    }
  }

  /** Of what is on the stack. */
  #division({ operator, right, type }: Node<'arithmetic'>): void {
    const code = this.#code;
    const integer: 'i32' | 'i64' = `i${type.bits}`;
    const operation: Operation = `${integer}.${operator === '/' ? 'div' : 'rem'}_${type.signed ? 's' : 'u'}`;
    if (right.kind === 'number' && right.value > 0n) {
      code.op(operation);
      return;
    }
    code.scratch(integer, a => {
      code.scratch(integer, b => {
        code.set(b).set(a);
        const isQuotient = operator === '/' && type.signed;
        // By 0 and -1 the quotient is the product, and these are the divisors that may trap; of the others only 0 is.
        if (isQuotient) {
          code.get(b);
          this.#constant(1n, type);
          code.op(`${integer}.add`);
          this.#constant(2n, type);
          code.op(`${integer}.lt_u`);
        } else {
          code.get(b).op(`${integer}.eqz`);
        }
        code.if(
          () => {
            if (isQuotient) code.get(a).get(b).op(`${integer}.mul`);
            else this.#constant(0n, type);
          },
          () => code.get(a).get(b).op(operation),
          integer,
        );
      });
    });
  }

  #unary({ operator, operand, type }: Node<'unary'>): void {
    const integer: 'i32' | 'i64' = `i${type.bits}`;
    this.#constant(operator === '-' ? 0n : -1n, type);
    this.#pushAs(operand, type.bits);
    this.#code.op(operator === '-' ? `${integer}.sub` : `${integer}.xor`);
  }

  #convert({ type, size, signed, operand }: Node<'convert'>): void {
    const code = this.#code;
    if (size === 8) {
      this.#pushAs(operand, 64);
      this.#extend(64, signed, type.bits);
      return;
    }
    this.#pushAs(operand, 32);
    if (size !== 4) cutTo(code, size === 1 ? 8 : 16, signed);
    this.#extend(32, signed, type.bits);
  }
}

/** Cuts the i32 on the stack. */
export function cutTo(code: Code, bits: 8 | 16, signed: boolean): void {
  if (signed) code.op(`i32.extend${bits}_s`);
  else code.i32(2 ** bits - 1).op('i32.and');
}

const ARITHMETIC = { '+': 'add', '-': 'sub', '*': 'mul', '&': 'and', '|': 'or', '^': 'xor' } as const;

const COMPARISON = { '<': 'lt', '>': 'gt', '<=': 'le', '>=': 'ge' } as const;

function comparison(operator: ComparisonOperator, { bits, signed }: IntType): Operation {
  if (operator === '==') return `i${bits}.eq`;
  if (operator === '!=') return `i${bits}.ne`;
  return `i${bits}.${COMPARISON[operator]}_${signed ? 's' : 'u'}`;
}

/** Whether a number is 1 or 0 anyway. */
function isTruth({ kind }: IntNode): boolean {
  return kind === 'comparison' || kind === 'logical' || kind === 'not';
}

function load(size: IntSize, signed: boolean): Access {
  if (size === 8) return 'i64.load';
  if (size === 4) return 'i32.load';
  return size === 2 ? `i32.load16_${signed ? 's' : 'u'}` : `i32.load8_${signed ? 's' : 'u'}`;
}
