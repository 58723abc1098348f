import type { Architecture } from '../../kernel/index.js';
import type { ProbeArgument, ProbeEvent } from '../event.js';
import type { FetchOp } from '../program.js';

/** Registers that hold a function's first arguments where it begins (spec 02 section 2). */
const argumentRegisters: Readonly<Record<Architecture, readonly string[]>> = {
  x86_64: ['di', 'si', 'dx', 'cx', 'r8', 'r9'],
  arm64: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
  riscv64: ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
};

/** The register that holds an argument at a function's entry, counted from 0. */
export function argumentRegister(arch: Architecture, index: number): string | undefined {
  return argumentRegisters[arch][index];
}

/**
 * What an argument puts into a record, and how it is printed, as text: equal texts mean the same. A `char` counts as the
 * number that it is stored as, a bitfield as its bits.
 */
export function meaningOf(event: ProbeEvent, argument: ProbeArgument, arch: Architecture): string {
  const { program, size } = argument;
  const atEntry = !event.isReturn && (event.place.kind === 'kprobe' || event.place.kind === 'function');
  const ops = program.map(op => meaningOfOp(op, event, atEntry ? argumentRegisters[arch] : []));
  return [`${printedAs(argument)} ${size}`, ...ops].join('; ');
}

function printedAs({ type, program }: ProbeArgument): string {
  if (program.some(({ op }) => op === 'MOD_BF')) return 'bits';
  return type.kind === 'char' ? 'unsigned' : type.kind;
}

function meaningOfOp(op: FetchOp, event: ProbeEvent, registers: readonly string[]): string {
  switch (op.op) {
    case 'REG': {
      const index = registers.indexOf(op.register);
      return index < 0 ? `REG ${op.register}` : `ARG ${index}`;
    }
    case 'EDATA':
      return `ENTRY ${entryArgument(event, op.offset)}`;
    case 'MOD_BF': {
      // Which bits, from the lowest; the word they are shifted in does not matter.
      const width = op.base * 8 - op.right;
      return `BITS ${width}@${op.base * 8 - width - op.left}`;
    }
    case 'TP_ARG':
      return `FIELD ${op.field.name}`;
    default:
      return Object.values(op).join(' ');
  }
}

/** The argument, counted from 0, that a return event saves at a place of its entry buffer. */
export function entryArgument(
  { entryProgram }: Pick<ProbeEvent, 'entryProgram'>,
  offset: number,
): number | undefined {
  const at = entryProgram.findIndex(op => op.op === 'ST_EDATA' && op.offset === offset);
  const load = entryProgram[at - 1];
  return load?.op === 'ARG' ? load.index : undefined;
}
