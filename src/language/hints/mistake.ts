import type { Kernel } from '../../kernel/index.js';
import type { Diagnostic, Span } from '../diagnostic.js';
import type { ArgumentSyntax, ChainStep, ChainSyntax, FetchSyntax, ProbeSyntax } from '../syntax.js';
import type { Advice } from './advice.js';
import type { Site } from './site.js';

/** Where a symbol of a program lies in its file. */
export interface UserSymbol {
  /** File offsets of all functions of that name; empty where there is none. */
  readonly offsets: readonly bigint[];
  /** Why the file could not be searched, in words. */
  readonly problem?: string;
  /** Names of the functions in the file, for nearest names. */
  readonly names?: () => Iterable<string>;
}

/** Looks a symbol up in a program or library. The language reads no files: whoever may gives it this. */
export type FindUserSymbol = (path: string, symbol: string) => UserSymbol;

/** One diagnostic and all that helps to advise on it. */
export interface Mistake {
  readonly diagnostic: Diagnostic;
  readonly kernel: Kernel;
  readonly syntax: ProbeSyntax;
  readonly site: Site;
  /** The argument that is to blame, if it is one. */
  readonly argument: ArgumentSyntax | undefined;
  readonly findUserSymbol: FindUserSymbol | undefined;
  readonly advice: Advice;
}

/** The argument whose bytes hold a span. */
export function argumentAt(syntax: ProbeSyntax, span: Span): ArgumentSyntax | undefined {
  return syntax.args.find(({ span: own }) => own.start <= span.start && span.end <= own.end);
}

/** The innermost fetch expression of an argument. */
export function innermost(fetch: FetchSyntax): FetchSyntax {
  return fetch.node === 'dereference' && fetch.inner !== undefined ? innermost(fetch.inner) : fetch;
}

/** The chain of an argument, if it has one. */
function chainOf(argument: ArgumentSyntax | undefined): ChainSyntax | undefined {
  if (argument === undefined) return undefined;
  const fetch = innermost(argument.fetch);
  return fetch.node === 'name' || fetch.node === 'variable' ? fetch.chain : undefined;
}

/** A chain and the step whose field a diagnostic blames. */
export function blamedStep({
  argument,
  diagnostic,
}: Mistake): { chain: ChainSyntax; step: ChainStep; at: number } | undefined {
  const chain = chainOf(argument);
  const at = chain?.steps.findIndex(({ field }) => field.span.start === diagnostic.span.start) ?? -1;
  const step = chain?.steps[at];
  return chain === undefined || step === undefined ? undefined : { chain, step, at };
}

/** The separator in front of a field. */
export function separatorSpan({ separator, field }: ChainStep): Span {
  return { start: field.span.start - separator.length, end: field.span.start };
}
