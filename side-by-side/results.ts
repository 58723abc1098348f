/** A way to trace, as the agent names it. */
export type Way = 'native' | 'lowered' | 'bpf';

/** What the agent in the guest says of one definition. */
export interface AgentRow {
  readonly definition: string;
  /** Records of each way that takes the definition. */
  readonly counts: Partial<Record<Way, number>>;
  readonly refusals: Partial<Record<Way, { readonly message: string; readonly detail: string }>>;
  /** Hits that all ways recorded: of the way with the fewest. */
  readonly hits: number;
  /** Hits that a way lacks. */
  readonly missed: Partial<Record<Way, number>>;
  /** Hits with a number that could not be read, of which eBPF alone tells. */
  readonly faults: number;
  readonly differences: readonly AgentDifference[];
}

/** One disagreement: of a record, or a way lacks more hits than it says it lost. */
export type AgentDifference =
  | { readonly way: Way; readonly pid: number; readonly at: number; readonly values: readonly string[] }
  | { readonly way: Way; readonly lacks: number; readonly lost: number };

/** What is kept of a run. */
export interface Result {
  readonly release: string;
  readonly version: string;
  readonly ways: readonly Way[];
  readonly rows: readonly ResultRow[];
}

export interface ResultRow {
  readonly definition: string;
  readonly hits: number;
  /** Of a way that lacks hits and says so: how many. */
  readonly missed: Partial<Record<Way, number>>;
  readonly faults: number;
  /** Of a way that differs: in how many hits. */
  readonly differences: Partial<Record<Way, number>>;
  readonly refusals: Partial<Record<Way, string>>;
}

/** The result of a run, its rows in the order of the definitions. */
export function resultOf(
  kernel: { readonly release: string; readonly version: string },
  ways: readonly Way[],
  rows: readonly AgentRow[],
): Result {
  return {
    ...kernel,
    ways,
    rows: rows.map(({ definition, hits, missed, faults, differences, refusals }) => ({
      definition,
      hits,
      missed: Object.fromEntries(Object.entries(missed).filter(([, count]) => count > 0)),
      faults,
      differences: countByWay(differences),
      refusals: Object.fromEntries(Object.entries(refusals).map(([way, { message }]) => [way, message])),
    })),
  };
}

function countByWay(differences: readonly AgentDifference[]): Partial<Record<Way, number>> {
  const counts: Partial<Record<Way, number>> = {};
  for (const { way } of differences) counts[way] = (counts[way] ?? 0) + 1;
  return counts;
}

/** Hits that were compared: none where one way alone takes the definition. */
export function comparedHits({ hits, refusals }: ResultRow, ways: readonly Way[]): number {
  return ways.filter(way => refusals[way] === undefined).length > 1 ? hits : 0;
}

/** Do any two ways differ? */
export function differs({ differences }: ResultRow): boolean {
  return Object.keys(differences).length > 0;
}

/** Every disagreement, a few of each definition. */
export function differencesText(rows: readonly AgentRow[]): string {
  const lines = rows.flatMap(({ definition, differences, counts, refusals }) => [
    ...(differences.length === 0 ? [] : [`${definition}\n  records ${JSON.stringify(counts)}`]),
    ...differences.slice(0, 4).map(one => `  ${JSON.stringify(one)}`),
    ...Object.entries(refusals)
      .filter(([, { detail }]) => detail !== '')
      .map(([way, { message, detail }]) => `${definition}\n  ${way}: ${message}\n${detail}`),
  ]);
  return lines.map(line => `${line}\n`).join('');
}

/** The counts of a run. */
export function summaryText({ release, rows, ways }: Result): string {
  const refused = ways.map(way => {
    const reasons = rows.filter(({ refusals }) => refusals[way] !== undefined);
    return `${way} refuses ${reasons.length}${reasons.map(({ definition, refusals }) => `\n    ${definition}: ${refusals[way]}`).join('')}`;
  });
  const compared = rows.reduce((sum, row) => sum + comparedHits(row, ways), 0);
  const silent = rows.filter(({ hits }) => hits === 0).map(({ definition }) => `\n    ${definition}`);
  return [
    `${release}: ${rows.length} definitions, ${compared} hits compared, ${rows.filter(differs).length} definitions differ`,
    `  without a hit to compare: ${silent.length}${silent.join('')}`,
    ...refused.map(line => `  ${line}`),
    '',
  ].join('\n');
}
