import { isSpace } from './bytes.js';
import type { Span } from './diagnostic.js';

/** One word of a command. */
export interface Word {
  readonly text: string;
  /** Where it stands in the written line. */
  readonly span: Span;
}

/** A written line cut into words, as the kernel sees it: comment dropped, white space folded (spec 05 section 1.1). */
export interface Command {
  readonly words: readonly Word[];
}

/** Cuts one line (no newline in it). Bytes, one per character. */
export function splitCommand(line: string): Command {
  const comment = line.indexOf('#');
  const end = comment < 0 ? line.length : comment;
  const words: Word[] = [];
  let at = 0;
  while (at < end) {
    while (at < end && isSpace(line.charCodeAt(at))) at++;
    const start = at;
    while (at < end && !isSpace(line.charCodeAt(at))) at++;
    if (at > start) words.push({ text: line.slice(start, at), span: { start, end: at } });
  }
  return { words };
}

/** The text after `Command: ` in the error log. */
export function commandText(words: readonly { readonly text: string }[]): string {
  return words.map(word => word.text).join(' ');
}
