import { commandText } from '../../host/index.js';

/**
 * A definition as it is written to the kernel: the user's line with our group in its first word. What the kernel then
 * says about the line is told in the user's own words again.
 */
export interface WrittenLine {
  /** What is written to `dynamic_events`. Bytes, one per character. */
  readonly line: string;
  /** Shows a `Command:` text of the kernel with the first word that the user wrote. */
  restoreCommand(command: string): string;
  /** Moves a caret column to the restored text. */
  restoreCaret(caret: number): number;
}

/** The first word of a definition, taken apart. */
export interface FirstWord {
  readonly text: string;
  /** Letter and maxactive. */
  readonly head: string;
  /** As written; `undefined` when none is. */
  readonly group: string | undefined;
  /** As written; '' when the kernel chooses. */
  readonly event: string;
  /** The word behind it; '' without one. */
  readonly place: string;
}

const GROUP = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

/**
 * Takes a definition's first word apart. `undefined` when its group or name are such that replacing the group would
 * hide the kernel's verdict on them.
 */
export function parseFirstWord(definition: string): FirstWord | undefined {
  const [text = '', place = ''] = commandText(definition).split(' ');
  const colon = text.indexOf(':');
  if (colon < 0) return text === '' ? undefined : { text, head: text, group: undefined, event: '', place };
  const head = text.slice(0, colon);
  const name = text.slice(colon + 1);
  const slash = name.indexOf('/');
  const separator = slash < 0 ? name.indexOf('.') : slash;
  if (separator < 0) return name === '' ? undefined : { text, head, group: undefined, event: name, place };
  const group = name.slice(0, separator);
  return GROUP.test(group) ? { text, head, group, event: name.slice(separator + 1), place } : undefined;
}

/** Puts `group` in the place of the user's group; `event` is the event's name, '' to let the kernel choose. */
export function writtenLine(definition: string, word: FirstWord, group: string, event: string): WrittenLine {
  const [, ...rest] = commandText(definition).split(' ');
  const prefix = `${word.head}:${group}/`;
  const first = prefix + event;
  const eventStart = word.text.length - word.event.length;
  return {
    line: [first, ...rest].join(' '),
    restoreCommand: command =>
      command.startsWith(first) ? word.text + command.slice(first.length) : command,
    restoreCaret: caret => {
      if (caret >= first.length) return caret - first.length + word.text.length;
      if (caret >= prefix.length) return Math.min(eventStart + caret - prefix.length, word.text.length);
      return Math.min(caret, word.head.length + 1, word.text.length);
    },
  };
}

/** Why a definition may not be written at all, whatever the language says of it (spec 14 R14-10, R14-12); `undefined` if it may. */
export function unwritable(definition: string): string | undefined {
  if (definition.includes('\n')) return 'a definition is one line';
  if (definition.includes('\0')) return 'a NUL byte ends a definition';
  if (definition.includes('#')) return 'the kernel drops everything from # on, also inside quotes';
  if (/[^\0-\xff]/.test(definition)) return 'a definition is bytes, one per character';
  const stray = commandText(definition).split(' ').find(isStrayParameter);
  if (stray !== undefined) return `${stray} makes the kernel read far outside its memory, which can crash it`;
  return undefined;
}

/**
 * Numbers that are negative as 32 bits the kernel takes for a place in front of its list of parameters. It dies of the
 * fault with its lock held: nothing on that machine can define a probe any more.
 */
function isStrayParameter(word: string): boolean {
  const [, number] = /^\$arg(\d+)/.exec(word) ?? [];
  if (number === undefined) return false;
  return BigInt.asIntN(32, BigInt(number)) !== 0n && BigInt.asIntN(32, BigInt(number) - 1n) < 0n;
}
