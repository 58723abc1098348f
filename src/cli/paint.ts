import { styleText } from 'node:util';
import { say } from './standard-streams.js';

/** Colours of what is said; plain unless the stream is a terminal and `NO_COLOR` is not set. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

/** Colours for a stream. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return {
    good: text => styleText('green', text, { stream }),
    bad: text => styleText('red', text, { stream }),
    strong: text => styleText('bold', text, { stream }),
    faint: text => styleText('dim', text, { stream }),
  };
}

/** Says on stderr what a person should know and a program need not read. */
export function note(text: string): void {
  say(`btfprobe: ${printableLines(text)}\n`);
}

/** Text without what would move a terminal's cursor or change its colours: such characters become `\x1b` and the like. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The same, but for ends of lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
