import type { AgentRow, Way } from './results.js';

/** One record of a task. */
export interface Hit {
  readonly time: bigint;
  readonly comm: string;
  readonly args: Readonly<Record<string, string>>;
}

/** What one way recorded of one definition. */
export interface Side {
  readonly way: Way;
  readonly refusal: { readonly message: string; readonly detail: string } | undefined;
  /** Hits by task. */
  readonly tasks: ReadonlyMap<number, readonly Hit[]>;
  /** Hits that it says it lost. */
  readonly lost: number;
}

export function compareHits(sides: readonly Side[]): Omit<AgentRow, 'definition'>;
