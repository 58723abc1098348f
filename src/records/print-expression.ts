import type { EventField, RecordLayout } from '../kernel/index.js';
import {
  type ArithmeticOperator,
  type BytesNode,
  type ComparisonOperator,
  INT,
  type IntNode,
  type IntSize,
  type IntType,
  LONG,
  type Names,
  type PrintArgument,
  type TextNode,
  UNSIGNED,
  UNSIGNED_LONG,
} from './print-tree.js';
import { constantValue } from './print-value.js';

/** A `print fmt` as its format string and arguments. */
export interface PrintCall {
  /** Escapes resolved. */
  readonly format: string;
  readonly args: readonly PrintArgument[];
}

/** The value of a name that the kernel left in its `print fmt`: an enumerator; `undefined` when it is not known. */
export type ConstantNames = (name: string) => bigint | undefined;

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)')|(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)|([A-Za-z_]\w*)|(->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:(),{}[\].;=]))/y;
const MOST_TOKENS = 20_000;
const MOST_DEPTH = 60;

/**
 * Parses the `print fmt` of a static event: C expressions over `REC->field` with the kernel's helpers (`__get_str`,
 * `__print_flags` and others). `undefined` when it uses anything else.
 */
export function parsePrintCall(layout: RecordLayout, constants: ConstantNames): PrintCall | undefined {
  const tokens = tokensOf(layout.printFmt);
  if (tokens === undefined) return undefined;
  try {
    return new Parser(tokens, layout, constants).call();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

class NotUnderstood extends Error {}

interface Token {
  readonly kind: 'text' | 'character' | 'number' | 'word' | 'sign' | 'end';
  /** Without quotes and escapes. */
  readonly text: string;
  /** `u` and `l` of a number, in lower case. */
  readonly suffix: string;
}

const END: Token = { kind: 'end', text: '', suffix: '' };

function tokensOf(source: string): Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = source.trimEnd().length;
  const push = (kind: Token['kind'], text: string, suffix = '') => tokens.push({ kind, text, suffix });
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(source);
    if (match === null || tokens.length >= MOST_TOKENS) return undefined;
    const [, text, character, number, suffix = '', word, sign] = match;
    if (text !== undefined) push('text', withoutEscapes(text.slice(1, -1)));
    else if (character !== undefined) push('character', withoutEscapes(character.slice(1, -1)));
    else if (number !== undefined) push('number', number, suffix.toLowerCase());
    else if (word !== undefined) push('word', word);
    else push('sign', sign!);
  }
  return tokens;
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => ESCAPED[character] ?? character);
}

/** Binary operators with how tightly they bind, as in C. */
const LEVELS: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);

/** Names of integer types with their size and, where it is not told by `unsigned`, their sign. */
const TYPES: ReadonlyMap<string, readonly [size: IntSize, signed: boolean]> = new Map([
  ['void', [8, false]],
  ['bool', [1, false]],
  ['_Bool', [1, false]],
  ['char', [1, true]],
  ['short', [2, true]],
  ['int', [4, true]],
  ['long', [8, true]],
  ...([8, 16, 32, 64] as const).flatMap(bits =>
    ['s', '__s', 'int', 'u', '__u', 'uint', '__le', '__be'].map(
      prefix =>
        [
          `${prefix}${bits}${prefix.endsWith('int') ? '_t' : ''}`,
          [(bits / 8) as IntSize, !/u|e$/.test(prefix)] as const,
        ] as const,
    ),
  ),
  ['size_t', [8, false]],
  ['ssize_t', [8, true]],
  ['uintptr_t', [8, false]],
  ['loff_t', [8, true]],
  ['sector_t', [8, false]],
  ['blkcnt_t', [8, false]],
  ['ino_t', [8, false]],
  ['dma_addr_t', [8, false]],
  ['phys_addr_t', [8, false]],
  ['pid_t', [4, true]],
  ['dev_t', [4, false]],
  ['gfp_t', [4, false]],
  ['uid_t', [4, false]],
  ['gid_t', [4, false]],
  ['umode_t', [2, false]],
  ['__kernel_rwf_t', [4, true]],
]);

