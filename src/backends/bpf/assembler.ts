import type { Instruction, MapName, Register } from './instruction.js';
import { slotsOf } from './instruction.js';

/** Bytes of a load or store. */
export type Width = 1 | 2 | 4 | 8;

/** Helpers by their numbers (spec 15.2). */
export const Helper = {
  mapLookup: 1,
  /** User or kernel memory by the address, as probe events read. */
  probeRead: 4,
  monotonicTime: 5,
  cpu: 8,
  pidTgid: 14,
  comm: 16,
  /** As `probeRead`, up to a NUL. */
  probeReadText: 45,
  readUser: 112,
  readUserText: 114,
  readKernelText: 115,
  ringOutput: 130,
  ringReserve: 131,
  ringSubmit: 132,
  ringDiscard: 133,
  functionAddress: 173,
} as const;

/** Comparisons of 64-bit words; `s` before a sign: signed. */
export const conditions = {
  '==': 0x10,
  '!=': 0x50,
  '>': 0x20,
  '>=': 0x30,
  '<': 0xa0,
  '<=': 0xb0,
  's>': 0x60,
  's>=': 0x70,
  's<': 0xc0,
  's<=': 0xd0,
  '&': 0x40,
} as const;

export type Condition = keyof typeof conditions;

export const operations = {
  '+=': 0x00,
  '-=': 0x10,
  '|=': 0x40,
  '&=': 0x50,
  '<<=': 0x60,
  '>>=': 0x70,
  '^=': 0xa0,
  's>>=': 0xc0,
} as const;

export type Operation = keyof typeof operations;

const widthBits: Readonly<Record<Width, number>> = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 };
/** In `op`: the second operand is a register. */
const byRegister = 0x08;

/** Slots that a jump may go over. */
export const longestJump = 0x7fff;

/** A place that jumps go to, forward only: bound once. */
export class Label {
  /** Indexes of the jumps that wait for the place. */
  readonly jumps: number[] = [];
  bound = false;
}

/** Writes instructions one after another; jumps go to labels. */
export class Assembler {
  /** What the next instructions are made for: told when the verifier refuses one. */
  origin: string | undefined;
  readonly #made: Instruction[] = [];
  #slots = 0;
  #farthest = 0;
  /** Slot that each instruction begins at. */
  readonly #slotOf: number[] = [];

  move(dst: Register, src: Register): void {
    this.#emit(0xbf, dst, src, 0, 0);
  }

  /** A constant of any width, in one slot where it fits. */
  constant(dst: Register, value: bigint): void {
    const signed = BigInt.asIntN(64, value);
    if (signed === BigInt.asIntN(32, signed)) return this.#emit(0xb7, dst, 0, 0, Number(signed));
    // The 32-bit form clears the upper half.
    if (signed >= 0n && signed <= 0xffff_ffffn) {
      return this.#emit(0xb4, dst, 0, 0, Number(BigInt.asIntN(32, signed)));
    }
    const low = Number(BigInt.asIntN(32, signed));
    this.#emit(0x18, dst, 0, 0, low, Number(BigInt.asIntN(32, signed >> 32n)));
  }

  mapAddress(dst: Register, map: MapName): void {
    this.#emit(0x18, dst, 0, 0, 0, undefined, map);
  }

  add(dst: Register, value: number): void {
    if (value !== 0) this.operate('+=', dst, value);
  }

  operate(operation: Operation, dst: Register, value: number): void {
    this.#emit(0x07 | operations[operation], dst, 0, 0, value);
  }

  operateBy(operation: Operation, dst: Register, src: Register): void {
    this.#emit(0x07 | byRegister | operations[operation], dst, src, 0, 0);
  }

  load(width: Width, dst: Register, src: Register, off: number): void {
    this.#emit(0x61 | widthBits[width], dst, src, off, 0);
  }

  store(width: Width, dst: Register, off: number, src: Register): void {
    this.#emit(0x63 | widthBits[width], dst, src, off, 0);
  }

  /** Stores a constant, of 64 bits the sign-extended 32. */
  storeConstant(width: Width, dst: Register, off: number, value: number): void {
    this.#emit(0x62 | widthBits[width], dst, 0, off, value | 0);
  }

  atomicAdd(dst: Register, off: number, src: Register): void {
    this.#emit(0xdb, dst, src, off, 0);
  }

  call(helper: number): void {
    this.#emit(0x85, 0, 0, 0, helper);
  }

  exit(): void {
    this.#emit(0x95, 0, 0, 0, 0);
  }

  jump(target: Label): void {
    this.#jump(0x05, 0, 0, 0, target);
  }

  jumpIf(left: Register, condition: Condition, right: number, target: Label): void {
    this.#jump(0x05 | conditions[condition], left, 0, right, target);
  }

  jumpIfBy(left: Register, condition: Condition, right: Register, target: Label): void {
    this.#jump(0x05 | byRegister | conditions[condition], left, right, 0, target);
  }

  /** The next instruction is where the label's jumps go. */
  bind(label: Label): void {
    if (label.bound) throw new RangeError('a label is bound once');
    label.bound = true;
    for (const index of label.jumps) {
      const distance = this.#slots - this.#slotOf[index]! - 1;
      this.#farthest = Math.max(this.#farthest, distance);
      this.#made[index] = { ...this.#made[index]!, off: distance };
    }
  }

  /** Slots that the farthest jump goes over: more than `longestJump` the kernel cannot be told. */
  get farthestJump(): number {
    return this.#farthest;
  }

  label(): Label {
    return new Label();
  }

  /** All that was written. */
  instructions(): readonly Instruction[] {
    return this.#made;
  }

  #jump(op: number, dst: number, src: number, imm: number, target: Label): void {
    if (target.bound) throw new RangeError('jumps go forward');
    target.jumps.push(this.#made.length);
    this.#emit(op, dst, src, 0, imm);
  }

  #emit(op: number, dst: number, src: number, off: number, imm: number, high?: number, map?: MapName): void {
    const made: Instruction = { op, dst, src, off, imm, high, map, origin: this.origin };
    this.#slotOf.push(this.#slots);
    this.#slots += slotsOf(made);
    this.#made.push(made);
  }
}
