import { type FetchProgram, type FetchState, isMemoryOp } from '../language/index.js';

/** What went wrong while an argument was fetched (spec 03 section 6). */
export type FaultKind =
  /** A pointer on the way could not be read: the program ended there. */
  | 'dereference'
  /** The value itself could not be read: the field keeps the bytes it had. */
  | 'value'
  /** The text could not be read: its stored length is 0. */
  | 'string'
  /** No room was reserved for the text, because the sizing pass could not read it. */
  | 'no-space'
  /** The program has an operation where none of that stage may stand. */
  | 'bad-operation';

/** One failed step of a fetch program. */
export interface Fault {
  readonly kind: FaultKind;
  /** The address that could not be read; `undefined` where no read was tried. */
  readonly address: bigint | undefined;
  /** Index of the operation in the program. */
  readonly slot: number;
  /** Array element that was fetched, from 0. */
  readonly element: number;
}

/** What a fault says of the argument that the program fetches. */
export function stateOf({ address, slot, element }: Fault, program: FetchProgram): FetchState {
  const where = {
    step: program.slice(0, slot).filter(isMemoryOp).length,
    ...(element > 0 && { element }),
  };
  const op = program[slot];
  const offset = op !== undefined && 'offset' in op && isMemoryOp(op) ? BigInt(op.offset) : 0n;
  if (address === undefined) return { state: 'fault', ...where };
  if (BigInt.asUintN(64, address - offset) === 0n) return { state: 'null', ...where };
  return { state: 'fault', ...where, address };
}