const POINTER: CastType = { size: 8, signed: false, pointer: undefined };
/** Bytes of `struct page`, which pointers count in; the same on every 64-bit kernel so far. */
const PAGE_STRUCT = 64n;

interface CastType {
  readonly size: IntSize;
  readonly signed: boolean;
  /** The type pointed to. */
  readonly pointer: string | undefined;
}

/** An argument, or a pointer to elements of a known size. */
type Value = PrintArgument & { readonly step?: bigint };

class Parser {
  readonly #tokens: readonly Token[];
  readonly #fields: ReadonlyMap<string, EventField>;
  readonly #constants: ConstantNames;
  /** Variables of statement expressions. */
  readonly #locals = new Map<string, Value>();
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], layout: RecordLayout, constants: ConstantNames) {
    this.#tokens = tokens;
    this.#fields = new Map([...layout.common, ...layout.fields].map(field => [field.name, field]));
    this.#constants = constants;
  }

  call(): PrintCall {
    const format = this.#text();
    const args: PrintArgument[] = [];
    while (this.#accept(',')) args.push(this.#expression());
    if (this.#peek().kind !== 'end') throw new NotUnderstood();
    return { format, args };
  }

  #expression(): Value {
    if (++this.#depth > MOST_DEPTH) throw new NotUnderstood();
    let result = this.#binary(1);
    if (this.#accept('?')) {
      const condition = intOf(result);
      const yes = this.#expression();
      this.#expect(':');
      result = choose(condition, yes, this.#expression());
    }
    this.#depth--;
    return result;
  }

  #int(): IntNode {
    return intOf(this.#expression());
  }

  #binary(level: number): Value {
    let left = this.#unary();
    for (;;) {
      const { kind, text } = this.#peek();
      const ownLevel = kind === 'sign' ? LEVELS.get(text) : undefined;
      if (ownLevel === undefined || ownLevel < level) return left;
      this.#at++;
      left = combine(text, left, this.#binary(ownLevel + 1));
    }
  }

  #unary(): Value {
    if (++this.#depth > MOST_DEPTH) throw new NotUnderstood();
    const result = this.#unaryInside();
    this.#depth--;
    return result;
  }

  #unaryInside(): Value {
    if (this.#accept('!')) return int({ kind: 'not', type: INT, operand: intOf(this.#unary()) });
    if (this.#accept('+')) return int(intOf(this.#unary()));
    for (const operator of ['~', '-'] as const) {
      if (!this.#accept(operator)) continue;
      const operand = intOf(this.#unary());
      return int(folded({ kind: 'unary', type: operand.type, operator, operand }));
    }
    if (this.#accept('&')) return this.#addressOfField();
    const type = this.#castAhead();
    return type === undefined ? this.#primary() : cast(this.#unary(), type);
  }

  /** `&REC->field`: the field's bytes. */
  #addressOfField(): Value {
    const bracket = this.#accept('(');
    if (this.#next().text !== 'REC') throw new NotUnderstood();
    this.#expect('->');
    const { offset, size } = this.#field();
    if (bracket) this.#expect(')');
    return { is: 'bytes', node: { kind: 'fixed', offset, size } };
  }

  /** `(unsigned int)`, `(void *)`; `undefined` when no cast stands here. */
  #castAhead(): CastType | undefined {
    if (this.#peek().text !== '(' || this.#peek().kind !== 'sign') return undefined;
    const start = this.#at++;
    const type = this.#typeName();
    if (type !== undefined && this.#accept(')')) return type;
    this.#at = start;
    return undefined;
  }

  /** The words of a type up to what is none. */
  #typeName(): CastType | undefined {
    const words: string[] = [];
    for (; this.#peek().kind === 'word'; this.#at++) words.push(this.#peek().text);
    let isPointer = false;
    while (this.#accept('*')) isPointer = true;
    const names = words.filter(
      word => !['const', 'volatile', '__force', 'unsigned', 'signed'].includes(word),
    );
    if (isPointer) return words.length === 0 ? undefined : { ...POINTER, pointer: names.join(' ') };
    if (names[0] === 'enum' && names.length === 2) return { size: 4, signed: false, pointer: undefined };
    const isUnsigned = words.includes('unsigned');
    if (names.length === 0 && (isUnsigned || words.includes('signed')))
      return { size: 4, signed: !isUnsigned, pointer: undefined };
    const known = names.map(name => TYPES.get(name));
    if (known.length === 0 || known.includes(undefined)) return undefined;
    const [size, signed] =
      ['long', 'short', 'char']
        .map(name => (names.includes(name) ? TYPES.get(name) : undefined))
        .find(Boolean) ?? known[0]!;
    return { size, signed: signed && !isUnsigned, pointer: undefined };
  }

  #primary(): Value {
    const token = this.#next();
    if (token.kind === 'number') return int(numberOf(token));
    if (token.kind === 'character') return int(constant(INT, BigInt((token.text.charCodeAt(0) << 24) >> 24)));
    if (token.kind === 'text') {
      this.#at--;
      return { is: 'text', node: { kind: 'literal', text: this.#text() } };
    }
    if (token.kind === 'sign' && token.text === '(') return this.#bracket();
    if (token.kind !== 'word') throw new NotUnderstood();
    if (token.text === 'REC') return this.#fieldValue();
    const local = this.#locals.get(token.text);
    if (local !== undefined) return local;
    return this.#accept('(') ? this.#function(token.text) : this.#name(token.text);
  }

  #bracket(): Value {
    const inner = this.#accept('{') ? this.#statements() : this.#expression();
    this.#expect(')');
    return inner;
  }

  /** `({ int x = 1; x + 1; })`: variables that are set once, and a value. */
  #statements(): Value {
    for (;;) {
      const start = this.#at;
      const type = this.#declaration();
      if (type === undefined) {
        this.#at = start;
        const value = this.#expression();
        this.#accept(';');
        this.#expect('}');
        return value;
      }
      this.#locals.set(type.name, cast(this.#expression(), type));
      this.#expect(';');
    }
  }

  /** `TYPE NAME =`. */
  #declaration(): (CastType & { readonly name: string }) | undefined {
    const start = this.#at;
    let end = start;
    while (this.#tokens[end]?.kind === 'word') end++;
    if (end - start < 2 || this.#tokens[end]?.text !== '=') return undefined;
    const words = this.#tokens.slice(start, end - 1);
    const type = new Parser(
      words,
      { group: '', name: '', id: undefined, common: [], fields: [], printFmt: '' },
      () => undefined,
    ).#typeName();
    if (type === undefined) throw new NotUnderstood();
    this.#at = end + 1;
    return { ...type, name: this.#tokens[end - 1]!.text };
  }

  /** An enumerator, or a variable of the kernel. */
  #name(name: string): Value {
    if (name === 'NULL') return int(constant(UNSIGNED_LONG, 0n));
    const value = this.#constants(name);
    if (value === undefined) return { is: 'unknown' };
    const type = value >= -0x80000000n && value < 0x80000000n ? INT : value >= 0n ? UNSIGNED_LONG : LONG;
    return int(constant(type, value));
  }

  #fieldValue(): Value {
    this.#expect('->');
    const field = this.#field();
    if (!this.#accept('[')) return fieldOf(field);
    const index = this.#int();
    this.#expect(']');
    const count = Number(field.array) > 0 ? Number(field.array) : 1;
    const size = intSize(field.size / count);
    const { offset, signed } = field;
    return int({ kind: 'element', type: promoted(size, signed), offset, size, signed, count, index });
  }

  #function(name: string): Value {
    const result = this.#functionInside(name);
    this.#expect(')');
    const isText = result.is === 'text' && result.node.kind === 'characters';
    return isText && this.#accept('[') ? this.#character(result.node.bytes) : result;
  }

  /** `__get_str(field)[0]`. */
  #character(bytes: BytesNode): Value {
    const index = constantValue(this.#int());
    this.#expect(']');
    if (index === undefined || index < 0n || index > 0xffffn) throw new NotUnderstood();
    return int({ kind: 'character', type: INT, bytes, index: Number(index) });
  }

  #functionInside(name: string): Value {
    switch (name) {
      case '__get_str':
      case '__get_rel_str':
        return text({ kind: 'characters', bytes: located(this.#field()) });
      case 'mc_event_error_type':
        return text(errorType(this.#int()));
      case 'nvme_trace_disk_name': {
        if (this.#next().text !== 'p') throw new NotUnderstood();
        this.#expect(',');
        return text(diskName(bytesOf(this.#expression())));
      }
      case '__get_dynamic_array':
      case '__get_rel_dynamic_array':
        return { is: 'bytes', node: located(this.#field()) };
      case '__get_dynamic_array_len':
      case '__get_rel_dynamic_array_len':
        return int({ kind: 'length', type: INT, offset: located(this.#field()).offset });
      case '__get_bitmask':
      case '__get_rel_bitmask':
      case '__get_cpumask':
      case '__get_rel_cpumask':
        return text({ kind: 'bitmask', bytes: located(this.#field()) });
      case '__get_sockaddr':
      case '__get_rel_sockaddr':
        return text({ kind: 'socketAddress', bytes: located(this.#field()), letters: 'pc' });
      case '__print_flags':
      case '__print_flags_u64': {
        const value = converted(this.#int(), UNSIGNED_LONG);
        this.#expect(',');
        return text({ kind: 'flags', value, delimiter: this.#text(), names: this.#names() });
      }
      case '__print_symbolic':
      case '__print_symbolic_u64': {
        const value = converted(this.#int(), UNSIGNED_LONG);
        return text({ kind: 'symbolic', value, names: this.#names() });
      }
      case '__print_hex':
      case '__print_hex_str': {
        const bytes = bytesOf(this.#expression());
        this.#expect(',');
        const separator = name === '__print_hex' ? ' ' : '';
        return text({ kind: 'hex', bytes, count: converted(this.#int(), INT), separator });
      }
      case '__print_array': {
        const bytes = bytesOf(this.#expression());
        this.#expect(',');
        const count = converted(this.#int(), INT);
        this.#expect(',');
        return text({ kind: 'array', bytes, count, size: intSize(Number(constantValue(this.#int()))) });
      }
      case '__print_ns_to_secs':
        return int(arithmetic('/', converted(this.#int(), UNSIGNED_LONG), constant(INT, 1_000_000_000n)));
      case '__print_ns_without_secs': {
        const whole = converted(this.#int(), UNSIGNED_LONG);
        return int(converted(arithmetic('%', whole, constant(INT, 1_000_000_000n)), UNSIGNED));
      }
      case 'jiffies_to_msecs': {
        const ticks = converted(this.#int(), UNSIGNED_LONG);
        const frequency = this.#constants('HZ');
        if (frequency === undefined || frequency <= 0n || 1000n % frequency !== 0n) throw new NotUnderstood();
        return int(converted(arithmetic('*', ticks, constant(INT, 1000n / frequency)), UNSIGNED));
      }
      case 'sizeof': {
        const type = this.#typeName();
        if (type === undefined) throw new NotUnderstood();
        return int(constant(UNSIGNED_LONG, BigInt(type.size)));
      }
      case '__builtin_expect': {
        const value = converted(this.#int(), LONG);
        this.#expect(',');
        this.#int();
        return int(value);
      }
      default:
        throw new NotUnderstood();
    }
  }

  /** `, { 1, "a" }, { 2, "b" }`: constants, up to the one without a name. */
  #names(): Names {
    const names: (readonly [bigint, string])[] = [];
    let isOpen = true;
    while (this.#accept(',')) {
      this.#expect('{');
      const value = constantValue(converted(this.#int(), UNSIGNED_LONG));
      if (value === undefined) throw new NotUnderstood();
      this.#expect(',');
      const name = this.#expression();
      this.#expect('}');
      if (name.is === 'text' && name.node.kind === 'literal') {
        if (isOpen) names.push([value, name.node.text]);
      } else if (name.is === 'int') {
        isOpen = false;
      } else {
        throw new NotUnderstood();
      }
    }
    return names;
  }

  #field(): EventField {
    const { kind, text } = this.#next();
    const field = kind === 'word' ? this.#fields.get(text) : undefined;
    if (field === undefined) throw new NotUnderstood();
    return field;
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
    return this.#tokens[this.#at] ?? END;
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

function int(node: IntNode): Value {
  return { is: 'int', node };
}

function text(node: TextNode): Value {
  return { is: 'text', node };
}

/** What the kernel's function of this name calls a memory error: of `enum hw_event_mc_err_type`. */
function errorType(value: IntNode): TextNode {
  const known = ['Corrected', 'Uncorrected', 'Deferred', 'Fatal'];
  const names = known.map((name, number) => [BigInt(number), name] as const);
  const kind = converted(value, UNSIGNED);
  return {
    kind: 'textChoice',
    condition: comparison('<', UNSIGNED, kind, constant(UNSIGNED, BigInt(known.length))),
    yes: { kind: 'symbolic', value: kind, names },
    no: { kind: 'literal', text: 'Info' },
  };
}

/** What the kernel's function of this name prints of a disk's name: nothing when there is none. */
function diskName(bytes: BytesNode): TextNode {
  const parts: TextNode[] = [
    { kind: 'literal', text: 'disk=' },
    { kind: 'characters', bytes },
    { kind: 'literal', text: ', ' },
  ];
  const condition: IntNode = { kind: 'character', type: INT, bytes, index: 0 };
  return { kind: 'textChoice', condition, yes: { kind: 'joined', parts }, no: { kind: 'literal', text: '' } };
}

/** Unknown values are not reckoned with. */
function intOf(value: Value): IntNode {
  if (value.is !== 'int') throw new NotUnderstood();
  return value.node;
}

function bytesOf(value: Value): BytesNode {
  if (value.is !== 'bytes') throw new NotUnderstood();
  return value.node;
}

function textOf(value: Value): TextNode {
  if (value.is === 'text') return value.node;
  if (value.is === 'bytes') return { kind: 'characters', bytes: value.node };
  if (value.is === 'int' && value.node.type.bits === 64) return { kind: 'pointed', address: value.node };
  throw new NotUnderstood();
}

function constant(type: IntType, value: bigint): IntNode {
  return { kind: 'number', type, value };
}

/** The type of a number in C: the first of int, unsigned int, long and unsigned long that it fits and its form allows. */
function numberOf({ text: digits, suffix }: Token): IntNode {
  const isDecimal = !/^0./.test(digits);
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : octalDigits(digits));
  if (value >= 1n << 64n) throw new NotUnderstood();
  const isUnsigned = suffix.includes('u');
  const isLong = suffix.includes('l');
  if (!isLong && !isUnsigned && value < 1n << 31n) return constant(INT, value);
  if (!isLong && (isUnsigned || !isDecimal) && value < 1n << 32n) return constant(UNSIGNED, value);
  if (!isUnsigned && value < 1n << 63n) return constant(LONG, value);
  return constant(UNSIGNED_LONG, value);
}

function octalDigits(digits: string): string {
  if (/^0\d/.test(digits)) throw new NotUnderstood();
  return digits;
}

function intSize(size: number): IntSize {
  if (size === 1 || size === 2 || size === 4 || size === 8) return size;
  throw new NotUnderstood();
}

/** The type of a number of that size in an expression. */
function promoted(size: IntSize, signed: boolean): IntType {
  if (size === 8) return signed ? LONG : UNSIGNED_LONG;
  return size === 4 && !signed ? UNSIGNED : INT;
}

function fieldOf({ offset, size, signed, array, type }: EventField): Value {
  if (array !== undefined) {
    return { is: 'bytes', node: size === 0 ? { kind: 'rest', offset } : { kind: 'fixed', offset, size } };
  }
  if (size !== 1 && size !== 2 && size !== 4 && size !== 8)
    return { is: 'bytes', node: { kind: 'fixed', offset, size } };
  const node = { kind: 'field', type: promoted(size, signed), offset, size, signed } as const;
  return type.endsWith('*') ? int({ ...node, type: promoted(size, false), signed: false }) : int(node);
}

function located({ type, offset, size }: EventField): Extract<BytesNode, { kind: 'located' }> {
  const isRelative = type.startsWith('__rel_loc');
  if (size !== 4 || !(isRelative || type.startsWith('__data_loc'))) throw new NotUnderstood();
  return { kind: 'located', offset, relative: isRelative };
}

function converted(operand: IntNode, type: IntType): IntNode {
  const { bits, signed } = type;
  if (operand.type.bits === bits && operand.type.signed === signed) return operand;
  return folded({ kind: 'convert', type, size: bits === 64 ? 8 : 4, signed, operand });
}

function cast(value: Value, { size, signed, pointer }: CastType): Value {
  if (value.is === 'unknown') return pointer === 'struct page' ? { ...value, step: PAGE_STRUCT } : value;
  if (value.is === 'text' || value.is === 'bytes') {
    if (pointer !== undefined) return value;
    throw new NotUnderstood();
  }
  const operand = value.node;
  const node = folded({ kind: 'convert', type: promoted(size, signed), size, signed, operand });
  return pointer === 'struct page' ? { is: 'int', node, step: PAGE_STRUCT } : int(node);
}

/** The usual arithmetic conversions. */
function common(left: IntType, right: IntType): IntType {
  if (left.bits === right.bits) return { bits: left.bits, signed: left.signed && right.signed };
  return left.bits > right.bits ? left : right;
}

function arithmetic(operator: ArithmeticOperator, left: IntNode, right: IntNode): IntNode {
  const type = common(left.type, right.type);
  return folded({
    kind: 'arithmetic',
    type,
    operator,
    left: converted(left, type),
    right: converted(right, type),
  });
}

function combine(operator: string, first: Value, second: Value): Value {
  if (first.is === 'unknown' || second.is === 'unknown') {
    if (operator !== '+' && operator !== '-') throw new NotUnderstood();
    return { is: 'unknown' };
  }
  const left = intOf(first);
  const right = intOf(second);
  switch (operator) {
    case '&&':
    case '||':
      return int(folded({ kind: 'logical', type: INT, operator, left, right }));
    case '==':
    case '!=':
    case '<':
    case '>':
    case '<=':
    case '>=': {
      const of = common(left.type, right.type);
      return int(comparison(operator, of, converted(left, of), converted(right, of)));
    }
    case '<<':
    case '>>':
      return int(folded({ kind: 'shift', type: left.type, operator, left, right }));
    case '+':
      if (first.step === undefined) return int(arithmetic(operator, left, right));
      return int(
        arithmetic(
          '+',
          left,
          arithmetic('*', converted(right, UNSIGNED_LONG), constant(UNSIGNED_LONG, first.step)),
        ),
      );
    case '-':
    case '*':
    case '/':
    case '%':
    case '&':
    case '|':
    case '^':
      return int(arithmetic(operator, left, right));
    default:
      throw new NotUnderstood();
  }
}

function comparison(operator: ComparisonOperator, of: IntType, left: IntNode, right: IntNode): IntNode {
  return folded({ kind: 'comparison', type: INT, of, operator, left, right });
}

function choose(condition: IntNode, yes: Value, no: Value): Value {
  const known = constantValue(condition);
  if (known !== undefined) return known !== 0n ? yes : no;
  if (yes.is === 'unknown' || no.is === 'unknown') return { is: 'unknown' };
  if (yes.is === 'int' && no.is === 'int') {
    const type = common(yes.node.type, no.node.type);
    return int({
      kind: 'choice',
      type,
      condition,
      yes: converted(yes.node, type),
      no: converted(no.node, type),
    });
  }
  return text({ kind: 'textChoice', condition, yes: textOf(yes), no: textOf(no) });
}

/** A node whose value is the same for every record, as that value. */
function folded(node: IntNode): IntNode {
  const value = constantValue(node);
  return value === undefined ? node : constant(node.type, value);
}
