import { KernelError } from './error.js';
import { blank, findWithin, hexDigit, kernelText, newline } from './text.js';

const addressDigits = 16;
/** Bytes of `ADDRESS T `. */
const beforeName = addressDigits + 3;
export const closingBracket = 0x5d;
const underscore = 0x5f;
/** Bytes of the names `_end` and `_stext`. */
const markLengths = [4, 6];
/** Digits and small letters have this bit; capitals, which are below small letters, have not. */
const caseBits = 0x20202020;

/** A line by where it starts, and the address in it. */
export interface AddressLine {
  readonly lineStart: number;
  readonly address: bigint;
}

/** The lines on both sides of an address. */
export interface AddressNeighbours {
  /** The first line of the highest address that is not above. */
  readonly below: AddressLine | undefined;
  /** The first line of the lowest address that is above. */
  readonly above: AddressLine | undefined;
}

/**
 * The lines that kallsyms begins with, as far as each has an address of sixteen digits, not below that of the line before,
 * and is of no module: all symbols of the kernel itself. They are searched as they stand in the text: one pass that finds
 * where they end takes a quarter of the time that a table of them takes.
 */
export class SortedLines {
  /** Where the lines end. */
  readonly end: number;
  /** Starts of lines whose names may be `_stext` or `_end`. */
  readonly marks: readonly number[];
  readonly #bytes: Uint8Array;

  private constructor(kallsyms: Uint8Array, end: number, marks: readonly number[]) {
    this.#bytes = kallsyms;
    this.end = end;
    this.marks = marks;
  }

  /** Finds where they end. */
  static find(kallsyms: Uint8Array): SortedLines {
    const marks: number[] = [];
    return new SortedLines(kallsyms, endOfSorted(kallsyms, marks), marks);
  }

  /** A text of which the lines are known to be all such: none is looked at but those that a search comes by. */
  static trust(kallsyms: Uint8Array): SortedLines {
    return new SortedLines(kallsyms, kallsyms.length, []);
  }

  /** Throws a `KernelError` with code `bad-line`. */
  around(address: bigint): AddressNeighbours {
    const behind = this.#firstAbove(address);
    return {
      below: behind === 0 ? undefined : this.#firstLike(this.#startOf(behind - 1)),
      above: behind === this.end ? undefined : { lineStart: behind, address: this.#addressAt(behind) },
    };
  }

  /** The first line with the address of this one. */
  #firstLike(line: number): AddressLine {
    const address = this.#addressAt(line);
    let lineStart = line;
    while (lineStart > 0) {
      const before = this.#startOf(lineStart - 1);
      if (this.#addressAt(before) !== address) break;
      lineStart = before;
    }
    return { lineStart, address };
  }

  /** Where the first line with a higher address starts; `end` when there is none. */
  #firstAbove(address: bigint): number {
    const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
    let from = 0;
    let to = this.end;
    while (from < to) {
      const line = this.#startOf((from + to) >>> 1);
      const order = this.#half(line) - high || this.#half(line + 8) - low;
      if (order > 0) to = line;
      else from = this.#behind(line);
    }
    return from;
  }

  /** The start of the line that a byte is part of. */
  #startOf(place: number): number {
    return place === 0 ? 0 : this.#bytes.lastIndexOf(newline, place - 1) + 1;
  }

  #behind(line: number): number {
    const end = this.#bytes.indexOf(newline, line);
    return end < 0 ? this.end : end + 1;
  }

  #addressAt(line: number): bigint {
    return (BigInt(this.#half(line)) << 32n) | BigInt(this.#half(line + 8));
  }

  /** The number of eight digits. */
  #half(start: number): number {
    let value = 0;
    let every = 0;
    for (let at = start; at < start + 8; at++) {
      const digit = hexDigit(this.#bytes[at]!);
      every |= digit;
      value = (value << 4) | digit;
    }
    if (every < 0) throw noAddress(this.#bytes, this.#startOf(start));
    return value >>> 0;
  }
}

/** `_stext` or `_end` where that is the line's name. */
export function nameOfMark(kallsyms: Uint8Array, start: number): '_stext' | '_end' | undefined {
  if (kallsyms[start + beforeName] !== underscore) return undefined;
  const end = findWithin(kallsyms, newline, start, kallsyms.length);
  const name = kernelText(kallsyms, start + beforeName, end);
  return name === '_stext' || name === '_end' ? name : undefined;
}

/** A line that begins with no address. */
export function noAddress(kallsyms: Uint8Array, start: number): KernelError {
  const end = findWithin(kallsyms, newline, start, Math.min(start + 120, kallsyms.length));
  const line = JSON.stringify(kernelText(kallsyms, start, end));
  return new KernelError('bad-line', `kallsyms: the line ${line} begins with no address`);
}

function endOfSorted(kallsyms: Uint8Array, marks: number[]): number {
  const { length } = kallsyms;
  const view = new DataView(kallsyms.buffer, kallsyms.byteOffset, length);
  let start = 0;
  // The digits of the line before, four at once: text is in the order of the numbers.
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  while (start + beforeName < length) {
    const a = view.getInt32(start);
    const b = view.getInt32(start + 4);
    const c = view.getInt32(start + 8);
    const d = view.getInt32(start + 12);
    if ((a & b & c & d & caseBits) !== caseBits || kallsyms[start + addressDigits] !== blank) break;
    if (a !== first ? a < first : b !== second ? b < second : c !== third ? c < third : d < fourth) break;
    const found = kallsyms.indexOf(newline, start + beforeName);
    const end = found < 0 ? length : found;
    if (kallsyms[end - 1] === closingBracket) break;
    if (kallsyms[start + beforeName] === underscore && markLengths.includes(end - start - beforeName))
      marks.push(start);
    first = a;
    second = b;
    third = c;
    fourth = d;
    start = end + 1;
  }
  return Math.min(start, length);
}
