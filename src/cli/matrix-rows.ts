import type { GivenDefinition } from './definitions.js';
import { differencesFrom } from './matrix-differences.js';
import type { KernelVerdicts } from './matrix-kernels.js';
import type { EventShape, NotJudgedVerdict, RefusedVerdict } from './matrix-verdict.js';

/** One definition on all kernels. */
export interface MatrixRow {
  readonly definition: GivenDefinition;
  /** Name of the first kernel that accepts it, with which the others are compared; `undefined` where none does. */
  readonly reference: string | undefined;
  /** In the order of the kernels. */
  readonly cells: readonly MatrixCell[];
}

/** One definition on one kernel, compared with the first that accepts it. */
export type MatrixCell = { readonly kernel: string; readonly release: string } & (
  | { readonly verdict: 'accepted'; readonly event: EventShape | null }
  | { readonly verdict: 'differs'; readonly event: EventShape; readonly differences: readonly string[] }
  | RefusedVerdict
  | NotJudgedVerdict
);

/** Turns what each kernel says into what is said of each definition. */
export function compareKernels(
  definitions: readonly GivenDefinition[],
  columns: readonly KernelVerdicts[],
): readonly MatrixRow[] {
  return definitions.map((definition, index) => compareDefinition(definition, index, columns));
}

function compareDefinition(
  definition: GivenDefinition,
  index: number,
  columns: readonly KernelVerdicts[],
): MatrixRow {
  const first = columns.find(({ verdicts }) => verdicts[index]!.verdict === 'accepted');
  const verdict = first?.verdicts[index];
  const reference = verdict?.verdict === 'accepted' ? verdict.event : null;
  const cells = columns.map(({ name, release, verdicts }): MatrixCell => {
    const found = verdicts[index]!;
    const place = { kernel: name, release };
    if (found.verdict !== 'accepted') return { ...place, ...found };
    const { event } = found;
    const differences = reference === null || event === null ? [] : differencesFrom(reference, event);
    return event === null || differences.length === 0
      ? { ...place, verdict: 'accepted', event }
      : { ...place, verdict: 'differs', event, differences };
  });
  return { definition, reference: first?.name, cells };
}
