import { conditions, Helper, operations } from '../../../src/backends/bpf/assembler.js';
import type { Instruction } from '../../../src/backends/bpf/instruction.js';
import { slotsOf } from '../../../src/backends/bpf/instruction.js';

const helperNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Helper).map(([name, number]) => [number, name]),
);
const byCode = (table: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(table).map(([text, code]) => [code, text]));
const conditionText = byCode(conditions);
const operationText = byCode(operations);
const widths: ReadonlyMap<number, string> = new Map([
  [0x00, 'u32'],
  [0x08, 'u16'],
  [0x10, 'u8'],
  [0x18, 'u64'],
]);

/** The instructions as text, a line each: the slot, and what it does in the manner of the verifier's log. */
export function disassemble(instructions: readonly Instruction[]): string {
  let slot = 0;
  let origin: string | undefined | null = null;
  const lines: string[] = [];
  for (const instruction of instructions) {
    if (instruction.origin !== origin) {
      origin = instruction.origin;
      lines.push(origin === undefined ? '; record' : `; argument ${origin}`);
    }
    lines.push(`${String(slot).padStart(4)}: ${instructionText(instruction)}`);
    slot += slotsOf(instruction);
  }
  return `${lines.join('\n')}\n`;
}

function instructionText({ op, dst, src, off, imm, high, map }: Instruction): string {
  const right = op & 0x08 ? `r${src}` : `${imm}`;
  const place = (register: number) => `(r${register} ${off < 0 ? '-' : '+'}${Math.abs(off)})`;
  const width = widths.get(op & 0x18);
  if (map !== undefined) return `r${dst} = map ${map}`;
  switch (op & 0x07) {
    case 0x00:
      return `r${dst} = ${wide(imm, high ?? 0)} ll`;
    case 0x01:
      return `r${dst} = *(${width} *)${place(src)}`;
    case 0x02:
      return `*(${width} *)${place(dst)} = ${imm}`;
    case 0x03:
      return op === 0xdb ? `lock *(u64 *)${place(dst)} += r${src}` : `*(${width} *)${place(dst)} = r${src}`;
    case 0x04:
      return `w${dst} = ${right}`;
    case 0x05:
      if (op === 0x85) return `call ${helperNames.get(imm) ?? ''}#${imm}`;
      if (op === 0x95) return 'exit';
      if (op === 0x05) return `goto pc+${off}`;
      return `if r${dst} ${conditionText.get(op & 0xf0)} ${right} goto pc+${off}`;
    default:
      return op >>> 4 === 0xb ? `r${dst} = ${right}` : `r${dst} ${operationText.get(op & 0xf0)} ${right}`;
  }
}

function wide(low: number, high: number): string {
  return `0x${BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0)).toString(16)}`;
}
