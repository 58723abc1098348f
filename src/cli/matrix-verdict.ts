import type { Kernel } from '../kernel/index.js';
import {
  type FetchProgram,
  hintsFor,
  type Judgement,
  type ProbeEvent,
  ProbeEvents,
} from '../language/index.js';
import { describeOp } from './fetch-op-text.js';
import { whyNotJudged } from './not-judged.js';

// One definition on one kernel as plain data: small enough to be kept, and all that a comparison needs.
// Texts are byte strings.

/** What a kernel says of a definition. */
export type Verdict = AcceptedVerdict | RefusedVerdict | NotJudgedVerdict;

export interface AcceptedVerdict {
  readonly verdict: 'accepted';
  /** `null` for a deletion. */
  readonly event: EventShape | null;
}

export interface RefusedVerdict {
  readonly verdict: 'refused';
  readonly errno: string;
  /** The kernel's name of the deciding error, or one of ours. */
  readonly code: string;
  /** The kernel's message; ours where it logs nothing. */
  readonly message: string;
  /** What would work there, as far as it is known. */
  readonly hints: readonly string[];
}

export interface NotJudgedVerdict {
  readonly verdict: 'not-judged';
  readonly reason: string;
}

/** What an accepted definition becomes, without what belongs to one kernel alone (addresses). */
export interface EventShape {
  readonly kind: string;
  readonly return: boolean;
  readonly listing: string;
  readonly args: readonly ArgumentShape[];
  /** Operations that save arguments at entry for use at return. */
  readonly entry: readonly string[];
}

export interface ArgumentShape {
  readonly name: string;
  /** The fetch type, with its count of elements. */
  readonly type: string;
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** Bytes in the record. */
  readonly size: number;
  /** Operations: `DEREF +72`. */
  readonly program: readonly string[];
}

/** Judges definitions in order on one list; with `alone`, each on an empty one. */
export function judgeAll(kernel: Kernel, definitions: readonly string[], alone: boolean): Verdict[] {
  using list = new ProbeEvents(kernel);
  return definitions.map(definition => {
    const reason = whyNotJudged(definition);
    if (reason !== undefined) return { verdict: 'not-judged', reason };
    using own = alone ? new ProbeEvents(kernel) : undefined;
    return verdictOf((own ?? list).write(definition), kernel, definition);
  });
}

function verdictOf(judgement: Judgement, kernel: Kernel, definition: string): Verdict {
  if (judgement.accepted) {
    return { verdict: 'accepted', event: judgement.event === undefined ? null : shapeOf(judgement.event) };
  }
  const { errno, log, diagnostics } = judgement;
  const deciding = log[0] ?? diagnostics[0]!;
  const { code, message } = deciding;
  const { hints } = hintsFor(kernel, definition, deciding);
  return { verdict: 'refused', errno, code, message, hints };
}

function shapeOf({ kind, isReturn, listing, args, entryProgram }: ProbeEvent): EventShape {
  return {
    kind,
    return: isReturn,
    listing,
    args: args.map(({ name, type, count, offset, size, program }) => ({
      name,
      type: count === 0 ? type.name : `${type.name}[${count}]`,
      offset,
      size,
      program: operations(program),
    })),
    entry: operations(entryProgram),
  };
}

/** An address that a symbol stands for is each kernel's own. */
function operations(program: FetchProgram): string[] {
  const kept = program.filter(({ op }, at) => op !== 'IMM' || program[at - 1]?.op !== 'SYMBOL');
  return kept.map(op => describeOp(op, []).text);
}
