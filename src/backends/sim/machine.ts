import type { ResolvedAddress } from '../../kernel/index.js';
import type { DirectMemory, Machine } from '../../program/index.js';
import type { SimMemory } from './memory.js';
import type { SimTask } from './task.js';

/** Registers that hold the first six arguments, spec 02 section 2. */
const argumentRegisters = ['di', 'si', 'dx', 'cx', 'r8', 'r9'] as const;

/** First address above user memory on x86-64 with four levels of page tables. */
const userMemoryEnd = 0x7fff_ffff_f000n;

/** What is the same for every hit of a simulated kernel. */
export interface MachineParts {
  readonly memory: SimMemory;
  resolve(address: bigint): ResolvedAddress | undefined;
  /** Address of a constant text in kernel memory. */
  textAddress(text: string): bigint;
}

/** What a fetch program sees at one hit: an x86-64 processor that runs a task. Reused from hit to hit. */
export class SimMachine implements Machine {
  readonly taskSize = userMemoryEnd;
  readonly userSpace = false;
  readonly attachedRecord = undefined;
  readonly fileBase = 0n;
  readonly direct: DirectMemory = new MachineMemory(this);
  entryData: DataView | undefined;
  task: SimTask;
  args: readonly bigint[] = [];
  result = 0n;
  instruction = 0n;

  constructor(
    readonly parts: MachineParts,
    task: SimTask,
  ) {
    this.task = task;
  }

  register(name: string): bigint {
    if (name === 'ip') return this.instruction;
    if (name === 'sp') return this.task.stackPointer;
    if (name === 'ax') return this.result;
    const index = argumentRegisters.indexOf(name as (typeof argumentRegisters)[number]);
    return index < 0 ? 0n : BigInt.asUintN(64, this.args[index] ?? 0n);
  }

  argument(index: number): bigint {
    if (index >= argumentRegisters.length) return this.stackWord(index - argumentRegisters.length + 1);
    return BigInt.asUintN(64, this.args[index] ?? 0n);
  }

  stackWord(index: number): bigint {
    const at = this.task.stackPointer + BigInt(8 * index);
    if (at < this.task.stackStart || at + 8n > this.task.stackEnd) return 0n;
    return this.parts.memory.readInteger(at, 8);
  }

  stackPointer(): bigint {
    return this.task.stackPointer;
  }

  returnValue(): bigint {
    return BigInt.asUintN(64, this.result);
  }

  comm(): string {
    return this.task.object.text('comm');
  }

  commAddress(): bigint {
    return this.task.object.addressOf('comm');
  }

  textAddress(text: string): bigint {
    return this.parts.textAddress(text);
  }

  readKernel(address: bigint, length: number): Uint8Array | undefined {
    return this.parts.memory.read(address, length);
  }

  readUser(address: bigint, length: number): Uint8Array | undefined {
    return this.task.user?.read(address, length);
  }

  resolve(address: bigint): ResolvedAddress | undefined {
    return this.parts.resolve(address);
  }
}

/** What a machine reads, found without making a view of each range. */
class MachineMemory implements DirectMemory {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  readonly taskHigh = Number(userMemoryEnd >> 32n);
  readonly taskLow = Number(userMemoryEnd & 0xffff_ffffn);

  constructor(private readonly machine: SimMachine) {}

  findKernel(high: number, low: number, length: number): boolean {
    return this.find(this.machine.parts.memory, high, low, length);
  }

  findUser(high: number, low: number, length: number): boolean {
    const { user } = this.machine.task;
    return user !== undefined && this.find(user, high, low, length);
  }

  private find(memory: SimMemory, high: number, low: number, length: number): boolean {
    const bytes = memory.find(high, low, length);
    if (bytes === undefined) return false;
    this.bytes = bytes;
    this.at = memory.foundAt;
    return true;
  }
}
