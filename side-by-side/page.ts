import { existsSync, readFileSync } from 'node:fs';
import { comparedHits, differs, type Result, type ResultRow, type Way } from './results.js';

const kernels = ['6.12-cloud', '6.1'] as const;
const wayNames: Readonly<Record<Way, string>> = { native: 'native', lowered: 'lowered', bpf: 'eBPF' };

/** A kept run. */
export interface KeptResult extends Result {
  readonly kernel: string;
}

/** The kept runs, as `npm run backends -- --write` left them. */
export function keptResults(): readonly KeptResult[] {
  return kernels.flatMap(kernel => {
    const file = new URL(`../test/data/backends/${kernel}.json`, import.meta.url);
    if (!existsSync(file)) return [];
    return [{ kernel, ...(JSON.parse(readFileSync(file, 'utf8')) as Result) }];
  });
}

/** docs/backends.md. */
export function backendsPage(results: readonly KeptResult[] = keptResults()): string {
  const definitions = [...new Set(results.flatMap(({ rows }) => rows.map(({ definition }) => definition)))];
  return [
    head,
    ...results.map(counts),
    refusals(results),
    '## Every definition\n',
    "`taken`: this way is what the others are compared with; `=`: all its records are equal to that; `missed`: hits that a way lacks and has counted\nas lost (a kprobe is not handled while another one is, in interrupts for instance); `faults`: eBPF says that a number could not be read, where\nthe kernel's record has what was in the buffer.\n",
    table(results, definitions),
  ].join('\n');
}

const head = `# Ways to trace, side by side

\`npm run backends\` traces the definitions of [test/data/backends](../test/data/backends/definitions.txt) on a real kernel in every way there is,
all attached to the same hits of the same workload, and compares what each way reads: the decoded arguments, record for record, in the order of
each task's hits. Not compared are times, flags and the addresses of the probes. This page is what it wrote; its exit status is 1 when anything
differs.

On 6.12 lines are lowered to their plain form, kprobes and byte offsets, though the kernel would take most as they are; 6.1 takes no \`f\` and \`t\`
lines, so lowered lines and eBPF are compared with each other there.
`;

function counts({ kernel, release, rows, ways }: KeptResult): string {
  const sum = (of: (row: ResultRow) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const refused = ways.map(
    way => `${wayNames[way]} ${sum(({ refusals }) => Number(refusals[way] !== undefined))}`,
  );
  return [
    `## ${kernel}\n`,
    `Linux ${release}: ${rows.length} definitions, ${sum(row => comparedHits(row, ways))} hits compared.`,
    `Definitions that differ: ${sum(row => Number(differs(row)))}. Refused: ${refused.join(', ')}.`,
    `Taken by one way alone: ${sum(row => Number(row.hits > 0 && comparedHits(row, ways) === 0))}. Without a hit: ${sum(({ hits }) => Number(hits === 0))}.\n`,
  ].join('\n');
}

function refusals(results: readonly KeptResult[]): string {
  const lines = results.flatMap(({ kernel, rows }) =>
    rows.flatMap(({ definition, refusals }) =>
      Object.entries(refusals).map(
        ([way, reason]) =>
          `| ${code(definition)} | ${kernel} | ${wayNames[way as Way]} | ${reason.replaceAll('|', '\\|')} |`,
      ),
    ),
  );
  return [
    '## What is refused, and why\n',
    '| definition | kernel | way | reason |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

function table(results: readonly KeptResult[], definitions: readonly string[]): string {
  const heads = results.flatMap(({ kernel, ways }) => [`${kernel}: hits`, ...ways.map(way => wayNames[way])]);
  const lines = definitions.map(definition => {
    const cells = results.flatMap(({ rows, ways }) => {
      const row = rows.find(one => one.definition === definition);
      return row === undefined ? ['', ...ways.map(() => '')] : cellsOf(row, ways);
    });
    return `| ${code(definition)} | ${cells.join(' | ')} |`;
  });
  return [
    `| definition | ${heads.join(' | ')} |`,
    `|---|${heads.map(() => '---').join('|')}|`,
    ...lines,
    '',
  ].join('\n');
}

function cellsOf({ hits, missed, faults, differences, refusals }: ResultRow, ways: readonly Way[]): string[] {
  const [first, ...others] = ways.filter(way => refusals[way] === undefined);
  const cells = ways.map(way => {
    if (refusals[way] !== undefined) return 'refused';
    const lacks = missed[way] === undefined ? '' : `, ${missed[way]} missed`;
    if (differences[way] !== undefined) return `${differences[way]} differ${lacks}`;
    if (way === first) return `${others.length === 0 ? 'alone' : 'taken'}${lacks}`;
    if (hits === 0) return '-';
    return `=${lacks}${way === 'bpf' && faults > 0 ? `, ${faults} faults` : ''}`;
  });
  return [String(hits), ...cells];
}

function code(definition: string): string {
  return `\`${definition.replaceAll('|', '\\|')}\``;
}
