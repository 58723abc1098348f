import { NotUnderstood } from './not-understood.js';

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)')|(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)|([A-Za-z_]\w*)|(->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:(),{}[\].;=]))/y;
const MOST_TOKENS = 20_000;
/** Characters. The longest of 6.12 has 4559. */
const MOST_LENGTH = 1 << 16;

export interface Token {
  readonly kind: 'text' | 'character' | 'number' | 'word' | 'sign' | 'end';
  /** Without quotes and escapes. */
  readonly text: string;
  /** `u` and `l` of a number, in lower case. */
  readonly suffix: string;
}

const END: Token = { kind: 'end', text: '', suffix: '' };

/** The tokens of a text; `undefined` when there is something else in it, or too much. */
export function tokensOf(source: string): Token[] | undefined {
  if (source.length > MOST_LENGTH) return undefined;
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

/** A place in a list of tokens. */
export class TokenReader {
  at = 0;
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The next token; one of kind `end` behind the last. */
  peek(): Token {
    return this.#tokens[this.at] ?? END;
  }

  next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }

  accept(sign: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.at++;
    return true;
  }

  expect(sign: string): void {
    if (!this.accept(sign)) throw new NotUnderstood();
  }

  /** All words up to what is none. */
  words(): string[] {
    const words: string[] = [];
    for (; this.peek().kind === 'word'; this.at++) words.push(this.peek().text);
    return words;
  }

  /** One string literal, or several in a row. */
  text(): string {
    let text = '';
    do {
      const token = this.next();
      if (token.kind !== 'text') throw new NotUnderstood();
      text += token.text;
    } while (this.peek().kind === 'text');
    return text;
  }
}
