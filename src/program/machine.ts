import type { ResolvedAddress } from '../kernel/index.js';
import type { DirectMemory } from './direct-memory.js';

/** The record of the event that an eprobe hangs on, and where the kernel would see it. */
export interface AttachedRecord {
  /** Kernel address of the record's first byte; `readKernel` answers there. */
  readonly address: bigint;
  /** From `common_type` on. */
  readonly bytes: Uint8Array;
}

/**
 * What a fetch program sees of the machine at the moment of a hit: registers, arguments and memory that may
 * fault. Addresses and words are unsigned 64-bit. Spec 04 sections 1 and 4.
 */
export interface Machine {
  /** First address that is not user memory; 0n where user and kernel addresses overlap. */
  readonly taskSize: bigint;
  /** True at a hit in user space: every read is of user memory, and `commAddress` is a token (spec 04 section 1). */
  readonly userSpace: boolean;
  /** Words saved at function entry, for return events. */
  readonly entryData: DataView | undefined;
  /** What an eprobe's `$FIELD` loads from. */
  readonly attachedRecord: AttachedRecord | undefined;
  /** Address of the hit minus the probe's file offset; only meaningful in user space. */
  readonly fileBase: bigint;
  /** The same memory as `readKernel` and `readUser` give, for generated programs; without it they use those. */
  readonly direct?: DirectMemory;
  register(name: string): bigint;
  /** n-th function argument, from 0. */
  argument(index: number): bigint;
  /** n-th word of the stack; 0n where the stack does not reach. */
  stackWord(index: number): bigint;
  stackPointer(): bigint;
  returnValue(): bigint;
  /** Command name of the task; bytes, one per character, without the NUL. */
  comm(): string;
  /** Kernel address of that name. Not called in user space. */
  commAddress(): bigint;
  /** Kernel address at which the machine keeps a constant text, NUL-terminated. */
  textAddress(text: string): bigint;
  /** Bytes of kernel memory, or `undefined` when any of them cannot be read. A view, valid until the next read. */
  readKernel(address: bigint, length: number): Uint8Array | undefined;
  /** As `readKernel`, of the current task's user memory. */
  readUser(address: bigint, length: number): Uint8Array | undefined;
  /** The symbol that covers an address. */
  resolve(address: bigint): ResolvedAddress | undefined;
}
