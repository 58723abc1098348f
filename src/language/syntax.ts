import { isDigit, isLetter } from './bytes.js';
import { type Command, splitCommand, type Word } from './command.js';
import type { Span } from './diagnostic.js';

// Definition text to a tree with a span on every node. This never fails: what the kernel would refuse is kept as it
// stands, and judged later. Spans count bytes in the written line.

/** A piece of text and where it stands. */
export interface TextNode {
  readonly text: string;
  readonly span: Span;
}

/** A fetch expression (spec 02 section 1), by its first character as the kernel decides. */
export type FetchSyntax =
  | { readonly node: 'variable'; readonly text: string; readonly span: Span; readonly chain: ChainSyntax }
  | { readonly node: 'name'; readonly text: string; readonly span: Span; readonly chain: ChainSyntax }
  | { readonly node: 'register'; readonly text: string; readonly span: Span; readonly register: TextNode }
  | { readonly node: 'memory'; readonly text: string; readonly span: Span; readonly place: TextNode }
  | { readonly node: 'immediate'; readonly text: string; readonly span: Span; readonly value: TextNode }
  | {
      readonly node: 'text';
      readonly text: string;
      readonly span: Span;
      readonly content: TextNode;
      readonly closed: boolean;
    }
  | DereferenceSyntax
  | { readonly node: 'unknown'; readonly text: string; readonly span: Span };

/** `+OFF(F)`, `-OFF(F)`, `+uOFF(F)`. */
export interface DereferenceSyntax {
  readonly node: 'dereference';
  readonly text: string;
  readonly span: Span;
  readonly user: boolean;
  /** With its `-`, without its `+`. The rest of the text where there is no `(`. */
  readonly offset: TextNode;
  readonly opened: boolean;
  readonly closed: boolean;
  readonly inner: FetchSyntax | undefined;
  /** Text behind the closing brace, which the kernel drops silently. */
  readonly trailing: TextNode | undefined;
}

/** `NAME->a.b`: a root and its members. */
export interface ChainSyntax {
  readonly root: TextNode;
  readonly steps: readonly ChainStep[];
}

export interface ChainStep {
  /** `-` is a hyphen without its `>`. */
  readonly separator: '->' | '.' | '-';
  readonly field: TextNode;
}

export interface ArraySyntax {
  readonly count: TextNode;
  readonly closed: boolean;
  /** Text behind `]`. */
  readonly suffix: TextNode | undefined;
}

/** One argument: `[NAME=]FETCH[:TYPE[COUNT]]`. */
export interface ArgumentSyntax {
  readonly text: string;
  readonly span: Span;
  readonly name: TextNode | undefined;
  readonly body: TextNode;
  readonly fetch: FetchSyntax;
  /** The type without its array suffix; `undefined` where no `:` was written. */
  readonly type: TextNode | undefined;
  readonly array: ArraySyntax | undefined;
}

/** A parsed line. */
export interface ProbeSyntax {
  readonly command: Command;
  /** First letter of the line; `undefined` for a blank one. */
  readonly kind: string | undefined;
  /** Text between the letter and the `:`, a number when it begins with a digit. */
  readonly count: TextNode | undefined;
  /** Text after the first `:` of word 0. */
  readonly name: TextNode | undefined;
  readonly place: Word | undefined;
  readonly args: readonly ArgumentSyntax[];
}

/** Parses one line of the probe language. Never fails. Bytes, one per character (`toByteString`). */
export function parseDefinition(line: string): ProbeSyntax {
  const command = splitCommand(line);
  const [first, place, ...rest] = command.words;
  if (first === undefined)
    return { command, kind: undefined, count: undefined, name: undefined, place, args: [] };
  const colon = first.text.indexOf(':', 1);
  const countEnd = colon < 0 ? first.text.length : colon;
  return {
    command,
    kind: first.text[0],
    count: countEnd > 1 ? slice(first, 1, countEnd) : undefined,
    name: colon < 0 ? undefined : slice(first, colon + 1),
    place,
    args: rest.map(word => parseArgument(word)),
  };
}

