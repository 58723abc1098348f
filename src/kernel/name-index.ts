/** After this many searches through the whole text, an index pays. */
const searchesBeforeIndex = 6;

/** A key of a line: where it stands in the text. */
export interface KeySpan {
  readonly start: number;
  readonly end: number;
}

/** How the lines of one kind of file are read. */
export interface LineShape {
  /** The character before a key and those that may follow it: together they make a plain text search exact. */
  readonly before: string;
  readonly after: readonly string[];
  /** The key of the line that begins at `lineStart` and ends before `lineEnd`; `undefined` for a line without one. */
  key(text: string, lineStart: number, lineEnd: number): KeySpan | undefined;
}

/**
 * Finds lines of a large text by one key column. The first few look-ups search the text itself, which costs a
 * millisecond or two and no memory; then a hash index over the lines is built, two 32-bit words a line.
 */
export class NameIndex {
  /** Ends with a newline, and begins with one so that the first line is found like the others. */
  readonly text: string;
  readonly #shape: LineShape;
  #searches = 0;
  #index: HashIndex | undefined;

  constructor(text: string, shape: LineShape) {
    this.text = `\n${text}${text.endsWith('\n') ? '' : '\n'}`;
    this.#shape = shape;
  }

  /** Starts of all lines with that key, in file order. */
  lines(key: string): readonly number[] {
    if (key === '' || /[\s[\]]/.test(key)) return [];
    if (this.#index === undefined && this.#searches++ < searchesBeforeIndex) return this.#search(key);
    this.#index ??= new HashIndex(this.text, this.#shape);
    return this.#index.lines(key);
  }

  /** Start of the first line with that key, or -1. */
  first(key: string): number {
    return this.lines(key)[0] ?? -1;
  }

  /** The end (exclusive) of the line that begins at `start`. */
  lineEnd(start: number): number {
    return this.text.indexOf('\n', start);
  }

  #search(key: string): readonly number[] {
    const found: number[] = [];
    for (const after of this.#shape.after) {
      const needle = this.#shape.before + key + after;
      for (let at = this.text.indexOf(needle); at >= 0; at = this.text.indexOf(needle, at + 1)) {
        const lineStart = this.#shape.before === '\n' ? at + 1 : this.text.lastIndexOf('\n', at) + 1;
        const span = this.#shape.key(this.text, lineStart, this.lineEnd(lineStart));
        if (span?.start === at + this.#shape.before.length) found.push(lineStart);
      }
    }
    return found.sort((a, b) => a - b);
  }
}

/** Chains of lines whose keys have the same hash, each chain in file order. */
class HashIndex {
  readonly #text: string;
  readonly #shape: LineShape;
  readonly #starts: Uint32Array;
  readonly #next: Int32Array;
  readonly #heads: Int32Array;

  constructor(text: string, shape: LineShape) {
    this.#text = text;
    this.#shape = shape;
    this.#starts = lineStarts(text);
    const count = this.#starts.length;
    this.#next = new Int32Array(count).fill(-1);
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(count, 16)))).fill(-1);
    // From the last line to the first, so that each chain begins with its first line.
    for (let line = count - 1; line >= 0; line--) {
      const start = this.#starts[line]!;
      const end = line + 1 < count ? this.#starts[line + 1]! - 1 : text.length - 1;
      const span = shape.key(text, start, end);
      if (span === undefined) continue;
      const slot = hash(text, span.start, span.end) & (this.#heads.length - 1);
      this.#next[line] = this.#heads[slot]!;
      this.#heads[slot] = line;
    }
  }

  lines(key: string): readonly number[] {
    const found: number[] = [];
    const slot = hash(key, 0, key.length) & (this.#heads.length - 1);
    for (let line = this.#heads[slot]!; line >= 0; line = this.#next[line]!) {
      const start = this.#starts[line]!;
      const span = this.#shape.key(this.#text, start, this.#text.indexOf('\n', start))!;
      if (span.end - span.start === key.length && this.#text.startsWith(key, span.start)) found.push(start);
    }
    return found;
  }
}

/** Where a character code stands in `from` .. `to` of a text, else `to`: `indexOf` would run on to the end of the text. */
export function findWithin(text: string, code: number, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) !== code) at++;
  return at;
}

/** Starts of all lines of a text that begins and ends with a newline. */
export function lineStarts(text: string): Uint32Array {
  let starts = new Uint32Array(1024);
  let count = 0;
  for (let at = 1; at < text.length; ) {
    if (count === starts.length) {
      const grown = new Uint32Array(count * 2);
      grown.set(starts);
      starts = grown;
    }
    starts[count++] = at;
    at = text.indexOf('\n', at) + 1;
  }
  return starts.subarray(0, count);
}

function hash(text: string, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value ^ (value >>> 15);
}
