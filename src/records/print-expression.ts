import type { RecordLayout } from '../kernel/index.js';
import type { FieldAccess } from './field-access.js';

/** What an expression of a `print fmt` gives: an integer of up to 64 bits, or text as a byte string. */
export type PrintValue = bigint | string;
/** An expression, ready to be worked out for a record. */
export type PrintExpression = (fields: FieldAccess) => PrintValue;

/** A `print fmt` as its format string and arguments. */
export interface PrintCall {
  /** Escapes resolved. */
  readonly format: string;
  readonly args: readonly PrintExpression[];
}

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)')|(0[xX][0-9a-fA-F]+|\d+)[uUlL]*|([A-Za-z_]\w*)|(->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:(),{}[\].]))/y;
const MOST_TOKENS = 20_000;
const MOST_DEPTH = 60;

/**
 * Parses the `print fmt` of a static event: C expressions over `REC->field` with `__get_str`, `__print_flags` and
 * `__print_symbolic` (spec 11 R11-25). `undefined` when it uses anything else.
 */
export function parsePrintCall(layout: RecordLayout): PrintCall | undefined {
  const tokens = tokensOf(layout.printFmt);
  if (tokens === undefined) return undefined;
  try {
    return new Parser(tokens, new Set([...layout.common, ...layout.fields].map(field => field.name))).call();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

class NotUnderstood extends Error {}

interface Token {
  readonly kind: 'text' | 'number' | 'word' | 'sign' | 'end';
  /** Without quotes and escapes. */
  readonly text: string;
}

function tokensOf(source: string): Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = source.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(source);
    if (match === null || tokens.length >= MOST_TOKENS) return undefined;
    const [, text, character, number, word, sign] = match;
    if (text !== undefined) tokens.push({ kind: 'text', text: withoutEscapes(text.slice(1, -1)) });
    else if (character !== undefined) {
      tokens.push({ kind: 'number', text: String(withoutEscapes(character.slice(1, -1)).charCodeAt(0)) });
    } else if (number !== undefined) tokens.push({ kind: 'number', text: octalAware(number) });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'sign', text: sign! });
  }
  return tokens;
}

function octalAware(number: string): string {
  return /^0[0-7]+$/.test(number) ? `0o${number.slice(1)}` : number;
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => ESCAPED[character] ?? character);
}

type Operation = (left: bigint, right: bigint) => bigint;

const truth = (value: boolean) => (value ? 1n : 0n);

/** Binary operators with how tightly they bind, as in C. */
const OPERATORS: ReadonlyMap<string, readonly [level: number, operation: Operation]> = new Map([
  ['||', [1, (a, b) => truth(a !== 0n || b !== 0n)]],
  ['&&', [2, (a, b) => truth(a !== 0n && b !== 0n)]],
  ['|', [3, (a, b) => a | b]],
  ['^', [4, (a, b) => a ^ b]],
  ['&', [5, (a, b) => a & b]],
  ['==', [6, (a, b) => truth(a === b)]],
  ['!=', [6, (a, b) => truth(a !== b)]],
  ['<', [7, (a, b) => truth(a < b)]],
  ['>', [7, (a, b) => truth(a > b)]],
  ['<=', [7, (a, b) => truth(a <= b)]],
  ['>=', [7, (a, b) => truth(a >= b)]],
  ['<<', [8, (a, b) => a << (b & 63n)]],
  ['>>', [8, (a, b) => a >> (b & 63n)]],
  ['+', [9, (a, b) => a + b]],
  ['-', [9, (a, b) => a - b]],
  ['*', [10, (a, b) => a * b]],
  ['/', [10, (a, b) => (b === 0n ? 0n : a / b)]],
  ['%', [10, (a, b) => (b === 0n ? 0n : a % b)]],
]);