/** Parses one argument word. */
export function parseArgument(word: TextNode): ArgumentSyntax {
  const equals = word.text.indexOf('=');
  const body = equals < 0 ? word : slice(word, equals + 1);
  const colon = body.text.indexOf(':');
  const fetch = parseFetch(colon < 0 ? body : slice(body, 0, colon));
  const shared = {
    text: word.text,
    span: word.span,
    name: equals < 0 ? undefined : slice(word, 0, equals),
    body,
    fetch,
  };
  if (colon < 0) return { ...shared, type: undefined, array: undefined };
  const written = slice(body, colon + 1);
  const bracket = written.text.indexOf('[');
  if (bracket < 0) return { ...shared, type: written, array: undefined };
  return { ...shared, type: slice(written, 0, bracket), array: parseArray(slice(written, bracket + 1)) };
}

function parseArray(text: TextNode): ArraySyntax {
  const close = text.text.indexOf(']');
  if (close < 0) return { count: text, closed: false, suffix: undefined };
  const suffix = close + 1 < text.text.length ? slice(text, close + 1) : undefined;
  return { count: slice(text, 0, close), closed: true, suffix };
}

/** Parses a fetch expression without its type. */
function parseFetch(text: TextNode): FetchSyntax {
  const shared = { text: text.text, span: text.span };
  switch (text.text[0]) {
    case '$':
      return { node: 'variable', ...shared, chain: parseChain(text) };
    case '%':
      return { node: 'register', ...shared, register: slice(text, 1) };
    case '@':
      return { node: 'memory', ...shared, place: slice(text, 1) };
    case '+':
    case '-':
      return parseDereference(text);
    case '\\':
      return text.text[1] === '"' ? parseText(text) : { node: 'immediate', ...shared, value: slice(text, 1) };
  }
  const first = text.text.charCodeAt(0);
  if (isLetter(first) || first === 0x5f) return { node: 'name', ...shared, chain: parseChain(text) };
  return { node: 'unknown', ...shared };
}

function parseText(text: TextNode): FetchSyntax {
  const closed = text.text.length > 2 && text.text.endsWith('"');
  const end = closed ? text.text.length - 1 : text.text.length;
  return { node: 'text', text: text.text, span: text.span, content: slice(text, 2, end), closed };
}

function parseDereference(text: TextNode): DereferenceSyntax {
  const user = text.text[1] === 'u';
  const negative = text.text[0] === '-';
  const afterSign = user ? 2 : 1;
  const open = text.text.indexOf('(', afterSign);
  const end = open < 0 ? text.text.length : open;
  // The kernel keeps the `-` with the number and skips the `u` between.
  const digits = slice(text, negative && !user ? 0 : afterSign, end);
  const offset = negative && user ? { text: `-${digits.text}`, span: digits.span } : digits;
  const shared = { node: 'dereference', text: text.text, span: text.span, user, offset } as const;
  if (open < 0) return { ...shared, opened: false, closed: false, inner: undefined, trailing: undefined };
  const close = text.text.lastIndexOf(')');
  const closed = close > open;
  return {
    ...shared,
    opened: true,
    closed,
    inner: parseFetch(slice(text, open + 1, closed ? close : text.text.length)),
    trailing: closed && close + 1 < text.text.length ? slice(text, close + 1) : undefined,
  };
}

function parseChain(text: TextNode): ChainSyntax {
  const steps: ChainStep[] = [];
  let end = separatorFrom(text.text, 0);
  const root = slice(text, 0, end);
  while (end < text.text.length) {
    const separator = text.text[end] === '.' ? '.' : text.text[end + 1] === '>' ? '->' : '-';
    const start = end + separator.length;
    end = separatorFrom(text.text, start);
    steps.push({ separator, field: slice(text, start, end) });
  }
  return { root, steps };
}

function separatorFrom(text: string, start: number): number {
  for (let i = start; i < text.length; i++) if (text[i] === '.' || text[i] === '-') return i;
  return text.length;
}

function slice(of: TextNode, start: number, end = of.text.length): TextNode {
  return {
    text: of.text.slice(start, end),
    span: { start: of.span.start + start, end: of.span.start + end },
  };
}

/** Is the byte at an index a digit? */
export function digitAt(text: string, index: number): boolean {
  return isDigit(text.charCodeAt(index));
}
