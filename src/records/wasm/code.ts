import { ModuleBytes } from './bytes.js';

export type ValueType = 'i32' | 'i64' | 'v128';

export const valueTypes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };
const NO_VALUE = 0x40;
const SIMD = 0xfd;

/** Instructions without operands of their own. */
const operations = {
  unreachable: [0x00],
  return: [0x0f],
  drop: [0x1a],
  select: [0x1b],
  'i32.eqz': [0x45],
  'i32.eq': [0x46],
  'i32.ne': [0x47],
  'i32.lt_s': [0x48],
  'i32.lt_u': [0x49],
  'i32.gt_s': [0x4a],
  'i32.gt_u': [0x4b],
  'i32.le_s': [0x4c],
  'i32.le_u': [0x4d],
  'i32.ge_s': [0x4e],
  'i32.ge_u': [0x4f],
  'i64.eqz': [0x50],
  'i64.eq': [0x51],
  'i64.ne': [0x52],
  'i64.lt_s': [0x53],
  'i64.lt_u': [0x54],
  'i64.gt_s': [0x55],
  'i64.gt_u': [0x56],
  'i64.le_s': [0x57],
  'i64.le_u': [0x58],
  'i64.ge_s': [0x59],
  'i64.ge_u': [0x5a],
  'i32.clz': [0x67],
  'i32.ctz': [0x68],
  'i32.add': [0x6a],
  'i32.sub': [0x6b],
  'i32.mul': [0x6c],
  'i32.div_s': [0x6d],
  'i32.div_u': [0x6e],
  'i32.rem_s': [0x6f],
  'i32.rem_u': [0x70],
  'i32.and': [0x71],
  'i32.or': [0x72],
  'i32.xor': [0x73],
  'i32.shl': [0x74],
  'i32.shr_s': [0x75],
  'i32.shr_u': [0x76],
  'i64.clz': [0x79],
  'i64.ctz': [0x7a],
  'i64.add': [0x7c],
  'i64.sub': [0x7d],
  'i64.mul': [0x7e],
  'i64.div_s': [0x7f],
  'i64.div_u': [0x80],
  'i64.rem_s': [0x81],
  'i64.rem_u': [0x82],
  'i64.and': [0x83],
  'i64.or': [0x84],
  'i64.xor': [0x85],
  'i64.shl': [0x86],
  'i64.shr_s': [0x87],
  'i64.shr_u': [0x88],
  'i32.wrap_i64': [0xa7],
  'i64.extend_i32_s': [0xac],
  'i64.extend_i32_u': [0xad],
  'i32.extend8_s': [0xc0],
  'i32.extend16_s': [0xc1],
  'i64.extend8_s': [0xc2],
  'i64.extend16_s': [0xc3],
  'i64.extend32_s': [0xc4],
  'memory.copy': [0xfc, 0x0a, 0x00, 0x00],
  'memory.fill': [0xfc, 0x0b, 0x00],
  'i8x16.swizzle': [SIMD, 0x0e],
  'i8x16.splat': [SIMD, 0x0f],
  'i64x2.splat': [SIMD, 0x12],
  'i8x16.eq': [SIMD, 0x23],
  'i8x16.lt_s': [SIMD, 0x25],
  'v128.and': [SIMD, 0x4e],
  'v128.or': [SIMD, 0x50],
  'i8x16.bitmask': [SIMD, 0x64],
  'i16x8.shl': [SIMD, 0x8b, 0x01],
  'i16x8.shr_u': [SIMD, 0x8d, 0x01],
} as const;

/** Instructions that read or write memory at a popped address and a constant beside it. */
const accesses = {
  'i32.load': [0x28],
  'i64.load': [0x29],
  'i32.load8_s': [0x2c],
  'i32.load8_u': [0x2d],
  'i32.load16_s': [0x2e],
  'i32.load16_u': [0x2f],
  'i32.store': [0x36],
  'i64.store': [0x37],
  'i32.store8': [0x3a],
  'i32.store16': [0x3b],
  'v128.load': [SIMD, 0x00],
  'v128.store': [SIMD, 0x0b],
} as const;

