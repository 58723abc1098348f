import { BtfError } from './error.js';
import type { BtfHeader } from './header.js';
import { BtfKind, C_RECORDS, KIND_MASK, RECORD_WORDS, type RecordLengths, recordLengths } from './kinds.js';

const ENTRY_BYTES = 4;

/**
 * Record lengths as the blob itself declares them (spec 07 section 4), or `undefined` without a layout section. Its entries for the
 * kinds of C must agree with ours; kinds it does not list stay unknown.
 */
export function readLayout(bytes: Uint8Array, header: BtfHeader): RecordLengths | undefined {
  const { layoutStart, layoutLength } = header;
  if (layoutLength === 0) return undefined;
  const entries: [number, number, number][] = [];
  const kinds = Math.min(layoutLength / ENTRY_BYTES, KIND_MASK + 1);
  for (let kind = 1; kind < kinds; kind++) {
    const at = layoutStart + kind * ENTRY_BYTES;
    const extra = bytes[at]! / 4;
    const entry = bytes[at + 1]! / 4;
    if (!Number.isInteger(extra) || !Number.isInteger(entry)) {
      throw new BtfError('bad-header', `the layout of kind ${kind} is not made of 32-bit words`, at);
    }
    if (
      kind <= BtfKind.Enum64 &&
      (RECORD_WORDS + extra !== C_RECORDS.fixed[kind] || entry !== C_RECORDS.perEntry[kind])
    ) {
      throw new BtfError('bad-header', `the declared layout of kind ${kind} contradicts the format`, at);
    }
    entries.push([kind, extra, entry]);
  }
  return recordLengths(entries);
}
