// The names that a mistyped one may have meant: a weighted edit distance over as many candidates as a kernel has
// functions, without anything prepared beforehand.

/** A candidate and how far it is: 0 the same, about 1 for each slip of the finger, less for the usual ones. */
export interface NearName {
  readonly name: string;
  readonly distance: number;
}

export interface NearestOptions {
  /** Names to give back, default 3. */
  readonly most?: number;
  /** Largest distance; by default a third of the length, 3.5 at most. Infinity: the nearest, however far. */
  readonly limit?: number;
  /** Smaller first among equally near names; default no preference. */
  readonly rank?: (name: string) => number;
}

const cost = {
  letterCase: 0.25,
  underscore: 0.45,
  /** A letter twice instead of once, or once instead of twice. */
  repeated: 0.6,
  swapped: 0.8,
  missing: 0.9,
  extra: 1,
  replaced: 1.05,
} as const;

/** Fewer letters in common than this is never near; the cheapest step that changes the set of letters costs 0.9. */
const costOfOtherLetter = 0.9;

/** The nearest candidates, nearest first; the same for the same input. Names equal to `wanted` are left out. */
export function nearestNames(
  wanted: string,
  candidates: Iterable<string>,
  { most = 3, limit = defaultLimit(wanted), rank = () => 0 }: NearestOptions = {},
): NearName[] {
  const names = Array.isArray(candidates) ? (candidates as readonly string[]) : Array.from(candidates);
  const measure = new Measure(wanted);
  const unshared = unsharedLetters(wanted, names);
  const found: Found[] = [];
  let worst = limit;
  // Those with the same letters first: what they leave of the limit rules most others out.
  for (let others = 0; others <= mostLetters && others * costOfOtherLetter <= worst; others++) {
    for (let at = 0; at < names.length; at++) {
      if (unshared[at] !== others) continue;
      const name = names[at]!;
      if (Math.abs(name.length - wanted.length) * cost.underscore > worst || name === wanted) continue;
      const distance = measure.distanceTo(name, worst);
      if (distance > worst || found.some(other => other.name === name)) continue;
      found.push({ name, distance, rank: rank(name) });
      found.sort((a, b) => compare(a, b, wanted));
      if (found.length > most) found.pop();
      if (found.length === most) worst = Math.min(worst, found[most - 1]!.distance);
    }
  }
  return found.map(({ name, distance }) => ({ name, distance }));
}

interface Found extends NearName {
  readonly rank: number;
}

const mostLetters = 32;

/** Lists of this size are asked again and again: all functions, all symbols. */
const largeList = 1000;
const letterSetsOf = new WeakMap<readonly string[], Uint32Array>();

/** For each name how many letters at least it has that the other has not, either way. */
function unsharedLetters(wanted: string, names: readonly string[]): Uint8Array {
  const letters = letterSet(wanted);
  let sets = letterSetsOf.get(names);
  if (sets === undefined) {
    sets = Uint32Array.from(names, letterSet);
    if (names.length >= largeList) letterSetsOf.set(names, sets);
  }
  return Uint8Array.from(sets, set => Math.max(bitCount(letters & ~set), bitCount(set & ~letters)));
}

/** What is still taken for a slip: one step in short names, then one for every three letters. */
function defaultLimit({ length }: string): number {
  return Math.min(3.5, Math.max(1.1, length / 3));
}

function compare(a: Found, b: Found, wanted: string): number {
  return (
    a.distance - b.distance ||
    a.rank - b.rank ||
    Math.abs(a.name.length - wanted.length) - Math.abs(b.name.length - wanted.length) ||
    commonStart(b.name, wanted) - commonStart(a.name, wanted) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Which letters and digits occur, case aside: one bit each, some sharing theirs. */
function letterSet(name: string): number {
  let set = 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    // An underscore costs less than a letter and must not count as one.
    if (code !== underscore) set |= 1 << (code & 31);
  }
  return set;
}

function bitCount(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const underscore = 0x5f;

/** Distances from one name; its rows are used again for every candidate. */
class Measure {
  private readonly from: string;
  private rows: [Float64Array, Float64Array, Float64Array];

  constructor(from: string) {
    this.from = from;
    this.rows = [new Float64Array(64), new Float64Array(64), new Float64Array(64)];
  }

  /** Distance of optimal alignment; anything above `limit` once it is known to be above. */
  distanceTo(to: string, limit: number): number {
    const { from } = this;
    if (this.rows[0].length <= to.length) {
      const size = to.length * 2;
      this.rows = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    }
    let [before, previous, row] = this.rows;
    previous[0] = 0;
    for (let j = 1; j <= to.length; j++) previous[j] = previous[j - 1]! + missingCost(to, j - 1);
    for (let i = 1; i <= from.length; i++) {
      const a = from.charCodeAt(i - 1);
      const removal = extraCost(from, i - 1);
      row[0] = previous[0]! + removal;
      let least = row[0]!;
      for (let j = 1; j <= to.length; j++) {
        const b = to.charCodeAt(j - 1);
        let best = previous[j - 1]! + (a === b ? 0 : replacementCost(a, b));
        best = Math.min(best, previous[j]! + removal, row[j - 1]! + missingCost(to, j - 1));
        if (i > 1 && j > 1 && a !== b && a === to.charCodeAt(j - 2) && b === from.charCodeAt(i - 2)) {
          best = Math.min(best, before[j - 2]! + cost.swapped);
        }
        row[j] = best;
        if (best < least) least = best;
      }
      // A swap reaches back over one row, so two rows must be above.
      if (least > limit + cost.swapped) return least;
      [before, previous, row] = [previous, row, before];
    }
    return previous[to.length]!;
  }
}

/** A letter of the intended name was left out. */
function missingCost(to: string, at: number): number {
  const code = to.charCodeAt(at);
  if (code === underscore) return cost.underscore;
  return at > 0 && code === to.charCodeAt(at - 1) ? cost.repeated : cost.missing;
}

/** A letter too many was written. */
function extraCost(from: string, at: number): number {
  const code = from.charCodeAt(at);
  if (code === underscore) return cost.underscore;
  return at > 0 && code === from.charCodeAt(at - 1) ? cost.repeated : cost.extra;
}

function replacementCost(a: number, b: number): number {
  const isSameLetter = (a ^ b) === 0x20 && (a | 0x20) >= 0x61 && (a | 0x20) <= 0x7a;
  return isSameLetter ? cost.letterCase : cost.replaced;
}
