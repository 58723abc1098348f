import { joinHalves } from './direct-memory.js';
import type { FaultKind } from './fault.js';
import type { FaultListener } from './interpreter.js';

/** Tells a fault. Answers the bytes that what failed takes: none. */
export function fail(
  onFault: FaultListener | undefined,
  kind: FaultKind,
  address: bigint | undefined,
  slot: number,
  element: number,
): 0 {
  onFault?.({ kind, address, slot, element });
  return 0;
}

/** `fail` with an address in halves. */
export function failAt(
  onFault: FaultListener | undefined,
  kind: FaultKind,
  high: number,
  low: number,
  slot: number,
  element: number,
): 0 {
  return onFault === undefined ? 0 : fail(onFault, kind, joinHalves(high, low), slot, element);
}
