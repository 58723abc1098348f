import { fileURLToPath } from 'node:url';
import { openBundle } from '../../src/host/index.js';
import type { Kernel } from '../../src/kernel/index.js';
import { type Answer, answerQuestion } from '../../src/language/index.js';
import { caseGroup, differences, type Recorded, readCorpus } from './recorded.js';

/** A recording, and the bundle of the kernel that answered. */
export interface Corpus {
  readonly file: URL;
  readonly bundle: string;
}

const corpus = (file: string, bundle: string): Corpus => ({
  file: new URL(`../data/conformance/${file}`, import.meta.url),
  bundle: fileURLToPath(new URL(`../../${bundle}`, import.meta.url)),
});

/** The recordings that are compared, by the name they have in the baseline. */
export const corpora: Readonly<Record<string, Corpus>> = {
  'kernel-6.12-cloud': corpus('kernel-6.12-cloud.jsonl.gz', 'kernels/6.12-cloud'),
  'own-syntax': corpus('own-syntax.jsonl', 'kernels/6.12-cloud'),
  'kernel-6.1': corpus('kernel-6.1.jsonl.gz', 'test/data/kernels/6.1'),
};

/** A case in which our answer is not the kernel's. */
export interface Disagreement {
  readonly group: string;
  readonly recorded: Recorded;
  /** What differs, and for verdicts who said what: the same text for disagreements that have the same cause. */
  readonly cause: string;
}

/** Cases and disagreements of one group of cases. */
export interface GroupCount {
  cases: number;
  disagreements: number;
}

/** Disagreements of one group that have the same cause. */
export interface CauseCount {
  readonly group: string;
  readonly cause: string;
  readonly count: number;
  /** The first definition that shows it. */
  readonly example: string;
}

export interface Agreement {
  readonly groups: Readonly<Record<string, GroupCount>>;
  readonly disagreements: readonly Disagreement[];
}

/** Puts every recorded question of a corpus to the judge and compares the answers, whatever aspect the record has. */
export function measureAgreement({ file, bundle }: Corpus): Agreement {
  using kernel = openBundle(bundle);
  const groups: Record<string, GroupCount> = {};
  const disagreements: Disagreement[] = [];
  for (const recorded of readCorpus(file)) {
    const group = caseGroup(recorded);
    groups[group] ??= { cases: 0, disagreements: 0 };
    groups[group].cases++;
    const cause = disagreementCause(kernel, recorded);
    if (cause === undefined) continue;
    groups[group].disagreements++;
    disagreements.push({ group, recorded, cause });
  }
  return { groups: sortedByName(groups), disagreements };
}

function disagreementCause(kernel: Kernel, recorded: Recorded): string | undefined {
  let answer: Answer;
  try {
    answer = answerQuestion(kernel, recorded);
  } catch (error) {
    return `we threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
  const different = differences(answer, recorded);
  if (different.length === 0) return undefined;
  const verdictDiffers = different.some(aspect => aspect === 'errno' || aspect === 'message');
  return verdictDiffers
    ? `kernel: ${verdict(recorded)}; ours: ${verdict(answer)}`
    : `${different.join(', ')} of: ${verdict(recorded)}`;
}

function verdict(answer: Pick<Answer, 'errno' | 'log'>): string {
  if (answer.errno === null) return 'accepted';
  return `${answer.errno} ${answer.log === null ? 'without a log entry' : JSON.stringify(answer.log.message)}`;
}

/** How often each cause occurs in each group, the most frequent first; causes of one count by name. */
export function countCauses(disagreements: readonly Disagreement[]): CauseCount[] {
  const counts = new Map<string, CauseCount>();
  for (const { group, cause, recorded } of disagreements) {
    const key = `${group} ${cause}`;
    const count = counts.get(key) ?? { group, cause, count: 0, example: recorded.def };
    counts.set(key, { ...count, count: count.count + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
}

function sortedByName<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