export type Operation = keyof typeof operations;
export type Access = keyof typeof accesses;

/** A block to branch out of, or a loop to begin anew. */
export interface Label {
  readonly depth: number;
}

/** The body of a WebAssembly function, instruction after instruction. */
export class Code {
  readonly #bytes = new ModuleBytes();
  readonly #parameters: number;
  readonly #locals: ValueType[] = [];
  readonly #free: Record<ValueType, number[]> = { i32: [], i64: [], v128: [] };
  #depth = 0;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** A new variable, 0 at first. */
  local(type: ValueType): number {
    return this.#parameters + this.#locals.push(type) - 1;
  }

  /** A variable for a while, with any value at first. */
  scratch(type: ValueType, use: (local: number) => void): void {
    const local = this.#free[type].pop() ?? this.local(type);
    use(local);
    this.#free[type].push(local);
  }

  get(local: number): this {
    return this.#indexed(0x20, local);
  }

  set(local: number): this {
    return this.#indexed(0x21, local);
  }

  /** `set`, and the value stays. */
  tee(local: number): this {
    return this.#indexed(0x22, local);
  }

  i32(value: number): this {
    this.#bytes.byte(0x41);
    this.#bytes.signed(value);
    return this;
  }

  i64(value: bigint): this {
    this.#bytes.byte(0x42);
    this.#bytes.signed64(value);
    return this;
  }

  /** Sixteen bytes. */
  v128(bytes: ArrayLike<number>): this {
    this.#bytes.put([SIMD, 0x0c]);
    this.#bytes.put(bytes);
    return this;
  }

  /** Picks sixteen bytes of two vectors. */
  shuffle(lanes: ArrayLike<number>): this {
    this.#bytes.put([SIMD, 0x0d]);
    this.#bytes.put(lanes);
    return this;
  }

  op(...names: readonly Operation[]): this {
    for (const name of names) this.#bytes.put(operations[name]);
    return this;
  }

  /** Reads or writes memory; no alignment is promised. */
  at(access: Access, offset = 0): this {
    this.#bytes.put(accesses[access]);
    this.#bytes.byte(0);
    this.#bytes.unsigned(offset);
    return this;
  }

  call(functionIndex: number): this {
    return this.#indexed(0x10, functionIndex);
  }

  /** Calls the function at a popped place of table 0. */
  callIndirect(type: number): this {
    this.#indexed(0x11, type);
    this.#bytes.byte(0);
    return this;
  }

  /** `br` to the label leaves the block. */
  block(body: (label: Label) => void): this {
    return this.#nested(0x02, NO_VALUE, body);
  }

  /** `br` to the label begins it anew. */
  loop(body: (label: Label) => void): this {
    return this.#nested(0x03, NO_VALUE, body);
  }

  /** Takes a popped condition. */
  if(yes: () => void, no?: () => void, result?: ValueType): this {
    return this.#nested(0x04, result === undefined ? NO_VALUE : valueTypes[result], () => {
      yes();
      if (no === undefined) return;
      this.#bytes.byte(0x05);
      no();
    });
  }

  br(label: Label): this {
    return this.#indexed(0x0c, this.#depth - label.depth);
  }

  /** Where a popped condition holds. */
  brIf(label: Label): this {
    return this.#indexed(0x0d, this.#depth - label.depth);
  }

  /** As it stands in the code section, without its length. */
  encode(): ModuleBytes {
    const whole = new ModuleBytes();
    whole.unsigned(this.#locals.length);
    for (const type of this.#locals) {
      whole.unsigned(1);
      whole.byte(valueTypes[type]);
    }
    whole.put(this.#bytes.written);
    whole.byte(0x0b);
    return whole;
  }

  #indexed(code: number, index: number): this {
    this.#bytes.byte(code);
    this.#bytes.unsigned(index);
    return this;
  }

  #nested(code: number, type: number, body: (label: Label) => void): this {
    this.#bytes.byte(code);
    this.#bytes.byte(type);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#bytes.byte(0x0b);
    return this;
  }
}
