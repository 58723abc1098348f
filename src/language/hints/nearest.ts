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

/** Up to this distance a near name is likelier than the same name elsewhere. */
export const surelyNear = 1.1;

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

/** A further name is of interest only if it is not so much farther than the nearest. */
const spread = 1.5;

/** The nearest candidates, nearest first; the same for the same input. Names equal to `wanted` are left out. */
export function nearestNames(
  wanted: string,
  candidates: Iterable<string>,
  { most = 3, limit = defaultLimit(wanted), rank = () => 0 }: NearestOptions = {},
): NearName[] {
  const names = Array.isArray(candidates) ? (candidates as readonly string[]) : Array.from(candidates);
  const measure = new Measure(wanted);
  const bounds = lowerBounds(wanted, names);
  const found: Found[] = [];
  let worst = limit;
  // Those that can be nearest first: what they leave of the limit rules most others out.
  for (let bound = 0; bound <= highestBound && bound / boundScale <= worst; bound++) {
    for (let at = bounds.indexOf(bound); at >= 0; at = bounds.indexOf(bound, at + 1)) {
      const name = names[at]!;
      if (name === wanted) continue;
      const distance = measure.distanceTo(name, worst);
      if (distance > worst || found.some(other => other.name === name)) continue;
      found.push({ name, distance, rank: rank(name) });
      found.sort((a, b) => compare(a, b, wanted));
      if (found.length > most) found.pop();
      worst = Math.min(worst, found[0]!.distance + spread);
      if (found.length === most) worst = Math.min(worst, found[most - 1]!.distance);
    }
  }
  return found.map(({ name, distance }) => ({ name, distance }));
}

interface Found extends NearName {
  readonly rank: number;
}

/** Bounds are kept as small numbers: quarters of the distance, rounded down, the highest for all that are farther. */
const boundScale = 4;
const highestBound = 255;

/** What a name is made of: which letters it has, which of them more than once, how many, and how many underscores. */
interface Composition {
  readonly once: Uint32Array;
  readonly twice: Uint32Array;
  readonly letters: Uint16Array;
  readonly underscores: Uint16Array;
}

/** Lists of this size are asked again and again: all functions, all symbols. */
const largeList = 1000;
const compositions = new WeakMap<readonly string[], Composition>();

/** For each name a distance (times `boundScale`) that it has at least. */
function lowerBounds(wanted: string, names: readonly string[]): Uint8Array {
  const own = compose([wanted]);
  let all = compositions.get(names);
  if (all === undefined) {
    all = compose(names);
    if (names.length >= largeList) compositions.set(names, all);
  }
  const { once, twice, letters, underscores } = all;
  const [ownOnce, ownTwice, ownLetters, ownUnderscores] = [
    own.once[0]!,
    own.twice[0]!,
    own.letters[0]!,
    own.underscores[0]!,
  ];
  const bounds = new Uint8Array(names.length);
  for (let at = 0; at < bounds.length; at++) {
    const length =
      Math.abs(ownLetters - letters[at]!) * cost.repeated +
      Math.abs(ownUnderscores - underscores[at]!) * cost.underscore;
    // What one name has and the other has not must be put in, taken out or replaced, one step for each letter.
    const extra =
      bitCount(ownOnce & ~once[at]!) * cost.missing + bitCount(ownTwice & ~twice[at]!) * cost.repeated;
    const missing =
      bitCount(once[at]! & ~ownOnce) * cost.missing + bitCount(twice[at]! & ~ownTwice) * cost.repeated;
    bounds[at] = Math.min(highestBound, Math.floor(Math.max(length, extra, missing) * boundScale));
  }
  return bounds;
}

function compose(names: readonly string[]): Composition {
  const count = names.length;
  const made: Composition = {
    once: new Uint32Array(count),
    twice: new Uint32Array(count),
    letters: new Uint16Array(count),
    underscores: new Uint16Array(count),
  };
  for (let at = 0; at < count; at++) {
    const name = names[at]!;
    let [once, twice, underscores] = [0, 0, 0];
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      if (code === underscore) {
        underscores++;
        continue;
      }
      // One bit for each letter, case aside; some characters share theirs.
      const bit = 1 << (code & 31);
      twice |= once & bit;
      once |= bit;
    }
    made.once[at] = once;
    made.twice[at] = twice;
    made.letters[at] = name.length - underscores;
    made.underscores[at] = underscores;
  }
  return made;
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
