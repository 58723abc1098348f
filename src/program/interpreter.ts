import type { FetchOp, FetchProgram } from '../language/index.js';
import type { Fault, FaultKind } from './fault.js';
import { load } from './load.js';
import type { Machine } from './machine.js';
import { addressPlus, copyText, type MemoryRules, measureText, readMemory, readWord } from './memory.js';

/** Bytes of a pointer, and of a `__data_loc`. */
const pointerBytes = 8;
const locationBytes = 4;

/** A record under construction. `__data_loc` offsets count from its first byte. */
export interface RecordTarget {
  readonly bytes: Uint8Array;
  /** Of the same bytes. */
  readonly view: DataView;
}

/** Told of every failed step, in the order they happen. */
export type FaultListener = (fault: Fault) => void;

/** Where a pass over a program stores; `undefined` in the sizing pass, which only counts the bytes of texts. */
interface Store {
  readonly target: RecordTarget;
  /** Byte of the record that the next store goes to. */
  at: number;
}

type StringOp = Extract<FetchOp, { op: 'ST_STRING' | 'ST_USTRING' | 'ST_SYMSTR' }>;

/**
 * Sizing pass: the bytes of dynamic data that a string argument needs, NULs included. A fault counts as 0, and so
 * does any argument that is no string. Spec 04 section 4.
 */
export function measureProgram(program: FetchProgram, machine: Machine): number {
  return Math.max(0, new Pass(program, machine, undefined, undefined).run());
}

/**
 * Runs a fetch program and stores its value at byte `offset` of a record. For string arguments the `__data_loc` at
 * that place must be preset to the space that is left (spec 03 section 6). Bytes that a fault leaves alone keep
 * what they hold.
 *
 * @returns the bytes of dynamic data used, 0 for plain values and faults
 */
export function runProgram(
  program: FetchProgram,
  machine: Machine,
  target: RecordTarget,
  offset: number,
  onFault?: FaultListener,
): number {
  return Math.max(0, new Pass(program, machine, { target, at: offset }, onFault).run());
}

/** `sym+0xo/0xs [module]`, or the bare address: what `symstr` stores. */
export function symbolText(symbols: Pick<Machine, 'resolve'>, address: bigint): string {
  const symbol = symbols.resolve(address);
  if (!symbol) return `0x${address.toString(16)}`;
  const module = symbol.module === undefined ? '' : ` [${symbol.module}]`;
  return `${symbol.name}+0x${symbol.offset.toString(16)}/0x${symbol.size.toString(16)}${module}`;
}

/** Negative as the kernel's error returns: the argument used no space and the next one starts where it would have. */
const failed = -1;

/** One run through a program: the state that the stages share. */
class Pass {
  private slot = 0;
  private value = 0n;
  /** Address base of the last dereference: what string arrays step from. */
  private last = 0n;
  private element = 0;

  constructor(
    private readonly program: FetchProgram,
    private readonly machine: Machine,
    private readonly store: Store | undefined,
    private readonly onFault: FaultListener | undefined,
  ) {}

  /** Bytes of dynamic data, or `failed`. */
  run(): number {
    while (this.op?.op === 'SYMBOL') this.slot++;
    const value = this.op && load(this.op, this.machine);
    if (value === undefined) return this.fail('bad-operation', undefined);
    this.value = value;
    this.last = value;
    this.slot++;
    return this.dereference() ? this.storeElements() : failed;
  }

  private get op(): FetchOp | undefined {
    return this.program[this.slot];
  }

  /** Stage 2, from the current slot. */
  private dereference(): boolean {
    for (;;) {
      const op = this.op;
      if (op?.op !== 'DEREF' && op?.op !== 'UDEREF') return true;
      this.last = this.value;
      const address = addressPlus(this.value, op.offset);
      const word = readWord(this.machine, op.op === 'DEREF' ? 'kernel' : 'user', address);
      if (word === undefined) {
        this.fail('dereference', address);
        return false;
      }
      this.value = word;
      this.slot++;
    }
  }

  /** Stages 3 to 5: each element is stored, modified, and followed by the next one. */
  private storeElements(): number {
    let total = 0;
    for (;;) {
      const first = this.slot;
      const op = this.op;
      const before = op && isStringOp(op) ? this.location() : 0;
      let used = this.storeOne(op);
      if (used === undefined) return failed;
      this.slot++;
      if (this.store && this.op?.op === 'MOD_BF') {
        const { base, left, right } = this.op;
        modifyBitfield(this.store.target.view, this.store.at, base, left, right);
        this.slot++;
      }
      const loop = this.op;
      if (loop?.op !== 'LP_ARRAY') {
        return loop?.op === 'END' ? used : this.fail('bad-operation', undefined);
      }
      used = Math.max(0, used);
      total += used;
      this.element++;
      if (this.element >= loop.count) {
        this.slot++;
        return this.op?.op === 'END' ? total : this.fail('bad-operation', undefined);
      }
      this.slot = first;
      if (op?.op === 'ST_STRING' || op?.op === 'ST_USTRING') {
        // The array holds pointers: step to the next one and take its dereference again.
        this.slot--;
        this.value = addressPlus(this.last, pointerBytes);
        if (this.store) {
          this.store.at += locationBytes;
          this.setLocation((before >>> 16) - used, (before & 0xffff) + used);
        }
        if (!this.dereference()) return failed;
      } else {
        const size = op && 'size' in op ? op.size : 0;
        this.value = addressPlus(this.value, size);
        if (this.store) this.store.at += size;
      }
    }
  }

