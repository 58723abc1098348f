import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { corpora, type Disagreement, type GroupCount, measureAgreement } from './agreement.js';

const baseline = JSON.parse(readFileSync(new URL('baseline.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, GroupCount>
>;
const measured = new Map(
  Object.entries(corpora).map(([name, corpus]) => [name, measureAgreement(corpus)] as const),
);

function shown(disagreements: readonly Disagreement[]): string {
  const lines = disagreements.slice(0, 12).map(({ recorded, cause }) => {
    const before = recorded.setup?.map(line => `${JSON.stringify(line)}, then `).join('') ?? '';
    return `  ${before}${JSON.stringify(recorded.def)}\n    ${cause}`;
  });
  const more = disagreements.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more: npm run agreement`] : [])].join('\n');
}

test('every recorded question is asked, and every group has its baseline', () => {
  const cases = Object.values(baseline).flatMap(groups => Object.values(groups));
  expect(cases.reduce((sum, group) => sum + group.cases, 0)).toBeGreaterThan(9_000);
  for (const [name, { groups }] of measured) {
    const known = Object.fromEntries(
      Object.entries(baseline[name] ?? {}).map(([group, { cases: n }]) => [group, n]),
    );
    const asked = Object.fromEntries(Object.entries(groups).map(([group, { cases: n }]) => [group, n]));
    expect(asked, `the cases of ${name} changed: npm run agreement -- --write`).toEqual(known);
  }
});

test('98 of 100 plain definitions at least are answered as the kernel answered, in every aspect', () => {
  const { groups, disagreements } = measured.get('kernel-6.12-cloud')!;
  const plain = groups.plain!;
  expect(plain.cases).toBeGreaterThan(5_000);
  const list = shown(disagreements.filter(({ group }) => group === 'plain'));
  expect(1 - plain.disagreements / plain.cases, list).toBeGreaterThanOrEqual(0.98);
});

const groupsOf = (name: string): [string, string][] =>
  Object.keys(baseline[name] ?? {}).map(group => [name, group]);

test.each(Object.keys(baseline).flatMap(groupsOf))(
  '%s, %s: no more disagreements than before',
  (name, group) => {
    const before = baseline[name]![group]!.disagreements;
    const { groups, disagreements } = measured.get(name)!;
    const now = groups[group]?.disagreements ?? 0;
    if (now < before) {
      console.log(`${name}, ${group}: ${now} disagreements, ${before} before: npm run agreement -- --write`);
    }
    expect(
      now,
      shown(disagreements.filter(disagreement => disagreement.group === group)),
    ).toBeLessThanOrEqual(before);
  },
);
