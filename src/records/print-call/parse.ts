import type { EventField, RecordLayout } from '../../kernel/index.js';
import { type BytesNode, INT, type IntNode, LONG, type PrintArgument, UNSIGNED_LONG } from '../print-tree.js';
import { constantValue } from '../print-value.js';
import { type ConstantNames, functionValue, type Parts } from './functions.js';
import { NotUnderstood } from './not-understood.js';
import { choose, combine, LEVELS } from './operators.js';
import { TokenReader, tokensOf } from './tokens.js';
import { areWorkable } from './tree-size.js';
import { type CastType, typeName, typeOf } from './type-name.js';
import { cast, constant, elementOf, fieldOf, folded, int, intOf, numberOf, type Value } from './values.js';

/** A `print fmt` as its format string and arguments. */
export interface PrintCall {
  /** Escapes resolved. */
  readonly format: string;
  readonly args: readonly PrintArgument[];
}

const MOST_DEPTH = 60;

/**
 * Parses the `print fmt` of a static event: C expressions over `REC->field` with the kernel's helpers (`__get_str`,
 * `__print_flags` and others). `undefined` when it uses anything else.
 */
export function parsePrintCall(layout: RecordLayout, constants: ConstantNames): PrintCall | undefined {
  const tokens = tokensOf(layout.printFmt);
  if (tokens === undefined) return undefined;
  try {
    return new Parser(new TokenReader(tokens), layout, constants).call();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

class Parser implements Parts {
  readonly tokens: TokenReader;
  readonly #fields: ReadonlyMap<string, EventField>;
  readonly constants: ConstantNames;
  /** Variables of statement expressions. */
  readonly #locals = new Map<string, Value>();
  #depth = 0;

  constructor(tokens: TokenReader, layout: RecordLayout, constants: ConstantNames) {
    this.tokens = tokens;
    this.#fields = new Map([...layout.common, ...layout.fields].map(field => [field.name, field]));
    this.constants = constants;
  }

  call(): PrintCall {
    const format = this.tokens.text();
    const args: PrintArgument[] = [];
    while (this.tokens.accept(',')) args.push(this.expression());
    if (this.tokens.peek().kind !== 'end' || !areWorkable(args)) throw new NotUnderstood();
    return { format, args };
  }

  expression(): Value {
    if (++this.#depth > MOST_DEPTH) throw new NotUnderstood();
    let result = this.#binary(1);
    if (this.tokens.accept('?')) {
      const condition = intOf(result);
      const yes = this.expression();
      this.tokens.expect(':');
      result = choose(condition, yes, this.expression());
    }
    this.#depth--;
    return result;
  }

  int(): IntNode {
    return intOf(this.expression());
  }

  field(): EventField {
    const { kind, text } = this.tokens.next();
    const field = kind === 'word' ? this.#fields.get(text) : undefined;
    if (field === undefined) throw new NotUnderstood();
    return field;
  }

  #binary(level: number): Value {
    let left = this.#unary();
    for (;;) {
      const { kind, text } = this.tokens.peek();
      const ownLevel = kind === 'sign' ? LEVELS.get(text) : undefined;
      if (ownLevel === undefined || ownLevel < level) return left;
      this.tokens.at++;
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
    if (this.tokens.accept('!')) return int({ kind: 'not', type: INT, operand: intOf(this.#unary()) });
    if (this.tokens.accept('+')) return int(intOf(this.#unary()));
    for (const operator of ['~', '-'] as const) {
      if (!this.tokens.accept(operator)) continue;
      const operand = intOf(this.#unary());
      return int(folded({ kind: 'unary', type: operand.type, operator, operand }));
    }
    if (this.tokens.accept('&')) return this.#addressOfField();
    const type = this.#castAhead();
    return type === undefined ? this.#primary() : cast(this.#unary(), type);
  }

  /** `&REC->field`: the field's bytes. */
  #addressOfField(): Value {
    const bracket = this.tokens.accept('(');
    if (this.tokens.next().text !== 'REC') throw new NotUnderstood();
    this.tokens.expect('->');
    const { offset, size } = this.field();
    if (bracket) this.tokens.expect(')');
    return { is: 'bytes', node: { kind: 'fixed', offset, size } };
  }

  /** `(unsigned int)`, `(void *)`; `undefined` when no cast stands here. */
  #castAhead(): CastType | undefined {
    if (this.tokens.peek().text !== '(' || this.tokens.peek().kind !== 'sign') return undefined;
    const start = this.tokens.at++;
    const type = typeName(this.tokens);
    if (type !== undefined && this.tokens.accept(')')) return type;
    this.tokens.at = start;
    return undefined;
  }

  #primary(): Value {
    const token = this.tokens.next();
    if (token.kind === 'number') return int(numberOf(token));
    if (token.kind === 'character') return int(constant(INT, BigInt((token.text.charCodeAt(0) << 24) >> 24)));
    if (token.kind === 'text') {
      this.tokens.at--;
      return { is: 'text', node: { kind: 'literal', text: this.tokens.text() } };
    }
    if (token.kind === 'sign' && token.text === '(') return this.#bracket();
    if (token.kind !== 'word') throw new NotUnderstood();
    if (token.text === 'REC') return this.#fieldValue();
    const local = this.#locals.get(token.text);
    if (local !== undefined) return local;
    return this.tokens.accept('(') ? this.#function(token.text) : this.#name(token.text);
  }

  #bracket(): Value {
    const inner = this.tokens.accept('{') ? this.#statements() : this.expression();
    this.tokens.expect(')');
    return inner;
  }

  /** `({ int x = 1; x + 1; })`: variables that are set once, and a value. */
  #statements(): Value {
    for (;;) {
      const start = this.tokens.at;
      const type = this.#declaration();
      if (type === undefined) {
        this.tokens.at = start;
        const value = this.expression();
        this.tokens.accept(';');
        this.tokens.expect('}');
        return value;
      }
      this.#locals.set(type.name, cast(this.expression(), type));
      this.tokens.expect(';');
    }
  }

  /** `TYPE NAME =`. */
  #declaration(): (CastType & { readonly name: string }) | undefined {
    const words = this.tokens.words();
    const name = words.pop();
    if (words.length === 0 || name === undefined || !this.tokens.accept('=')) return undefined;
    const type = typeOf(words, false);
    if (type === undefined) throw new NotUnderstood();
    return { ...type, name };
  }

  /** An enumerator, or a variable of the kernel. */
  #name(name: string): Value {
    if (name === 'NULL') return int(constant(UNSIGNED_LONG, 0n));
    const value = this.constants(name);
    if (value === undefined) return { is: 'unknown' };
    const type = value >= -0x80000000n && value < 0x80000000n ? INT : value >= 0n ? UNSIGNED_LONG : LONG;
    return int(constant(type, value));
  }

  #fieldValue(): Value {
    this.tokens.expect('->');
    const field = this.field();
    if (!this.tokens.accept('[')) return fieldOf(field);
    const index = this.int();
    this.tokens.expect(']');
    return elementOf(field, index);
  }

  #function(name: string): Value {
    const result = functionValue(name, this);
    this.tokens.expect(')');
    const isText = result.is === 'text' && result.node.kind === 'characters';
    return isText && this.tokens.accept('[') ? this.#character(result.node.bytes) : result;
  }

  /** `__get_str(field)[0]`. */
  #character(bytes: BytesNode): Value {
    const index = constantValue(this.int());
    this.tokens.expect(']');
    if (index === undefined || index < 0n || index > 0xffffn) throw new NotUnderstood();
    return int({ kind: 'character', type: INT, bytes, index: Number(index) });
  }
}
