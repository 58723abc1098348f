import { entryArgument, type FetchProgram } from '../../language/index.js';
import type { OpaqueSlots } from './ability.js';
import { type Assembler, Helper } from './assembler.js';
import type { LoadOp } from './fetch-steps.js';
import type { Register } from './instruction.js';

// Where the values of a hit lie, by the kind of program (spec 15.4, 15.7).

/** Register that keeps the program's context. */
export const contextRegister: Register = 6;

/** What a program finds at a hit. */
export interface HitContext {
  /** Writes what loads the value of `op` into `dst`; may call helpers. Constants are not loaded here. */
  load(assembler: Assembler, op: LoadOp, dst: Register): void;
}

/**
 * The context of fentry, fexit and tp_btf programs: a slot for each argument, behind them at a return the value.
 * `firstArgument` is the operand that the first slot stands for: 1 at tracepoints, whose stub has one more.
 */
export function tracingContext(
  { slots, opaque }: { readonly slots: number; readonly opaque: OpaqueSlots },
  firstArgument: number,
  entryProgram: FetchProgram,
): HitContext {
  const slotOf = (op: LoadOp): number => {
    if (op.op === 'ARG') return op.index - firstArgument;
    if (op.op === 'RETVAL') return slots;
    const saved = op.op === 'EDATA' ? entryArgument({ entryProgram }, op.offset) : undefined;
    if (saved === undefined) throw new RangeError(`no slot holds ${op.op}`);
    return saved;
  };
  return {
    load(assembler, op, dst) {
      const slot = slotOf(op);
      if (!opaque.includes(slot)) return assembler.load(8, dst, contextRegister, 8 * slot);
      assembler.move(1, 10);
      assembler.add(1, scratchWord);
      assembler.constant(2, 8n);
      assembler.move(3, contextRegister);
      assembler.add(3, 8 * slot);
      assembler.call(Helper.probeRead);
      assembler.load(8, dst, 10, scratchWord);
    },
  };
}

/** Offsets in `struct pt_regs` of x86-64. */
const registerOffsets: Readonly<Record<string, number>> = {
  r15: 0,
  r14: 8,
  r13: 16,
  r12: 24,
  bp: 32,
  bx: 40,
  r11: 48,
  r10: 56,
  r9: 64,
  r8: 72,
  ax: 80,
  cx: 88,
  dx: 96,
  si: 104,
  di: 112,
  orig_ax: 120,
  ip: 128,
  cs: 136,
  flags: 144,
  sp: 152,
  ss: 160,
};
const argumentRegisters = ['di', 'si', 'dx', 'cx', 'r8', 'r9'] as const;
/** log2 of the bytes of a kernel stack. */
const stackShift = 14;

/** The instruction pointer in the context of kprobes. */
export const instructionPointer = registerOffsets.ip!;

/** The context of kprobe programs: registers as they are at the hit. */
export const registersContext: HitContext = {
  load(assembler, op, dst) {
    switch (op.op) {
      case 'REG':
        return assembler.load(8, dst, contextRegister, registerOffsets[op.register]!);
      case 'RETVAL':
        return assembler.load(8, dst, contextRegister, registerOffsets.ax!);
      case 'STACKP':
        return assembler.load(8, dst, contextRegister, registerOffsets.sp!);
      case 'STACK':
        return loadStackWord(assembler, op.index, dst);
      case 'ARG': {
        const register = argumentRegisters[op.index];
        // Behind the return address lie the arguments that no register holds.
        if (register === undefined)
          return loadStackWord(assembler, op.index - argumentRegisters.length + 1, dst);
        return assembler.load(8, dst, contextRegister, registerOffsets[register]!);
      }
      default:
        throw new RangeError(`no register holds ${op.op}`);
    }
  },
};

/** The n-th word of the stack; 0 where the stack does not reach or cannot be read, as in the kernel. */
function loadStackWord(assembler: Assembler, index: number, dst: Register): void {
  const at = scratchWord;
  assembler.load(8, 3, contextRegister, registerOffsets.sp!);
  assembler.move(4, 3);
  assembler.add(3, 8 * index);
  // Addresses of one stack are equal above its size: the difference is all that may remain.
  assembler.operateBy('^=', 4, 3);
  assembler.operate('>>=', 4, stackShift);
  const out = assembler.label();
  assembler.storeConstant(8, 10, at, 0);
  assembler.jumpIf(4, '!=', 0, out);
  assembler.move(1, 10);
  assembler.add(1, at);
  assembler.constant(2, 8n);
  assembler.call(Helper.probeRead);
  assembler.bind(out);
  assembler.load(8, dst, 10, at);
}

/** Place in the frame for one word that was read. */
export const scratchWord = -8;
