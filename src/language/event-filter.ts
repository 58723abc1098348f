import type { EventField, Kernel } from '../kernel/index.js';
import { isDigit, isSpace, isWordCharacter } from './bytes.js';
import { isCpuList } from './cpu-list.js';
import type { Diagnostic, Span } from './diagnostic.js';
import {
  type FilterExpression,
  type FilterOperator,
  type FilterTerm,
  type FilterToken,
  filterExpression,
  type NumberOperator,
  type TextOperator,
} from './filter-expression.js';
import { silentDiagnostic } from './line-judge.js';
import { parseSigned, parseUnsigned } from './numbers.js';
import { type ForeignEntry, Refusal, refuse } from './refusal.js';
import type { TextNode } from './syntax.js';
import { textPlace } from './text-field.js';

// Filters on events, behind `if` on an eprobe line and in an event's `filter` file. The kernel judges them by a parser of
// its own, with messages and columns of its own (spec 05 section 3, 14 section 7).

const filterMessages = {
  INVALID_OP: 'Invalid operator',
  TOO_MANY_OPEN: "Too many '('",
  TOO_MANY_CLOSE: "Too few '('",
  MISSING_QUOTE: 'Missing matching quote',
  MISSING_BRACE_OPEN: "Missing '{'",
  MISSING_BRACE_CLOSE: "Missing '}'",
  OPERAND_TOO_LONG: 'Operand too long',
  EXPECT_STRING: 'Expecting string field',
  EXPECT_DIGIT: 'Expecting numeric field',
  ILLEGAL_FIELD_OP: 'Illegal operation for field type',
  FIELD_NOT_FOUND: 'Field not found',
  ILLEGAL_INTVAL: 'Illegal integer value',
  TOO_MANY_PREDS: 'Too many terms in predicate expression',
  INVALID_FILTER: 'Meaningless filter expression',
  INVALID_CPULIST: 'Invalid cpulist',
  INVALID_VALUE: 'Invalid value (did you forget quotes)?',
  NO_FUNCTION: 'Function not found',
  ERRNO: 'Error',
  NO_FILTER: 'No filter found',
} as const;

type FilterErrorCode = keyof typeof filterMessages;

/** Longest text operand and longest number operand, in bytes. */
const longestText = 255;
const longestNumber = 23;

/** A `filter` file takes less than a page. */
const longestFilter = 4095;

const operators = ['~', '!=', '==', '<=', '<', '>=', '>', '&'] as const satisfies readonly FilterOperator[];

type FieldSort = 'text' | 'cpumask' | 'cpu' | 'number' | 'other';

interface FilterField {
  readonly name: string;
  readonly sort: FieldSort;
  readonly size: number;
  readonly signed: boolean;
}

/** Fields that every event has for filters. Those that are no part of the record have no size. */
const genericFields: readonly FilterField[] = [
  ...['CPU', 'cpu', 'common_cpu'].map(name => ({ name, sort: 'cpu' as const, size: 0, signed: true })),
  ...['COMM', 'comm'].map(name => ({ name, sort: 'text' as const, size: 0, signed: false })),
  ...['STACKTRACE', 'stacktrace'].map(name => ({ name, sort: 'other' as const, size: 0, signed: false })),
  { name: 'common_type', sort: 'number', size: 2, signed: false },
  { name: 'common_flags', sort: 'number', size: 1, signed: false },
  { name: 'common_preempt_count', sort: 'number', size: 1, signed: false },
  { name: 'common_pid', sort: 'number', size: 4, signed: true },
];

/** Judges the filter words of an eprobe; `index` is the word position behind `if`. Refuses as the kernel does. */
export function judgeFilter(
  words: readonly TextNode[],
  index: number,
  fields: readonly EventField[],
  kernel: Kernel,
): void {
  if (words.length === 0) refuse('NO_EP_FILTER', index, 0);
  const span = { start: words[0]!.span.start, end: words.at(-1)!.span.end };
  parseFilter(words.map(word => word.text).join(' '), fields, kernel, span);
}

/** A filter that the kernel takes, as what it asks; or what the kernel says of it. */
export type FilterJudgement =
  | { readonly accepted: true; readonly expression: FilterExpression }
  | { readonly accepted: false; readonly diagnostic: Diagnostic };