const INTEGER_WORDS =
  /^(?:const|unsigned|signed|long|int|short|char|bool|void|[us](?:8|16|32|64)|__[us](?:8|16|32|64)|u?int(?:8|16|32|64)_t|size_t|ssize_t|uintptr_t|pid_t|dev_t|umode_t|gfp_t|loff_t|sector_t|ino_t|uid_t|gid_t|blkcnt_t)$/;

class Parser {
  readonly #tokens: readonly Token[];
  readonly #fields: ReadonlySet<string>;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], fields: ReadonlySet<string>) {
    this.#tokens = tokens;
    this.#fields = fields;
  }

  call(): PrintCall {
    const format = this.#text();
    const args: PrintExpression[] = [];
    while (this.#accept(',')) args.push(this.#expression());
    if (this.#peek().kind !== 'end') throw new NotUnderstood();
    return { format, args };
  }

  #expression(): PrintExpression {
    if (++this.#depth > MOST_DEPTH) throw new NotUnderstood();
    const condition = this.#binary(1);
    let result = condition;
    if (this.#accept('?')) {
      const yes = this.#expression();
      this.#expect(':');
      const no = this.#expression();
      result = fields => (number(condition(fields)) !== 0n ? yes(fields) : no(fields));
    }
    this.#depth--;
    return result;
  }

  #binary(level: number): PrintExpression {
    let left = this.#unary();
    for (;;) {
      const operator = this.#peek().kind === 'sign' ? OPERATORS.get(this.#peek().text) : undefined;
      if (operator === undefined || operator[0] < level) return left;
      this.#at++;
      const [ownLevel, operation] = operator;
      const first = left;
      const second = this.#binary(ownLevel + 1);
      left = fields => BigInt.asIntN(64, operation(number(first(fields)), number(second(fields))));
    }
  }

  #unary(): PrintExpression {
    if (++this.#depth > MOST_DEPTH) throw new NotUnderstood();
    const result = this.#unaryInside();
    this.#depth--;
    return result;
  }

  #unaryInside(): PrintExpression {
    for (const sign of ['!', '~', '-', '+'] as const) {
      if (!this.#accept(sign)) continue;
      const operand = this.#unary();
      return fields => unaryOf(sign, number(operand(fields)));
    }
    const cast = this.#cast();
    if (cast === undefined) return this.#primary();
    const operand = this.#unary();
    return fields => {
      const value = operand(fields);
      return typeof value === 'string' ? value : cast(value);
    };
  }

  /** `(unsigned int)`, `(void *)`: the cut to that type; `undefined` when no cast stands here. */
  #cast(): ((value: bigint) => bigint) | undefined {
    if (this.#peek().text !== '(' || this.#peek().kind !== 'sign') return undefined;
    const words: string[] = [];
    let at = this.#at + 1;
    for (; this.#tokens[at]?.kind === 'word'; at++) words.push(this.#tokens[at]!.text);
    const pointer = this.#tokens[at]?.text === '*' && words.length > 0;
    while (this.#tokens[at]?.text === '*') at++;
    const known = words.length > 0 && (pointer || words.every(word => INTEGER_WORDS.test(word)));
    if (this.#tokens[at]?.text !== ')' || !known) return undefined;
    this.#at = at + 1;
    if (pointer) return value => value;
    const bits = bitsOf(words);
    const unsigned =
      words.includes('unsigned') ||
      /(?:^|_)u|\bsize_t|gfp_t|dev_t|sector_t|ino_t|gid_t/.test(words.join(' ').replace('unsigned', ''));
    return value => (unsigned ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value));
  }

  #primary(): PrintExpression {
    const token = this.#next();
    if (token.kind === 'number') {
      const value = BigInt(token.text);
      return () => value;
    }
    if (token.kind === 'text') {
      this.#at--;
      const text = this.#text();
      return () => text;
    }
    if (token.kind === 'sign' && token.text === '(') {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (token.kind !== 'word') throw new NotUnderstood();
    if (token.text === 'REC') return this.#field();
    return this.#function(token.text);
  }

  #field(): PrintExpression {
    this.#expect('->');
    const name = this.#fieldName();
    if (!this.#accept('[')) return fields => fields.value(name);
    const index = this.#expression();
    this.#expect(']');
    return fields => fields.element(name, number(index(fields)));
  }

  #function(name: string): PrintExpression {
    this.#expect('(');
    const result = this.#functionInside(name);
    this.#expect(')');
    return result;
  }

  #functionInside(name: string): PrintExpression {
    switch (name) {
      case '__get_str':
      case '__get_rel_str': {
        const field = this.#fieldName();
        return fields => fields.text(field);
      }
      case '__print_flags':
      case '__print_flags_u64': {
        const value = this.#expression();
        this.#expect(',');
        const delimiter = this.#text();
        const names = this.#names();
        return fields => flagsText(number(value(fields)), delimiter, names);
      }
      case '__print_symbolic':
      case '__print_symbolic_u64': {
        const value = this.#expression();
        const names = this.#names();
        return fields => symbolicText(number(value(fields)), names);
      }
      default:
        throw new NotUnderstood();
    }
  }

  /** `, { 1, "a" }, { 2, "b" }`; numbers only, no fields. */
  #names(): readonly (readonly [value: bigint, name: string])[] {
    const names: (readonly [bigint, string])[] = [];
    while (this.#accept(',')) {
      this.#expect('{');
      const value = this.#expression()(NO_FIELDS);
      this.#expect(',');
      const name = this.#text();
      this.#expect('}');
      names.push([BigInt.asUintN(64, number(value)), name]);
    }
    return names;
  }

  #fieldName(): string {
    const { kind, text } = this.#next();
    if (kind !== 'word' || !this.#fields.has(text)) throw new NotUnderstood();
    return text;
  }

  /** One string literal, or several in a row. */
  #text(): string {
    let text = '';
    do {
      const token = this.#next();
      if (token.kind !== 'text') throw new NotUnderstood();
      text += token.text;
    } while (this.#peek().kind === 'text');
    return text;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #accept(sign: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#accept(sign)) throw new NotUnderstood();
  }
}

