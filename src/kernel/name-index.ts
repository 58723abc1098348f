import { blank, findWithin, kernelText, newline } from './text.js';

/** After this many searches through all bytes, an index pays. */
const searchesBeforeIndex = 8;

/** Where a key stands in the bytes; `end` is exclusive. */
export interface KeySpan {
  readonly start: number;
  readonly end: number;
}

/** The key of the line from `lineStart` to before `lineEnd`; `undefined` for a line without one. */
export type KeyOf = (bytes: Uint8Array, lineStart: number, lineEnd: number) => KeySpan | undefined;

/**
 * Finds lines of a large text file by one key column. The first few look-ups search the bytes themselves, which takes
 * a millisecond or two and no memory; then a hash index is built, three 32-bit words a line.
 */
export class NameIndex {
  readonly bytes: Uint8Array;
  readonly keyOf: KeyOf;
  #searches = 0;
  #index: HashIndex | undefined;

  constructor(bytes: Uint8Array, keyOf: KeyOf) {
    this.bytes = bytes;
    this.keyOf = keyOf;
  }

  /** Starts of all lines with that key, in file order. A key that no line can have finds none. */
  lines(key: string): readonly number[] {
    // Printable ASCII without blanks and brackets is all that these files have in a name.
    if (!/^[!-Z^-~\\]+$/.test(key)) return [];
    const wanted = encoder.encode(key);
    if (this.#index === undefined && this.#searches++ < searchesBeforeIndex) return this.#search(wanted);
    this.#index ??= new HashIndex(this.bytes, this.keyOf);
    return this.#index.lines(wanted);
  }

  /** Start of the first line with that key, or -1. */
  first(key: string): number {
    return this.lines(key)[0] ?? -1;
  }

  /** The end (exclusive) of the line that begins at `start`. */
  lineEnd(start: number): number {
    return findWithin(this.bytes, newline, start, this.bytes.length);
  }

  #search(wanted: Uint8Array): readonly number[] {
    const found: number[] = [];
    for (const at of occurrences(this.bytes, wanted)) {
      let lineStart = at;
      while (lineStart > 0 && this.bytes[lineStart - 1] !== newline) lineStart--;
      const span = this.keyOf(this.bytes, lineStart, this.lineEnd(lineStart));
      if (span?.start === at && span.end === at + wanted.length) found.push(lineStart);
    }
    return found;
  }
}

const encoder = new TextEncoder();

/** Up to this size the engine's own text search wins over a loop that was never run before. */
const smallFile = 2 << 20;

/** Every place of a word in bytes, pieces of longer words left out. */
function occurrences(bytes: Uint8Array, word: Uint8Array): readonly number[] {
  if (bytes.length <= smallFile) {
    const text = kernelText(bytes);
    // Of equal length, text and bytes have the same places.
    if (text.length === bytes.length)
      return textPlaces(text, kernelText(word)).filter(at => isWordAt(bytes, at, word));
  }
  return bytePlaces(bytes, word).filter(at => isWordAt(bytes, at, word));
}

function textPlaces(text: string, word: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) found.push(at);
  return found;
}

/** Horspool's search: the longer the word, the fewer bytes are looked at. May give places that only end like the word. */
function bytePlaces(bytes: Uint8Array, word: Uint8Array): number[] {
  const found: number[] = [];
  const length = word.length;
  const shift = new Uint16Array(256).fill(Math.min(length, 0xffff));
  for (let at = 0; at < length - 1; at++) shift[word[at]!] = Math.min(length - 1 - at, 0xffff);
  const last = word[length - 1]!;
  const end = bytes.length - length;
  for (let at = 0; at <= end; ) {
    const final = bytes[at + length - 1]!;
    if (final === last && bytes[at] === word[0]) found.push(at);
    at += shift[final]!;
  }
  return found;
}

function isWordAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  if (!isAt(bytes, at, wanted)) return false;
  return isBoundary(bytes[at - 1]) && isBoundary(bytes[at + wanted.length]);
}

/** Blanks, tabs, newlines, and what lies outside the bytes. */
function isBoundary(byte: number | undefined): boolean {
  return byte === undefined || byte <= blank;
}

function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

/** Chains of lines whose keys have the same hash, each chain in file order. */
class HashIndex {
  readonly #bytes: Uint8Array;
  readonly #keyOf: KeyOf;
  readonly #starts: Uint32Array;
  readonly #next: Int32Array;
  readonly #heads: Int32Array;

  constructor(bytes: Uint8Array, keyOf: KeyOf) {
    this.#bytes = bytes;
    this.#keyOf = keyOf;
    this.#starts = lineStarts(bytes);
    const count = this.#starts.length;
    this.#next = new Int32Array(count).fill(-1);
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(count, 16)))).fill(-1);
    // From the last line to the first, so that each chain begins with its first line.
    for (let line = count - 1; line >= 0; line--) {
      const start = this.#starts[line]!;
      const end =
        line + 1 < count ? this.#starts[line + 1]! - 1 : findWithin(bytes, newline, start, bytes.length);
      const span = keyOf(bytes, start, end);
      if (span === undefined) continue;
      const slot = hash(bytes, span.start, span.end) & (this.#heads.length - 1);
      this.#next[line] = this.#heads[slot]!;
      this.#heads[slot] = line;
    }
  }

  lines(wanted: Uint8Array): readonly number[] {
    const found: number[] = [];
    const slot = hash(wanted, 0, wanted.length) & (this.#heads.length - 1);
    for (let line = this.#heads[slot]!; line >= 0; line = this.#next[line]!) {
      const start = this.#starts[line]!;
      const span = this.#keyOf(
        this.#bytes,
        start,
        findWithin(this.#bytes, newline, start, this.#bytes.length),
      )!;
      if (span.end - span.start === wanted.length && isAt(this.#bytes, span.start, wanted)) found.push(start);
    }
    return found;
  }
}

/** Starts of all lines from one on, empty ones included; what follows the last newline is a line if it is not empty. */
export function lineStarts(bytes: Uint8Array, from = 0): Uint32Array {
  let starts = new Uint32Array(Math.max(16, (bytes.length - from) >>> 5));
  let count = 0;
  for (let at = from; at < bytes.length; at++) {
    if (count === starts.length) {
      const grown = new Uint32Array(count * 2);
      grown.set(starts);
      starts = grown;
    }
    starts[count++] = at;
    while (at < bytes.length && bytes[at] !== newline) at++;
  }
  return starts.subarray(0, count);
}

function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193);
  return value ^ (value >>> 15);
}
