import { KIND_MASK, KIND_SHIFT, type TypeId } from './kinds.js';
import { hashName, nameBytes } from './strings.js';
import type { TypeTable } from './table.js';

/** Look-ups answered by a plain scan before an index pays for itself: making it takes as long as twenty of them. */
const SCANS_BEFORE_INDEX = 16;

/**
 * Finds own types of one blob by name and kind. The first few questions scan the records; then an index over all names is built:
 * a hash table of ids in typed arrays.
 */
export class NameLookup {
  readonly #table: TypeTable;
  #scans = 0;
  #index: NameIndex | undefined;

  constructor(table: TypeTable) {
    this.#table = table;
  }

  /** Lowest id of that name and kind. An empty name finds nothing. */
  first(name: string, kind: number): TypeId | undefined {
    return this.#search(name, kind, 1)[0];
  }

  /** All ids of that name and kind, ascending. */
  all(name: string, kind: number): TypeId[] {
    return this.#search(name, kind, this.#table.count);
  }

  #search(name: string, kind: number, most: number): TypeId[] {
    const bytes = nameBytes(name);
    if (bytes === undefined || bytes.length === 0) return [];
    const table = this.#table;
    if (this.#index === undefined && this.#scans < SCANS_BEFORE_INDEX) {
      this.#scans++;
      return scan(table, bytes, kind, most);
    }
    this.#index ??= buildIndex(table);
    return searchIndex(table, this.#index, bytes, kind, most);
  }
}

function scan(table: TypeTable, name: Uint8Array, kind: number, most: number): TypeId[] {
  const { words, starts, count, strings, firstId } = table;
  const found: TypeId[] = [];
  for (let i = nextCandidate(table, 0, name, kind); i < count; i = nextCandidate(table, i + 1, name, kind)) {
    if (!strings.matches(words[starts[i]!]!, name)) continue;
    found.push(firstId + i);
    if (found.length >= most) break;
  }
  return found;
}

/**
 * The next record of that kind whose name may be the one: nearly every other fails on its first byte or on its length. Constants are
 * locals, because an imported one is looked up each time and the first search runs before this is compiled.
 */
function nextCandidate(table: TypeTable, from: number, name: Uint8Array, kind: number): number {
  const { words, starts, count, strings } = table;
  const { bytes, start } = strings;
  const first = name[0];
  const length = name.length;
  const mask = KIND_MASK << KIND_SHIFT;
  const wanted = kind << KIND_SHIFT;
  let i = from;
  for (; i < count; i++) {
    const at = starts[i]!;
    if ((words[at + 1]! & mask) !== wanted) continue;
    const own = words[at]! - start;
    if (own < 0 || (bytes[own] === first && bytes[own + length] === 0)) break;
  }
  return i;
}

interface NameIndex {
  /** First record (plus 1) of each bucket. */
  readonly heads: Uint32Array;
  /** Next record (plus 1) of the same bucket, ascending. */
  readonly chain: Uint32Array;
}

function buildIndex(table: TypeTable): NameIndex {
  const { words, starts, count, strings } = table;
  let size = 16;
  while (size < count) size *= 2;
  const heads = new Uint32Array(size);
  const chain = new Uint32Array(count);
  // Backwards, so that each chain ascends.
  for (let i = count - 1; i >= 0; i--) {
    const offset = words[starts[i]!]!;
    if (offset === 0) continue;
    const bucket = strings.hash(offset) & (size - 1);
    chain[i] = heads[bucket]!;
    heads[bucket] = i + 1;
  }
  return { heads, chain };
}

function searchIndex(
  table: TypeTable,
  index: NameIndex,
  name: Uint8Array,
  kind: number,
  most: number,
): TypeId[] {
  const { words, starts, strings, firstId } = table;
  const { heads, chain } = index;
  const bucket = hashName(name) & (heads.length - 1);
  const found: TypeId[] = [];
  for (let i = heads[bucket]!; i !== 0; i = chain[i - 1]!) {
    const at = starts[i - 1]!;
    if (((words[at + 1]! >>> KIND_SHIFT) & KIND_MASK) !== kind) continue;
    if (!strings.matches(words[at]!, name)) continue;
    found.push(firstId + i - 1);
    if (found.length >= most) break;
  }
  return found;
}