  /** Stage 3 for one element: bytes of dynamic data, negative for a failed text, `undefined` for a wrong operation. */
  private storeOne(op: FetchOp | undefined): number | undefined {
    if (op && isStringOp(op)) return this.store ? this.storeText(op, this.store) : this.measure(op);
    if (!this.store) return undefined;
    const { target, at } = this.store;
    switch (op?.op) {
      case 'ST_RAW':
        storeWord(target.view, at, this.value, op.size);
        return 0;
      case 'ST_MEM':
      case 'ST_UMEM': {
        const address = addressPlus(this.value, op.offset);
        const bytes = readMemory(this.machine, op.op === 'ST_MEM' ? 'kernel' : 'user', address, op.size);
        // Not an error: the program goes on with the bytes that were there.
        if (bytes) target.bytes.set(bytes, at);
        else this.fail('value', address);
        return 0;
      }
      default:
        this.fail('bad-operation', undefined);
        return undefined;
    }
  }

  private measure(op: StringOp): number {
    const address = addressPlus(this.value, op.offset);
    if (op.op === 'ST_SYMSTR') return symbolText(this.machine, address).length + 1;
    return measureText(this.machine, textRules(op), address);
  }

  private storeText(op: StringOp, { target }: Store): number {
    const address = addressPlus(this.value, op.offset);
    const location = this.location();
    const start = location & 0xffff;
    const room = target.bytes.subarray(start, Math.min(start + (location >>> 16), target.bytes.length));
    if (room.length === 0) return this.fail('no-space', address);
    if (op.op === 'ST_SYMSTR') {
      const text = symbolText(this.machine, address);
      for (let i = 0; i < room.length; i++) room[i] = i < text.length ? text.charCodeAt(i) : 0;
      // The kernel leaves the location as it was preset, and does not count the NUL (spec 03 section 6).
      return Math.min(text.length, room.length);
    }
    const used = copyText(this.machine, textRules(op), address, room);
    if (typeof used === 'bigint') {
      this.setLocation(0, start);
      return this.fail('string', used);
    }
    this.setLocation(used, start);
    return used;
  }

  private location(): number {
    return this.store ? this.store.target.view.getUint32(this.store.at, true) : 0;
  }

  private setLocation(length: number, offset: number): void {
    this.store?.target.view.setUint32(this.store.at, ((length << 16) | (offset & 0xffff)) >>> 0, true);
  }

  private fail(kind: FaultKind, address: bigint | undefined): number {
    this.onFault?.({ kind, address, slot: this.slot, element: this.element });
    return failed;
  }
}

function isStringOp(op: FetchOp): op is StringOp {
  return op.op === 'ST_STRING' || op.op === 'ST_USTRING' || op.op === 'ST_SYMSTR';
}

function textRules(op: StringOp): MemoryRules {
  return op.op === 'ST_USTRING' ? 'user' : 'kernel';
}

/** Stores the low bytes of a word. */
function storeWord(view: DataView, at: number, value: bigint, size: number): void {
  const low = Number(BigInt.asUintN(32, value));
  if (size === 1) view.setUint8(at, low & 0xff);
  else if (size === 2) view.setUint16(at, low & 0xffff, true);
  else if (size === 4) view.setUint32(at, low, true);
  else view.setBigUint64(at, BigInt.asUintN(64, value), true);
}

/**
 * Stage 4. Works on `base` bytes whatever was stored, as the kernel does: with a BTF bitfield the bytes behind the
 * value are cleared (spec 02 section 3.4). Past the record's end there are zeros, and nothing is written.
 */
export function modifyBitfield(view: DataView, at: number, base: number, left: number, right: number): void {
  const end = Math.min(base, view.byteLength - at);
  let value = 0n;
  for (let i = 0; i < end; i++) value |= BigInt(view.getUint8(at + i)) << BigInt(8 * i);
  value = BigInt.asUintN(8 * base, value << BigInt(left)) >> BigInt(right);
  for (let i = 0; i < end; i++) view.setUint8(at + i, Number((value >> BigInt(8 * i)) & 0xffn));
}