/** Judges a filter as an event's `filter` file takes it. `fields` are those of the event's records. Bytes, one per character. */
export function compileFilter(text: string, fields: readonly EventField[], kernel: Kernel): FilterJudgement {
  const span = { start: 0, end: text.length };
  if (text.length > longestFilter)
    return {
      accepted: false,
      diagnostic: {
        ...silentDiagnostic('EINVAL', span, text),
        hints: [`a filter may be ${longestFilter} bytes long`],
      },
    };
  try {
    return { accepted: true, expression: filterExpression(parseFilter(text, fields, kernel, span)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { subsystem, code, message, caret } = error.entries[0] as ForeignEntry;
    const { errno } = error;
    return {
      accepted: false,
      diagnostic: { code, message, subsystem, errno, caret, command: text, span, hints: [] },
    };
  }
}

function parseFilter(
  text: string,
  fields: readonly EventField[],
  kernel: Kernel,
  span: Span,
): readonly FilterToken[] {
  const fail = (code: FilterErrorCode, caret: number): never => {
    const message = filterMessages[code];
    throw new Refusal(
      'EINVAL',
      [{ subsystem: 'event filter parse error', code, message, caret, command: text }],
      span,
    );
  };
  const { filtersByFunction } = kernel.dialect.manners;
  const generic = genericFields.filter(({ sort }) => filtersByFunction || sort !== 'other');
  const all = [...fields.map(filterField), ...generic];
  const find = (name: string): FilterField | undefined => all.find(field => field.name === name);
  return new FilterParser(text, find, fail, kernel).parse();
}

function filterField({ name, type, array, size, signed }: EventField): FilterField {
  const isMask = /__(?:data|rel)_loc/.test(type) && type.includes('cpumask_t');
  const isText = textPlace({ type, array }) !== undefined;
  return { name, sort: isText ? 'text' : isMask ? 'cpumask' : 'number', size, signed };
}

class FilterParser {
  private readonly text: string;
  private readonly find: (name: string) => FilterField | undefined;
  private readonly fail: (code: FilterErrorCode, caret: number) => never;
  private readonly kernel: Kernel;
  private readonly tokens: FilterToken[] = [];

  constructor(
    text: string,
    find: (name: string) => FilterField | undefined,
    fail: (code: FilterErrorCode, caret: number) => never,
    kernel: Kernel,
  ) {
    this.text = text;
    this.find = find;
    this.fail = fail;
    this.kernel = kernel;
  }

  parse(): readonly FilterToken[] {
    const predicates = this.countPredicates();
    if (predicates === 0) this.fail('ERRNO', 0);
    let depth = 0;
    let found = 0;
    let at = 0;
    while (at < this.text.length) {
      const start = at++;
      const character = this.text[start];
      if (this.spaceAt(start)) continue;
      if (character === '(') {
        depth++;
        this.tokens.push('(');
        continue;
      }
      if (character === '!' && this.text[start + 1] !== '=' && this.text[start + 1] !== '~') {
        this.tokens.push('!');
        continue;
      }
      if (found >= predicates) this.fail('TOO_MANY_PREDS', start);
      at = this.predicate(start);
      found++;
      const next = this.connective(at, depth);
      if (next === undefined) return this.tokens;
      ({ at, depth } = next);
    }
    if (depth > 0) this.fail('TOO_MANY_OPEN', at);
    if (found === 0) this.fail('NO_FILTER', at);
    return this.fail('INVALID_FILTER', at);
  }

  /** What follows a predicate: closing braces, then `&&`, `||` or the end (`undefined`). */
  private connective(from: number, opened: number): { at: number; depth: number } | undefined {
    let depth = opened;
    for (let at = from; ; at++) {
      if (this.spaceAt(at)) continue;
      const character = this.text[at];
      if (character === undefined) {
        if (depth > 0) this.fail('TOO_MANY_OPEN', at + 1);
        return undefined;
      }
      if ((character === '&' || character === '|') && this.text[at + 1] === character) {
        this.tokens.push(character === '&' ? '&&' : '||');
        return { at: at + 2, depth };
      }
      if (character !== ')') this.fail('TOO_MANY_PREDS', at);
      if (depth === 0) this.fail('TOO_MANY_CLOSE', at + 1);
      this.tokens.push(')');
      depth--;
    }
  }

  /** The kernel's first pass: braces and quotes balanced, predicates counted. */
  private countPredicates(): number {
    let inside = false;
    let predicates = 0;
    let quote: string | undefined;
    let quoteAt = 0;
    const open: number[] = [];
    for (let i = 0; i < this.text.length; i++) {
      const character = this.text[i]!;
      if (this.spaceAt(i)) continue;
      if (quote !== undefined) {
        if (character === quote) quote = undefined;
        continue;
      }
      if (character === "'" || character === '"') {
        quote = character;
        quoteAt = i;
      } else if ((character === '|' || character === '&') && this.text[i + 1] === character) {
        inside = false;
        continue;
      } else if (character === '(') {
        inside = false;
        open.push(i);
        continue;
      } else if (character === ')') {
        inside = false;
        if (open.length === 0) this.fail('TOO_MANY_CLOSE', i);
        open.pop();
        continue;
      }
      if (!inside) predicates++;
      inside = true;
    }
    if (quote !== undefined) this.fail('MISSING_QUOTE', quoteAt);
    if (open.length > 0) this.fail('TOO_MANY_OPEN', open.at(-1)!);
    return predicates;
  }

  /** One `FIELD OP VALUE`; answers where it ends. Columns are one further than the text's. */
  private predicate(start: number): number {
    let at = start;
    while (isWordCharacter(this.text.charCodeAt(at))) at++;
    if (at === start) this.fail('ERRNO', 0);
    const field = this.find(this.text.slice(start, at)) ?? this.fail('FIELD_NOT_FOUND', at + 1);
    const byUser = this.text.startsWith('.ustring', at);
    if (byUser) at += '.ustring'.length;
    const { filtersByFunction } = this.kernel.dialect.manners;
    const byFunction = filtersByFunction && this.text.startsWith('.function', at);
    if (byFunction) at += '.function'.length;
    at = this.skipSpaces(at);
    const operator =
      operators.find(candidate => this.text.startsWith(candidate, at)) ?? this.fail('INVALID_OP', at + 1);
    at = this.skipSpaces(at + operator.length);
    const first = this.text[at];
    const special = (end: number): number =>
      this.term({ kind: 'special', text: this.text.slice(start, end) }, end);
    if (byFunction) return special(this.functionValue(at, field, operator));
    if (filtersByFunction && this.text.startsWith('CPUS', at))
      return special(this.cpusValue(at, field, operator));
    if (first === '"' || first === "'") {
      const text = this.textValue(at, field, operator);
      const end = at + text.value.length + 2;
      return byUser ? special(end) : this.term({ kind: 'text', field: field.name, ...text }, end);
    }
    if (first === '-' || isDigit(this.text.charCodeAt(at))) {
      const { end, ...number } = this.numberValue(at, field, operator);
      return this.term({ kind: 'number', field: field.name, ...number }, end);
    }
    return this.fail('INVALID_VALUE', at + 1);
  }

  private term(term: FilterTerm, end: number): number {
    this.tokens.push(term);
    return end;
  }

  private textValue(
    start: number,
    field: FilterField,
    operator: FilterOperator,
  ): { operator: TextOperator; value: string } {
    if (operator !== '!=' && operator !== '==' && operator !== '~')
      return this.fail('ILLEGAL_FIELD_OP', start + 1);
    if (field.sort !== 'text') this.fail('EXPECT_DIGIT', start + 1);
    const end = this.text.indexOf(this.text[start]!, start + 1);
    if (end < 0) this.fail('MISSING_QUOTE', this.text.length + 1);
    if (end - start - 1 > longestText) this.fail('OPERAND_TOO_LONG', end + 1);
    return { operator, value: this.text.slice(start + 1, end) };
  }

  private numberValue(
    start: number,
    field: FilterField,
    operator: FilterOperator,
  ): { operator: NumberOperator; value: bigint; end: number } {
    if (field.sort === 'text') this.fail('EXPECT_STRING', start + 1);
    if (operator === '~') return this.fail('ILLEGAL_FIELD_OP', start + 1);
    const end = this.alphanumericEnd(this.text[start] === '-' ? start + 1 : start);
    if (end - start > longestNumber) this.fail('OPERAND_TOO_LONG', end + 1);
    const digits = this.text.slice(start, end);
    const value = field.signed ? parseSigned(digits) : parseUnsigned(digits);
    if (typeof value === 'string') return this.fail('ILLEGAL_INTVAL', start + 1);
    return { operator, value, end };
  }

  private functionValue(start: number, field: FilterField, operator: FilterOperator): number {
    if (field.size !== 8) this.fail('ILLEGAL_FIELD_OP', start + 1);
    if (operator !== '==' && operator !== '!=') this.fail('INVALID_OP', start + 1);
    let end = start;
    let address: bigint | undefined;
    if (isDigit(this.text.charCodeAt(start))) {
      end = this.alphanumericEnd(start);
      if (end - start > longestNumber) this.fail('OPERAND_TOO_LONG', end + 1);
      const value = parseUnsigned(this.text.slice(start, end));
      address = typeof value === 'bigint' ? value : this.fail('ILLEGAL_INTVAL', end + 1);
    } else {
      while (end < this.text.length && !this.spaceAt(end)) end++;
      address = this.kernel.symbols.first(this.text.slice(start, end))?.address;
    }
    if (address === undefined || this.kernel.symbols.resolve(address) === undefined)
      this.fail('NO_FUNCTION', end + 1);
    return end;
  }

  private cpusValue(start: number, field: FilterField, operator: FilterOperator): number {
    if (field.sort === 'text' || field.sort === 'other') this.fail('ILLEGAL_FIELD_OP', start + 1);
    if (operator !== '==' && operator !== '!=' && operator !== '&') this.fail('ILLEGAL_FIELD_OP', start + 1);
    const open = start + 'CPUS'.length;
    if (this.text[open] !== '{') this.fail('MISSING_BRACE_OPEN', open + 2);
    const close = this.text.indexOf('}', open);
    if (close < 0) this.fail('MISSING_BRACE_CLOSE', this.text.length + 1);
    if (close === open + 1 || !isCpuList(this.text.slice(open + 1, close), this.kernel.possibleCpus))
      this.fail('INVALID_CPULIST', close + 1);
    return close + 1;
  }

  private alphanumericEnd(from: number): number {
    let end = from;
    while (isWordCharacter(this.text.charCodeAt(end)) && this.text[end] !== '_') end++;
    return end;
  }

  private skipSpaces(from: number): number {
    let at = from;
    while (this.spaceAt(at)) at++;
    return at;
  }

  private spaceAt(at: number): boolean {
    return isSpace(this.text.charCodeAt(at));
  }
}
