import { conditions, Helper, operations } from '../../../src/backends/bpf/assembler.js';
import type { Instruction } from '../../../src/backends/bpf/instruction.js';
import { slotsOf } from '../../../src/backends/bpf/instruction.js';
import type { TestMachine } from '../../program/test-machine.js';

/** Where a program's own memory, its frame and its context lie: no memory that probes read is there. */
const ownBase = 0x3000_0000n;
const reservedBase = 0x4000_0000n;
const frameEnd = 0x1000_0200n;
const contextBase = 0x2000_0000n;
const ringDescriptor = 3n;
const ownDescriptor = 4n;

const EFAULT = 14n;
const EAGAIN = 11n;
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);

const conditionOf = new Map<number, string>(Object.entries(conditions).map(([text, code]) => [code, text]));
const operationOf = new Map<number, string>(Object.entries(operations).map(([text, code]) => [code, text]));

/**
 * Runs programs as a kernel would: what their helpers read is the memory of a machine, what they load and store is theirs.
 * Throws where the verifier would refuse: registers that a call has lost, memory that is nobody's, more steps than instructions.
 */
export class BpfMachine {
  /** Its own memory of one processor, kept from run to run. */
  readonly own = new Uint8Array(16_384).fill(0xee);
  /** True: nothing more goes into the ring buffer. */
  full = false;
  time = 0n;
  #regions: { start: bigint; bytes: Uint8Array }[] = [];
  #registers: (bigint | undefined)[] = [];
  #sent: Uint8Array | undefined;

  constructor(readonly machine: TestMachine) {}

  /** One hit with these words as its context: what went into the ring buffer. */
  run(program: readonly Instruction[], context: readonly bigint[]): Uint8Array | undefined {
    this.#sent = undefined;
    this.#regions = [
      { start: ownBase, bytes: this.own },
      { start: frameEnd - 512n, bytes: new Uint8Array(512).fill(0xdd) },
      { start: contextBase, bytes: new Uint8Array(BigUint64Array.from(context.map(unsigned)).buffer) },
    ];
    this.#registers = [undefined, contextBase];
    this.#registers[10] = frameEnd;
    const indexOf = new Map<number, number>();
    let slots = 0;
    const slotOf = program.map((instruction, index) => {
      indexOf.set(slots, index);
      slots += slotsOf(instruction);
      return slots - slotsOf(instruction);
    });
    for (let index = 0, steps = 0; ; steps++) {
      if (steps > program.length) throw new Error('the program does not end');
      const instruction = program[index]!;
      if (instruction.op === 0x95) {
        if (this.#get(0) !== 0n) throw new Error('the program does not return 0');
        return this.#sent;
      }
      const jumps = this.#step(instruction);
      index = jumps ? indexOf.get(slotOf[index]! + 1 + instruction.off)! : index + 1;
    }
  }

