import type { Kernel } from '../src/kernel/index.js';
import { type Disagreement, disagreementOn } from './compare.js';
import type { Guest } from './guest.js';
import type { Case } from './wire.js';

/** Rounds of shrinking; each is one boot for all disagreements together. */
const maxRounds = 8;
/** Candidates of one disagreement in one round, and of all of them. */
const maxCandidates = 60;
const maxAsked = 500;

/**
 * Shrinks the definitions of disagreements as long as the two sides still disagree for what looks like the same cause.
 */
export async function minimise(
  guest: Guest,
  kernel: Kernel,
  disagreements: readonly Disagreement[],
): Promise<Disagreement[]> {
  const smallest = [...disagreements];
  let growing = smallest.map((_, index) => index);
  for (let round = 0; round < maxRounds && growing.length > 0; round++) {
    const each = Math.max(12, Math.min(maxCandidates, Math.floor(maxAsked / growing.length)));
    const asked = growing.flatMap(index =>
      candidates(smallest[index]!.theirs, each).map(one => ({ index, one })),
    );
    const answers = await guest.ask(asked.map(({ one }) => one));
    const shrunk = new Set<number>();
    for (const [at, { index }] of asked.entries()) {
      const answer = answers[at];
      if (answer === undefined) continue;
      const found = disagreementOn(kernel, answer);
      const best = smallest[index]!;
      if (found === undefined || !isSameCause(found, best) || size(found.theirs) >= size(best.theirs))
        continue;
      smallest[index] = found;
      shrunk.add(index);
    }
    growing = [...shrunk];
  }
  return smallest;
}

/** Messages stay; names that occur in a cause of ours (an exception's text) may change. */
function isSameCause(one: Disagreement, other: Disagreement): boolean {
  return one.cause === other.cause || (one.ours === undefined && other.ours === undefined);
}

function size({ def, setup = [] }: Case | Disagreement['theirs']): number {
  return def.length + setup.reduce((sum, line) => sum + line.length + 20, 0);
}

/** Smaller definitions than a given one: lines, words, parts of words and single characters left out. */
export function candidates(
  { def, setup = [], tags = [] }: Pick<Case, 'def' | 'setup'> & { readonly tags?: readonly string[] },
  count = maxCandidates,
): Case[] {
  const made = new Map<string, Case>();
  const offer = (lines: readonly string[], last: string): void => {
    const one: Case = { def: last, ...(lines.length > 0 && { setup: lines }), tags };
    if (size(one) < size({ def, setup, tags })) made.set(JSON.stringify([lines, last]), one);
  };
  for (let i = 0; i < setup.length; i++) offer([...setup.slice(0, i), ...setup.slice(i + 1)], def);
  for (const text of shorter(def)) offer(setup, text);
  for (const [i, line] of setup.entries()) {
    for (const text of shorter(line)) offer([...setup.slice(0, i), text, ...setup.slice(i + 1)], def);
  }
  const all = [...made.values()];
  if (all.length <= count) return all;
  // The large steps first, then single characters evenly over the text.
  const large = all
    .filter(one => size({ def, setup, tags }) - size(one) > 1)
    .sort((a, b) => size(a) - size(b));
  const small = all.filter(one => !large.includes(one));
  const step = Math.max(1, Math.ceil(small.length / Math.max(count >> 2, count - large.length)));
  return [...large.slice(0, count - (count >> 2)), ...small.filter((_, i) => i % step === 0)].slice(0, count);
}

function* shorter(text: string): Generator<string> {
  const words = text.split(' ');
  const without = (i: number, other?: string): string =>
    [...words.slice(0, i), ...(other === undefined ? [] : [other]), ...words.slice(i + 1)].join(' ');
  if (words.length > 3) {
    yield words.slice(0, 2 + (words.length >> 1)).join(' ');
    yield [...words.slice(0, 2), ...words.slice(2 + (words.length >> 1))].join(' ');
  }
  for (let i = words.length - 1; i >= 0; i--) yield without(i);
  for (const [i, word] of words.entries()) {
    yield without(i, word.replace(/^\w+=/, ''));
    yield without(i, word.replace(/:[^:]*$/, ''));
    yield without(i, word.replace(/^(.)[^:]*:.*$/, '$1'));
    yield without(i, word.replace(/\[.*$/, ''));
    yield without(i, word.replace(/[+-]u?\w*\((.*)\)/, '$1'));
    yield without(i, word.replace(/(->|\.)\w+/, ''));
    yield without(i, word.replace(/(->|\.)\w*$/, ''));
    yield without(i, word.replace(/%return$/, ''));
    yield without(i, word.slice(0, word.length >> 1));
    yield without(i, word.slice(word.length >> 1));
  }
  for (let i = 0; i < text.length; i++) yield text.slice(0, i) + text.slice(i + 1);
}