const NO_FIELDS: FieldAccess = {
  value: () => {
    throw new NotUnderstood();
  },
  element: () => {
    throw new NotUnderstood();
  },
  text: () => {
    throw new NotUnderstood();
  },
};

function number(value: PrintValue): bigint {
  return typeof value === 'bigint' ? value : 0n;
}

function unaryOf(sign: '!' | '~' | '-' | '+', value: bigint): bigint {
  if (sign === '!') return truth(value === 0n);
  if (sign === '~') return ~value;
  return BigInt.asIntN(64, sign === '-' ? -value : value);
}

function bitsOf(words: readonly string[]): number {
  const sized = /\d+/.exec(words.join(' '));
  if (sized !== null) return Number(sized[0]);
  if (words.includes('char') || words.includes('bool')) return 8;
  if (words.includes('short') || words.includes('umode_t')) return 16;
  return words.some(word => /^(?:long|s?size_t|uintptr_t|loff_t|sector_t|ino_t|blkcnt_t)$/.test(word))
    ? 64
    : 32;
}

/** Names of the bits that are set, and what is left over in hexadecimal. */
function flagsText(flags: bigint, delimiter: string, names: readonly (readonly [bigint, string])[]): string {
  let rest = BigInt.asUintN(64, flags);
  const found: string[] = [];
  for (const [mask, name] of names) {
    if (rest === 0n) break;
    if ((rest & mask) !== mask) continue;
    found.push(name);
    rest &= ~mask;
  }
  if (rest !== 0n) found.push(`0x${rest.toString(16)}`);
  return found.join(delimiter);
}

function symbolicText(value: bigint, names: readonly (readonly [bigint, string])[]): string {
  const wanted = BigInt.asUintN(64, value);
  const found = names.find(([number]) => number === wanted);
  return found === undefined ? `0x${wanted.toString(16)}` : found[1];
}
