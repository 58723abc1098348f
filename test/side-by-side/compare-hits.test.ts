import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compareHits, type Side } from '../../side-by-side/compare-hits.mjs';
import { backendsPage, keptResults } from '../../side-by-side/page.js';

const side = (way: Side['way'], lost: number, ...tasks: (readonly number[])[]): Side => ({
  way,
  lost,
  refusal: undefined,
  tasks: new Map(
    tasks.map((values, pid) => [
      pid,
      values.map((value, at) => ({ time: BigInt(at), comm: 'sh', args: { a: String(value), b: '1' } })),
    ]),
  ),
});

test('equal hits are equal, whatever the order in which they were read', () => {
  const swapped = side('bpf', 0, [1, 2, 3], [4]);
  const tasks = new Map([...swapped.tasks].map(([pid, hits]) => [pid, hits.toReversed()]));
  const answer = compareHits([side('native', 0, [1, 2, 3], [4]), { ...swapped, tasks }]);
  expect(answer).toMatchObject({ hits: 4, differences: [], missed: { native: 0, bpf: 0 } });
});

test('a value that differs is named', () => {
  const { differences } = compareHits([
    side('native', 0, [1, 2]),
    side('lowered', 0, [1, 2]),
    side('bpf', 0, [1, 5]),
  ]);
  expect(differences).toEqual([{ way: 'bpf', pid: 0, at: 1, comm: 'sh', values: ['a: 2, bpf 5'] }]);
});

test('hits that are counted as lost are missed; more are a difference, and what does not fit is on both sides', () => {
  const native = side('native', 0, [1, 2, 3, 2]);
  expect(compareHits([native, side('lowered', 2, [1, 2])])).toMatchObject({
    hits: 2,
    missed: { lowered: 2 },
    differences: [],
  });
  expect(compareHits([native, side('lowered', 1, [1, 2])]).differences).toEqual([
    { way: 'lowered', lacks: 2, lost: 1 },
  ]);
  expect(compareHits([native, side('lowered', 9, [1, 7])]).differences).toEqual([
    { way: 'native', lacks: 1, lost: 0 },
  ]);
});

test('a number that could not be read is counted, not taken for a difference', () => {
  const there = side('native', 0, [0, 2]);
  const here = side('bpf', 0, [0, 2]);
  const tasks = new Map(
    [...here.tasks].map(([pid, [first, ...rest]]) => [
      pid,
      [{ ...first!, args: { a: 'fault', b: '1' } }, ...rest],
    ]),
  );
  expect(compareHits([there, { ...here, tasks }])).toMatchObject({ hits: 2, faults: 1, differences: [] });
});

test('a task that only one way saw is lacking', () => {
  expect(compareHits([side('native', 0, [1]), side('bpf', 0, [1], [1])]).differences).toEqual([
    { way: 'native', lacks: 1, lost: 0 },
  ]);
});

test('what a way refuses is no difference', () => {
  const refusal = { message: 'no', detail: '' };
  const answer = compareHits([
    { ...side('native', 0), refusal },
    side('lowered', 0, [1]),
    side('bpf', 0, [1]),
  ]);
  expect(answer).toMatchObject({ hits: 1, refusals: { native: refusal }, differences: [] });
});

test('docs/backends.md is what the kept runs make of it; they are of the definitions as they are now, and none differs', () => {
  const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const definitions = text('test/data/backends/definitions.txt')
    .split('\n')
    .filter(line => /^[a-z]/.test(line));
  const kept = keptResults();
  expect(kept.length).toBeGreaterThan(0);
  for (const { rows } of kept) {
    expect(rows.map(({ definition }) => definition).sort()).toEqual([...definitions].sort());
    expect(rows.filter(({ differences }) => Object.keys(differences).length > 0)).toEqual([]);
  }
  expect(text('docs/backends.md')).toBe(backendsPage(kept));
});