  /** Does one instruction; whether it jumps. */
  #step({ op, dst, src, off, imm, high, map }: Instruction): boolean {
    const right = (): bigint => (op & 0x08 ? this.#get(src) : unsigned(BigInt(imm)));
    const width = [4, 2, 1, 8][(op >> 3) & 3]!;
    switch (op & 7) {
      case 0:
        if (map !== undefined) this.#registers[dst] = map === 'ring' ? ringDescriptor : ownDescriptor;
        else this.#registers[dst] = (BigInt(high! >>> 0) << 32n) | BigInt(imm >>> 0);
        return false;
      case 1:
        this.#registers[dst] = this.#load(this.#get(src) + BigInt(off), width);
        return false;
      case 2:
        this.#store(this.#get(dst) + BigInt(off), width, unsigned(BigInt(imm)));
        return false;
      case 3: {
        const at = this.#get(dst) + BigInt(off);
        this.#store(at, width, op === 0xdb ? this.#load(at, 8) + this.#get(src) : this.#get(src));
        return false;
      }
      case 4:
        if (op !== 0xb4) throw new Error(`no such operation: ${op}`);
        this.#registers[dst] = BigInt(imm >>> 0);
        return false;
      case 5:
        if (op === 0x05) return true;
        if (op !== 0x85) return compare(conditionOf.get(op & 0xf0)!, this.#get(dst), right());
        this.#registers[0] = this.#call(imm);
        for (let lost = 1; lost <= 5; lost++) this.#registers[lost] = undefined;
        return false;
      default:
        this.#registers[dst] = unsigned(
          op >> 4 === 0xb ? right() : operate(operationOf.get(op & 0xf0)!, this.#get(dst), right()),
        );
        return false;
    }
  }

  #call(helper: number): bigint | undefined {
    const [first, second, third] = [1, 2, 3].map(register => this.#registers[register]);
    switch (helper) {
      case Helper.mapLookup:
        if (first !== ownDescriptor) throw new Error('this map is not looked up');
        this.#load(second!, 4);
        return ownBase;
      case Helper.monotonicTime:
        return this.time++;
      case Helper.cpu:
        return 1n;
      case Helper.pidTgid:
        return (77n << 32n) | 78n;
      case Helper.comm:
        this.#bytes(first!, Number(second)).fill(0).set(Buffer.from(this.machine.name, 'latin1'));
        return 0n;
      case Helper.probeRead:
      case Helper.readUser:
        return this.#read(first!, Number(second), third!, helper === Helper.readUser);
      case Helper.probeReadText:
      case Helper.readUserText:
        return this.#readText(first!, Number(second), third!, helper === Helper.readUserText);
      case Helper.ringReserve: {
        if (this.full) return 0n;
        this.#regions.push({ start: reservedBase, bytes: new Uint8Array(Number(second)).fill(0xcc) });
        return reservedBase;
      }
      case Helper.ringSubmit:
        this.#sent = this.#regions.find(({ start }) => start === first)!.bytes;
        return undefined;
      case Helper.ringOutput:
        if (this.full) return unsigned(-EAGAIN);
        this.#sent = this.#bytes(second!, Number(third)).slice();
        return 0n;
      default:
        throw new Error(`no such helper: ${helper}`);
    }
  }

  #read(target: bigint, size: number, from: bigint, user: boolean): bigint {
    const into = this.#bytes(target, size).fill(0);
    const bytes = this.#memory(from, size, user);
    if (bytes === undefined) return unsigned(-EFAULT);
    into.set(bytes);
    return 0n;
  }

  #readText(target: bigint, size: number, from: bigint, user: boolean): bigint {
    const into = this.#bytes(target, size);
    for (let length = 0; length < size; length++) {
      const byte = this.#memory(from + BigInt(length), 1, user);
      if (byte === undefined) return unsigned(-EFAULT);
      into[length] = length === size - 1 ? 0 : byte[0]!;
      if (into[length] === 0) return BigInt(length + 1);
    }
    return BigInt(size);
  }

  #memory(from: bigint, size: number, user: boolean): Uint8Array | undefined {
    const at = unsigned(from);
    return user || at < this.machine.taskSize
      ? this.machine.readUser(at, size)
      : this.machine.readKernel(at, size);
  }

  #get(register: number): bigint {
    const value = this.#registers[register];
    if (value === undefined) throw new Error(`r${register} is not known`);
    return value;
  }

  #load(at: bigint, width: number): bigint {
    return this.#bytes(at, width).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  #store(at: bigint, width: number, value: bigint): void {
    const bytes = this.#bytes(at, width);
    for (let i = 0; i < width; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  #bytes(at: bigint, length: number): Uint8Array {
    for (const { start, bytes } of this.#regions) {
      const offset = Number(at - start);
      if (offset >= 0 && offset + length <= bytes.length) return bytes.subarray(offset, offset + length);
    }
    throw new Error(`${length} bytes at 0x${at.toString(16)} are nobody's`);
  }
}

function compare(condition: string, left: bigint, right: bigint): boolean {
  const [a, b] = condition.startsWith('s') ? [signed(left), signed(right)] : [left, right];
  switch (condition.replace('s', '')) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '&':
      return (a & b) !== 0n;
    default:
      throw new Error(`no such condition: ${condition}`);
  }
}

function operate(operation: string, left: bigint, right: bigint): bigint {
  switch (operation) {
    case '+=':
      return left + right;
    case '-=':
      return left - right;
    case '|=':
      return left | right;
    case '&=':
      return left & right;
    case '^=':
      return left ^ right;
    case '<<=':
      return left << (right & 63n);
    case '>>=':
      return left >> (right & 63n);
    case 's>>=':
      return signed(left) >> (right & 63n);
    default:
      throw new Error(`no such operation: ${operation}`);
  }
}
