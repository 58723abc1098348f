import { BtfError } from './error.js';
import { type BtfHeader, readHeader } from './header.js';
import {
  BtfKind,
  KIND_MASK,
  KIND_SHIFT,
  KNOWN_RECORDS,
  kindName,
  PROPOSED_RECORDS,
  RECORD_WORDS,
  type RecordLengths,
  VLEN_MASK,
} from './kinds.js';
import { readLayout } from './layout-section.js';
import { StringTable } from './strings.js';

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * The type section of one blob as 32-bit words of the host's byte order, and where each record begins in them. Nothing is
 * allocated per type. When byte order and alignment allow, `words` is a view of the caller's bytes.
 */
export interface TypeTable {
  readonly header: BtfHeader;
  readonly words: Uint32Array;
  /** `starts[id - firstId]`: word index of the record. Longer than `count`. */
  readonly starts: Uint32Array;
  readonly count: number;
  readonly firstId: number;
  readonly strings: StringTable;
  readonly lengths: RecordLengths;
  /** Why the table ends before its section does (partial reading only). */
  readonly stopped: BtfError | undefined;
}

/** Finds every record in one pass (spec 10 section 4). Throws a `BtfError`; with `partial` unreadable records end the table. */
export function readTable(bytes: Uint8Array, base: TypeTable | undefined, partial: boolean): TypeTable {
  const header = readHeader(bytes);
  const { typeStart, typeLength, stringStart, stringLength } = header;
  if (base !== undefined) {
    if (base.stopped !== undefined) throw new BtfError('bad-base', 'the base could be read only in part');
    if (base.header.littleEndian !== header.littleEndian) {
      throw new BtfError('bad-base', 'the base has another byte order');
    }
  }
  const stringBytes = bytes.subarray(stringStart, stringStart + stringLength);
  const strings = new StringTable(stringBytes, base?.strings, stringStart);
  const words = wordsOf(bytes, typeStart, typeLength, header.littleEndian);
  const firstId = base === undefined ? 1 : base.firstId + base.count;

  const declared = readLayout(bytes, header);
  let lengths = declared ?? KNOWN_RECORDS;
  let scan = scanRecords(words, lengths, firstId, typeStart);
  if (declared === undefined && scan.sawLocations && (scan.stopped !== undefined || scan.sawProposedForm)) {
    const second = scanRecords(words, PROPOSED_RECORDS, firstId, typeStart);
    if (second.stopped === undefined) {
      lengths = PROPOSED_RECORDS;
      scan = second;
    }
  }
  const { starts, count, stopped } = scan;
  if (stopped !== undefined && !partial) throw stopped;
  return { header, words, starts, count, firstId, strings, lengths, stopped };
}

function wordsOf(bytes: Uint8Array, start: number, length: number, littleEndian: boolean): Uint32Array {
  const at = bytes.byteOffset + start;
  const sameOrder = littleEndian === HOST_IS_LITTLE_ENDIAN;
  if (sameOrder && at % 4 === 0) return new Uint32Array(bytes.buffer, at, length / 4);
  if (sameOrder) return new Uint32Array(bytes.slice(start, start + length).buffer);
  const words = new Uint32Array(length / 4);
  const view = new DataView(bytes.buffer, at, length);
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(i * 4, littleEndian);
  return words;
}

interface Scan {
  readonly starts: Uint32Array;
  readonly count: number;
  readonly stopped: BtfError | undefined;
  readonly sawLocations: boolean;
  readonly sawProposedForm: boolean;
}

function scanRecords(words: Uint32Array, lengths: RecordLengths, firstId: number, blobOffset: number): Scan {
  const { fixed, perEntry } = lengths;
  const end = words.length;
  const starts = new Uint32Array(Math.floor(end / RECORD_WORDS));
  let at = 0;
  let count = 0;
  let sawLocations = false;
  let sawProposedForm = false;
  let stopped: BtfError | undefined;
  while (at < end) {
    // A record cut after its first word reads `undefined` here: kind 0, which is unknown.
    const info = words[at + 1]!;
    const kind = (info >>> KIND_SHIFT) & KIND_MASK;
    const known = fixed[kind]!;
    const next = at + known + (info & VLEN_MASK) * perEntry[kind]!;
    if (known === 0 || next > end) {
      stopped = unreadable(words, at, kind, known, firstId + count, blobOffset);
      break;
    }
    if (kind >= BtfKind.LocParam) {
      sawLocations = true;
      if (kind === BtfKind.LocParam && (info & VLEN_MASK) === 0) sawProposedForm = true;
    }
    starts[count++] = at;
    at = next;
  }
  return { starts, count, stopped, sawLocations, sawProposedForm };
}

function unreadable(
  words: Uint32Array,
  at: number,
  kind: number,
  known: number,
  id: number,
  blobOffset: number,
): BtfError {
  const offset = blobOffset + at * 4;
  const where = `type ${id} at byte ${offset}`;
  if (words.length - at < RECORD_WORDS) return new BtfError('bad-record', `${where} is cut off`, offset, id);
  if (known === 0) {
    return new BtfError(
      'unknown-kind',
      `${where} is of unknown kind ${kind}: newer or damaged BTF`,
      offset,
      id,
    );
  }
  const message = `${where} (${kindName(kind)}) runs over the end of the type section`;
  return new BtfError('bad-record', message, offset, id);
}
