import { lineStarts } from './name-index.js';
import {
  type AddressLine,
  type AddressNeighbours,
  closingBracket,
  nameOfMark,
  noAddress,
  SortedLines,
} from './sorted-lines.js';
import { blank, findWithin, hexDigit, kernelText, newline } from './text.js';

/** The line of kallsyms that covers an address. */
export interface AddressEntry {
  readonly lineStart: number;
  /** Bytes from the symbol's address. */
  readonly offset: number;
  /** Bytes to the next higher address of a symbol. */
  readonly size: number;
}

const pageSize = 4096n;
/** Addresses have at most this many hexadecimal digits. */
const maxDigits = 16;

/**
 * The symbols of kallsyms by address: those of the kernel itself, which come in order, in the text, and the others in a
 * table, each an address in two 32-bit halves and a place in the text.
 * What lies outside the kernel's image (`_stext` to `_end`) and the modules is no place a pointer can have, and is left
 * out: per-CPU offsets, and every line when addresses are hidden (kptr_restrict shows zeros; spec 12 R12-18).
 */
export class AddressTable {
  readonly #bytes: Uint8Array;
  readonly #sorted: SortedLines;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #lines: Uint32Array;
  readonly #imageFirst: bigint;
  readonly #imageEnd: bigint;

  /** Throws a `KernelError` with code `bad-line`. */
  constructor(kallsyms: Uint8Array) {
    this.#bytes = kallsyms;
    this.#sorted = SortedLines.find(kallsyms);
    const starts = lineStarts(kallsyms, this.#sorted.end);
    const { first, end } = imageRange(kallsyms, this.#sorted.marks, starts);
    const high = new Uint32Array(starts.length);
    const low = new Uint32Array(starts.length);
    const lines = new Uint32Array(starts.length);
    const address = { high: 0, low: 0 };
    let count = 0;
    // Lines from here on are out of order.
    let unsorted = Number.POSITIVE_INFINITY;
    for (let line = 0; line < starts.length; line++) {
      const start = starts[line]!;
      const lineEnd = endOfLine(kallsyms, starts, line);
      if (start === lineEnd) continue;
      readAddress(kallsyms, start, address);
      if (address.high === 0 && address.low === 0) continue;
      const inModule = kallsyms[lineEnd - 1] === closingBracket;
      if (!inModule && (isBelow(address, first) || isBelow(end, address))) continue;
      high[count] = address.high;
      low[count] = address.low;
      lines[count] = start;
      if (count > 0 && (high[count - 1]! - address.high || low[count - 1]! - address.low) > 0)
        unsorted = Math.min(unsorted, lastAtOrBelow(high, low, Math.min(count, unsorted), address) + 1);
      count++;
    }
    this.#high = high.subarray(0, count);
    this.#low = low.subarray(0, count);
    this.#lines = lines.subarray(0, count);
    this.#imageFirst = toBigInt(first);
    this.#imageEnd = toBigInt(end);
    if (unsorted < count) this.#sort(unsorted);
  }

  /** The symbol at or below an address; of several with one address, the first of the file. */
  at(address: bigint): AddressEntry | undefined {
    if (address <= 0n || address > 0xffff_ffff_ffff_ffffn) return undefined;
    const { below: own, above } = this.#ownAround(address);
    const entry = lastAtOrBelow(this.#high, this.#low, this.#lines.length, halvesOf(address));
    const other = entry < 0 ? undefined : this.#address(entry);
    if (own === undefined && other === undefined) return undefined;
    const isOwn = own !== undefined && (other === undefined || own.address >= other);
    const start = isOwn ? own.address : other!;
    const module = other === start ? moduleOfLine(this.#bytes, this.#lines[entry]!) : '';
    const end = symbolEnd({ address: start, module }, this.#next(above, entry + 1), this.#imageEnd);
    if (address >= end) return undefined;
    const lineStart = isOwn ? own.lineStart : this.#lines[this.#firstOf(entry)]!;
    return { lineStart, offset: Number(address - start), size: Number(end - start) };
  }

  /** No symbol covers an address below this one; `undefined`: there are no symbols. */
  get lowest(): bigint | undefined {
    const own = this.#ownAround(this.#imageFirst - 1n).above?.address;
    const other = this.#lines.length > 0 ? this.#address(0) : undefined;
    return own === undefined || (other !== undefined && other < own) ? other : own;
  }

  /** The kernel's own symbols next to an address. */
  #ownAround(address: bigint): AddressNeighbours {
    if (address < this.#imageFirst)
      return { below: undefined, above: this.#upToEnd(this.#sorted.around(this.#imageFirst - 1n).above) };
    const { below, above } = this.#sorted.around(address < this.#imageEnd ? address : this.#imageEnd);
    return {
      below: below !== undefined && below.address >= this.#imageFirst ? below : undefined,
      above: this.#upToEnd(above),
    };
  }

  #upToEnd(own: AddressLine | undefined): AddressLine | undefined {
    return own !== undefined && own.address <= this.#imageEnd ? own : undefined;
  }

  /** The next symbol: of the kernel's own, or the one at `entry` of the table. */
  #next(own: AddressLine | undefined, entry: number): OwnedAddress | undefined {
    const other = entry < this.#lines.length ? this.#address(entry) : undefined;
    if (own !== undefined && (other === undefined || own.address <= other))
      return { address: own.address, module: '' };
    if (other === undefined) return undefined;
    return { address: other, module: moduleOfLine(this.#bytes, this.#lines[entry]!) };
  }

  /** The first entry with the address of this one. */
  #firstOf(entry: number): number {
    let first = entry;
    while (
      first > 0 &&
      this.#low[first - 1] === this.#low[entry] &&
      this.#high[first - 1] === this.#high[entry]
    )
      first--;
    return first;
  }

  #address(entry: number): bigint {
    return (BigInt(this.#high[entry]!) << 32n) | BigInt(this.#low[entry]!);
  }

  /** Modules come one after another, each with its symbols in no order. Equal addresses keep their file order. */
  #sort(from: number) {
    const [high, low, lines] = [this.#high.slice(from), this.#low.slice(from), this.#lines.slice(from)];
    const order = orderOf(high, low);
    for (let to = 0; to < order.length; to++) {
      const place = order[to]!;
      this.#high[from + to] = high[place]!;
      this.#low[from + to] = low[place]!;
      this.#lines[from + to] = lines[place]!;
    }
  }
}

/** The last of the first `count` addresses, which are in order, at or below one; -1: all are above. */
function lastAtOrBelow(high: Uint32Array, low: Uint32Array, count: number, address: Halves): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const order = high[middle]! - address.high || low[middle]! - address.low;
    if (order <= 0) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

/** Places of the addresses from the lowest to the highest, equal ones as they stand. */
function orderOf(high: Uint32Array, low: Uint32Array): Uint32Array {
  const count = high.length;
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at++) order[at] = at;
  const places = 2 ** Math.ceil(Math.log2(count));
  let [lowest, highest] = [0xffff_ffff, 0];
  for (const half of high) {
    if (half < lowest) lowest = half;
    if (half > highest) highest = half;
  }
  if ((highest - lowest + 1) * 0x1_0000_0000 * places > Number.MAX_SAFE_INTEGER)
    return order.sort((a, b) => high[a]! - high[b]! || low[a]! - low[b]! || a - b);
  // Address and place fit one number: without a function of ours to call, sorting takes a fifth of the time.
  const keys = new Float64Array(count);
  for (let at = 0; at < count; at++)
    keys[at] = ((high[at]! - lowest) * 0x1_0000_0000 + low[at]!) * places + at;
  keys.sort();
  for (let at = 0; at < count; at++) order[at] = keys[at]! % places;
  return order;
}

/** An address and whose it is; the kernel's own have the empty module. */
interface OwnedAddress {
  readonly address: bigint;
  readonly module: string;
}

/** Where a symbol ends, if `next` is the one with the next higher address. */
function symbolEnd(symbol: OwnedAddress, next: OwnedAddress | undefined, imageEnd: bigint): bigint {
  const { address, module } = symbol;
  if (next?.module === module) return next.address;
  if (module === '') return imageEnd;
  // Nothing in kallsyms tells where a module's memory ends; it ends at a page.
  const pageEnd = (address / pageSize + 1n) * pageSize;
  return next !== undefined && next.address < pageEnd ? next.address : pageEnd;
}

/** `[MODULE]` at the end of a symbol's line, or nothing. */
function moduleOfLine(kallsyms: Uint8Array, start: number): string {
  const line = kernelText(kallsyms, start, findWithin(kallsyms, newline, start, kallsyms.length));
  return line.endsWith(']') ? line.slice(line.lastIndexOf('[')) : '';
}

interface Halves {
  high: number;
  low: number;
}

function imageRange(
  kallsyms: Uint8Array,
  sorted: readonly number[],
  starts: Uint32Array,
): { first: Halves; end: Halves } {
  const marks = new Map<string, Halves>();
  const look = (start: number): void => {
    const name = nameOfMark(kallsyms, start);
    if (name === undefined || marks.has(name)) return;
    const address = { high: 0, low: 0 };
    readAddress(kallsyms, start, address);
    marks.set(name, address);
  };
  for (const start of sorted) look(start);
  for (let line = 0; line < starts.length && marks.size < 2; line++) look(starts[line]!);
  const isKnown = (address: Halves | undefined) =>
    address !== undefined && (address.high | address.low) !== 0;
  const [first, end] = [marks.get('_stext'), marks.get('_end')];
  return {
    first: isKnown(first) ? first! : { high: 0, low: 1 },
    end: isKnown(end) ? end! : { high: 0xffff_ffff, low: 0xffff_ffff },
  };
}

function endOfLine(kallsyms: Uint8Array, starts: Uint32Array, line: number): number {
  if (line + 1 < starts.length) return starts[line + 1]! - 1;
  return findWithin(kallsyms, newline, starts[line]!, kallsyms.length);
}

function readAddress(kallsyms: Uint8Array, start: number, into: Halves) {
  into.high = 0;
  into.low = 0;
  for (let at = start; at <= start + maxDigits; at++) {
    const byte = kallsyms[at]!;
    if (byte === blank && at > start) return;
    const digit = hexDigit(byte);
    if (digit < 0 || at === start + maxDigits) break;
    into.high = ((into.high << 4) | (into.low >>> 28)) >>> 0;
    into.low = ((into.low << 4) | digit) >>> 0;
  }
  throw noAddress(kallsyms, start);
}

function isBelow(a: Halves, b: Halves): boolean {
  return a.high !== b.high ? a.high < b.high : a.low < b.low;
}

function halvesOf(address: bigint): Halves {
  return { high: Number(address >> 32n), low: Number(address & 0xffff_ffffn) };
}

function toBigInt(address: Halves): bigint {
  return (BigInt(address.high) << 32n) | BigInt(address.low);
}
