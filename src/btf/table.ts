import { BtfError } from './error.js';
import { type BtfHeader, readHeader } from './header.js';
import {
  BtfKind,
  C_RECORDS,
  KIND_MASK,
  KIND_SHIFT,
  kindName,
  MERGED_RECORDS,
  PROPOSED_RECORDS,
  RECORD_WORDS,
  type RecordLengths,
  UNKNOWN_LENGTH,
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
  /** `starts[id - firstId]`: word index of the record; one more tells where the last one ends. */
  readonly starts: Int32Array;
  readonly count: number;
  readonly firstId: number;
  readonly strings: StringTable;
  readonly lengths: RecordLengths;
  /** Why the table ends before its section does (partial reading only). */
  readonly stopped: BtfError | undefined;
}

/**
 * Finds every record in one pass (spec 10 section 4), which `known` starts of the same bytes spare. Throws a `BtfError`; with
 * `partial` unreadable records end the table.
 */
export function readTable(
  bytes: Uint8Array,
  base: TypeTable | undefined,
  partial: boolean,
  known?: Int32Array,
): TypeTable {
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
  const { starts, count, stopped, lengths } =
    (known && knownRecords(words, declared ?? C_RECORDS, known)) ??
    readRecords(words, declared, firstId, typeStart);
  if (stopped !== undefined && !partial) throw stopped;
  return { header, words, starts, count, firstId, strings, lengths, stopped };
}

function wordsOf(bytes: Uint8Array, start: number, length: number, littleEndian: boolean): Uint32Array {
  const at = bytes.byteOffset + start;
  const sameOrder = littleEndian === HOST_IS_LITTLE_ENDIAN;
  if (sameOrder && at % 4 === 0) return new Uint32Array(bytes.buffer, at, length / 4);
  // Not `slice`: that of Node's Buffer is a view.
  if (sameOrder) return new Uint32Array(new Uint8Array(bytes.subarray(start, start + length)).buffer);
  const words = new Uint32Array(length / 4);
  const view = new DataView(bytes.buffer, at, length);
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(i * 4, littleEndian);
  return words;
}

interface Records {
  readonly starts: Int32Array;
  readonly count: number;
  readonly lengths: RecordLengths;
  readonly stopped: BtfError | undefined;
}

/** Records between known starts; `undefined` where these are of other bytes, as some of the records tell. */
function knownRecords(words: Uint32Array, lengths: RecordLengths, starts: Int32Array): Records | undefined {
  const count = starts.length - 1;
  if (count < 0 || starts[0] !== 0 || starts[count] !== words.length) return undefined;
  for (let i = 0; i < count; i += CHECKED_STEP) {
    const at = starts[i]!;
    const info = words[at + 1]!;
    const kind = info >>> KIND_SHIFT;
    if (at + lengths.fixed[kind]! + (info & VLEN_MASK) * lengths.perEntry[kind]! !== starts[i + 1])
      return undefined;
  }
  return { starts, count, lengths, stopped: undefined };
}

/** Of known starts one in so many is checked. */
const CHECKED_STEP = 509;

/** Where each record begins, for whoever reads the same bytes again; `undefined` where that takes more than their kinds. */
export function startsOf({ starts, count, lengths, stopped }: TypeTable): Int32Array | undefined {
  const isPlain = stopped === undefined && lengths !== MERGED_RECORDS && lengths !== PROPOSED_RECORDS;
  return isPlain ? starts.subarray(0, count + 1) : undefined;
}

/** Without a declared layout the kinds of inlined calls have two possible forms (spec 07 section 4). */
function readRecords(
  words: Uint32Array,
  declared: RecordLengths | undefined,
  firstId: number,
  blobOffset: number,
): Records {
  const records = scanRecords(words, declared ?? C_RECORDS, firstId, blobOffset);
  if (declared !== undefined || records.stopped?.code !== 'unknown-kind') return records;
  const merged = scanRecords(words, MERGED_RECORDS, firstId, blobOffset);
  if (merged.stopped === undefined && !hasProposedForm(words, merged)) return merged;
  const proposed = scanRecords(words, PROPOSED_RECORDS, firstId, blobOffset);
  return proposed.stopped === undefined ? proposed : merged;
}

/** A merged LOC_PARAM has at least one word of data; the proposed form counts none. */
function hasProposedForm(words: Uint32Array, records: Records): boolean {
  for (let i = 0; i < records.count; i++) {
    const info = words[records.starts[i]! + 1]!;
    if (((info >>> KIND_SHIFT) & KIND_MASK) === BtfKind.LocParam && (info & VLEN_MASK) === 0) return true;
  }
  return false;
}

function scanRecords(
  unsigned: Uint32Array,
  lengths: RecordLengths,
  firstId: number,
  blobOffset: number,
): Records {
  // Signed, so that an info word with the top bit set stays a small integer.
  const words = new Int32Array(unsigned.buffer, unsigned.byteOffset, unsigned.length);
  const starts = new Int32Array(Math.floor(words.length / RECORD_WORDS) + 1);
  const count = findStarts(words, starts, lengths.fixed, lengths.perEntry);
  const at = starts[count]!;
  const stopped =
    at === words.length ? undefined : unreadable(words, at, lengths, firstId + count, blobOffset);
  return { starts, count, lengths, stopped };
}

/**
 * Fills `starts` and returns the number of records; the start behind the last is where reading ended. Opening a blob costs this loop,
 * most of it run before it is compiled: constants are locals, because an imported one is looked up each time, and nothing else
 * is in here that the compiler would have to think about.
 */
function findStarts(words: Int32Array, starts: Int32Array, fixed: Int32Array, perEntry: Uint8Array): number {
  const shift = KIND_SHIFT;
  const mask = VLEN_MASK;
  const end = words.length;
  let at = 0;
  let count = 0;
  while (at < end) {
    // In a record cut after its first word this is undefined, which counts as kind 0: unknown.
    const info = words[at + 1]!;
    const top = info >>> shift;
    const next = at + fixed[top]! + (info & mask) * perEntry[top]!;
    if (next > end) break;
    starts[count++] = at;
    at = next;
  }
  starts[count] = at;
  return count;
}

function unreadable(
  words: Int32Array,
  at: number,
  lengths: RecordLengths,
  id: number,
  blobOffset: number,
): BtfError {
  const offset = blobOffset + at * 4;
  const where = `type ${id} at byte ${offset}`;
  if (words.length - at < RECORD_WORDS) return new BtfError('bad-record', `${where} is cut off`, offset, id);
  const kind = (words[at + 1]! >>> KIND_SHIFT) & KIND_MASK;
  if (lengths.fixed[kind] === UNKNOWN_LENGTH) {
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
