import type { ProbeEvent } from '../../language/index.js';
import type { FetchSteps } from './fetch-steps.js';
import { isReadText, isTextArray, tellsFailure } from './fetch-steps.js';

/**
 * How a record comes through the ring buffer:
 *
 *     0  name of the task, 16 bytes      16  u32 index of the event      20  u32 processor
 *    24  by need: u64 address of the hit; two words of the return's frame; a u64 for each symstr
 *        a byte for each argument that can fault, 0 = read (`failureState`); of texts where they have no length; of arrays
 *        of texts two, the second is the first element that was not read
 *     S  the probe record as the kernel lays it out (spec 03 section 3)
 *
 * The head of the probe record (common fields, addresses) is known where it is read. On the way its first two words hold
 * the time, and thread and process; then the reader puts the head in their place.
 */
export interface WireLayout {
  /** S, a multiple of 8. */
  readonly recordStart: number;
  /** Bytes of the probe record without the texts behind it. */
  readonly fixedBytes: number;
  /** Where the address of the hit is stored, for probes on many functions. */
  readonly address: number | undefined;
  /** Where two words of the stack are stored, from which the reader tells where a return goes to. */
  readonly frame: number | undefined;
  /** By index of the argument: where the address of a symstr is stored. */
  readonly symbolAddresses: ReadonlyMap<number, number>;
  /**
   * By index of the argument: where a byte other than 0 says that it was not read, and why (`failureState`); of arrays of
   * texts behind it the element.
   */
  readonly faults: ReadonlyMap<number, number>;
  /** Where those bytes begin. Those of texts are the last: they count only where the text has no length. */
  readonly faultsStart: number;
  /** How many are 0 where all was read: all but those of texts. */
  readonly clearedFaults: number;
  /** True when the program reads texts, so that records differ in length. */
  readonly hasText: boolean;
}

export const wireHead = { comm: 0, index: 16, cpu: 20, end: 24 } as const;
export const commBytes = 16;
/** A text's longest form, its NUL included (spec 03 section 6). */
export const longestText = 4096;
/** A record's texts may begin up to here, counted from the record's start. */
export const lastTextStart = 4095;

/** What a hit must say of itself beside its arguments. */
export interface HitNeeds {
  readonly address: boolean;
  readonly frame: boolean;
}

export function wireLayout(event: ProbeEvent, steps: readonly FetchSteps[], needs: HitNeeds): WireLayout {
  let end: number = wireHead.end;
  const take = (bytes: number): number => {
    end += bytes;
    return end - bytes;
  };
  const address = needs.address ? take(8) : undefined;
  const frame = needs.frame ? take(16) : undefined;
  const symbolAddresses = new Map<number, number>();
  steps.forEach(({ store }, index) => {
    if (store.op === 'ST_SYMSTR') symbolAddresses.set(index, take(8));
  });
  const faultsStart = end;
  const faults = new Map<number, number>();
  const telling = [...steps.keys()].filter(index => tellsFailure(steps[index]!));
  const cleared = telling.filter(index => !isReadText(steps[index]!) || isTextArray(steps[index]!));
  for (const index of cleared) faults.set(index, take(isTextArray(steps[index]!) ? 2 : 1));
  const clearedFaults = end - faultsStart;
  for (const index of telling) if (!faults.has(index)) faults.set(index, take(1));
  const last = event.args.at(-1);
  return {
    recordStart: Math.ceil(end / 8) * 8,
    fixedBytes: last === undefined ? headBytes(event) : last.offset + last.size,
    address,
    frame,
    symbolAddresses,
    faults,
    faultsStart,
    clearedFaults,
    hasText: steps.some(isReadText),
  };
}

/** Bytes of a probe record before its arguments. */
function headBytes({ isReturn }: ProbeEvent): number {
  return isReturn ? 24 : 16;
}
