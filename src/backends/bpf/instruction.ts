/** Registers: r0 results, r1 to r5 arguments of calls and lost by them, r6 to r9 kept, r10 the frame. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** Maps that a program speaks of; their descriptors are known when it is loaded. */
export type MapName = 'ring' | 'own';

/** One instruction as data (spec 15.1); one with `high` or a map takes two slots. */
export interface Instruction {
  readonly op: number;
  readonly dst: number;
  readonly src: number;
  readonly off: number;
  readonly imm: number;
  /** Upper half of a 64-bit constant. */
  readonly high: number | undefined;
  readonly map: MapName | undefined;
  /** The argument that it was made for; `undefined` for what every record needs. */
  readonly origin: string | undefined;
}

/** Slots of 8 bytes. */
export function slotsOf({ high, map }: Instruction): number {
  return high === undefined && map === undefined ? 1 : 2;
}

/** The instructions as the kernel takes them, with the descriptors of the maps. */
export function encode(
  instructions: readonly Instruction[],
  maps: Readonly<Record<MapName, number>>,
): Uint8Array {
  const slots = instructions.reduce((sum, instruction) => sum + slotsOf(instruction), 0);
  const bytes = new Uint8Array(new ArrayBuffer(slots * 8));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { op, dst, src, off, imm, high, map } of instructions) {
    view.setUint8(at, op);
    view.setUint8(at + 1, (map === undefined ? src : pseudoMap) * 16 + dst);
    view.setInt16(at + 2, off, true);
    view.setInt32(at + 4, map === undefined ? imm : maps[map], true);
    at += 8;
    if (high === undefined && map === undefined) continue;
    view.setInt32(at + 4, high ?? 0, true);
    at += 8;
  }
  return bytes;
}

/** In `src` of a 64-bit constant: the constant is a map's descriptor. */
const pseudoMap = 1;

/** For each slot the argument that its instruction was made for. */
export function slotOrigins(instructions: readonly Instruction[]): readonly (string | undefined)[] {
  return instructions.flatMap(instruction =>
    Array<string | undefined>(slotsOf(instruction)).fill(instruction.origin),
  );
}
