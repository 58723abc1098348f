import type { Names } from './print-tree.js';
import type { AddressText } from './symbol-text.js';

/** What the texts of static events need beside the record. */
export interface PrintContext {
  /** Addresses as `%pS` and as `%ps`. */
  readonly symbols: { readonly withOffset: AddressText; readonly names: AddressText };
  readonly littleEndian: boolean;
  /** The text at an address of the kernel, as `printk_formats` lists it. */
  readonly stringAt: (address: bigint) => string | undefined;
}

/** What the kernel prints for a pointer that it cannot show. */
export const NO_POINTER = '(____ptrval____)';

/** Names of the bits that are set, and what is left over in hexadecimal. */
export function flagsText(flags: bigint, delimiter: string, names: Names): string {
  let rest = BigInt.asUintN(64, flags);
  const found: string[] = [];
  for (const [mask, name] of names) {
    if (rest === 0n) break;
    if ((rest & mask) !== mask) continue;
    found.push(name);
    rest &= ~mask;
  }
  if (rest !== 0n) found.push(`0x${rest.toString(16)}`);
  return found.join(delimiter);
}

/** The name of a value, or the value in hexadecimal. */
export function symbolicText(value: bigint, names: Names): string {
  const wanted = BigInt.asUintN(64, value);
  const found = names.find(([number]) => number === wanted);
  return found === undefined ? `0x${wanted.toString(16)}` : found[1];
}
