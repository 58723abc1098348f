import type { Span, Suggestion } from '../diagnostic.js';
import type { TextNode } from '../syntax.js';
import type { NearName } from './nearest.js';

/** What helps with one diagnostic. Bytes, one per character. */
export class Advice {
  readonly hints: string[] = [];
  readonly suggestions: Suggestion[] = [];

  say(hint: string): void {
    if (!this.hints.includes(hint)) this.hints.push(hint);
  }

  /** Says what to write, and offers it. */
  offer(hint: string, replacement: string, span: Span): void {
    this.say(hint);
    this.replace(replacement, span);
  }

  replace(replacement: string, span: Span): void {
    this.suggestions.push({ replacement, span });
  }

  /** Asks whether one of these names was meant, and offers them; `written` turns a name into what stands in the line. */
  near(names: readonly NearName[], span: Span, written: (name: string) => string = name => name): void {
    const [first, ...others] = names.map(({ name }) => written(name));
    if (first === undefined) return;
    this.say(
      others.length === 0
        ? `did you mean ${first}?`
        : `did you mean ${first}? Next nearest: ${others.join(', ')}`,
    );
    for (const replacement of [first, ...others]) this.replace(replacement, span);
  }
}

/** Words that a comma joins: the place of the comma in their text. */
export function adviseOnComma(advice: Advice, { span }: TextNode, comma: number): void {
  const start = span.start + comma;
  advice.offer('arguments are parted by blanks, not by commas', ' ', { start, end: start + 1 });
}

/** `a, b or c`. */
export function listed(words: readonly string[], last = 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
