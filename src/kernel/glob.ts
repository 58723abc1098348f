/** Tells which function names an ftrace filter pattern means (spec 01 section 3.2). */
export type FilterPattern =
  | { readonly kind: 'names'; matches(name: string): boolean }
  /** A number means a position in the list of traceable functions, from 1. `undefined`: no such position can exist. */
  | { readonly kind: 'position'; readonly position: number | undefined };

/**
 * Reads a pattern as ftrace's filter files do. A `*` at the beginning, at the end or at both means that the rest is
 * the end, the beginning or a part of the name; a `*` elsewhere, `?`, `[...]` and `\` make the whole pattern a glob.
 * A `!` in front is passed over. A pattern that begins with a digit is a position. Never fails: every text is some pattern.
 */
export function parseFilterPattern(text: string): FilterPattern {
  const pattern = text.startsWith('!') ? text.slice(1) : text;
  if (/^[0-9]/.test(pattern)) return { kind: 'position', position: parsePosition(pattern) };
  return { kind: 'names', matches: nameTest(pattern) };
}

/** Is it more than a function's name: a pattern, a position, or a name behind `!`? */
export function isFilterPattern(text: string): boolean {
  return /^[!0-9]|[*?[\\]/.test(text);
}

function nameTest(pattern: string): (name: string) => boolean {
  if (/[?[\\]/.test(pattern) || pattern.slice(1, -1).includes('*')) return name => matchesGlob(pattern, name);
  const open = pattern.startsWith('*');
  const openEnd = pattern.length > 1 && pattern.endsWith('*');
  const body = pattern.slice(open ? 1 : 0, openEnd ? -1 : undefined);
  if (open && openEnd) return name => name.includes(body);
  if (open) return name => name.endsWith(body);
  if (openEnd) return name => name.startsWith(body);
  return name => name === body;
}

function parsePosition(text: string): number | undefined {
  const octal = /^0[0-7]*$/.test(text);
  if (!octal && !/^(0[xX][0-9a-fA-F]+|[1-9][0-9]*)$/.test(text)) return undefined;
  const value = BigInt(octal ? `0o0${text}` : text);
  return value >= 1n && value <= 0xffff_ffffn ? Number(value) : undefined;
}

/**
 * The kernel's glob: `*` any text, `?` any one character, `[a-z]` and `[!a-z]` classes, `\` takes the next character
 * as it is. A class that is not closed is a plain `[`. Takes time proportional to pattern times name at worst.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let next = 0;
  // Only the last star needs to be tried again: what an earlier one took can be given to it.
  let starAt = -1;
  let starNext = 0;
  while (next < name.length) {
    if (pattern[at] === '*') {
      starAt = ++at;
      starNext = next;
      continue;
    }
    const end = at < pattern.length ? matchOne(pattern, at, name[next]!) : -1;
    if (end >= 0) {
      at = end;
      next++;
    } else if (starAt >= 0) {
      at = starAt;
      next = ++starNext;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  // A backslash with nothing behind it stands for the end.
  return at === pattern.length || (at === pattern.length - 1 && pattern[at] === '\\');
}

/** Where the pattern goes on after it matched one character, or -1. */
function matchOne(pattern: string, at: number, character: string): number {
  const first = pattern[at]!;
  if (first === '?') return at + 1;
  if (first === '[') {
    const end = classEnd(pattern, at);
    if (end >= 0) return inClass(pattern.slice(at + 1, end), character) ? end + 1 : -1;
  }
  if (first === '\\') return pattern[at + 1] === character ? at + 2 : -1;
  return first === character ? at + 1 : -1;
}

/** A `]` right after `[` or `[!` belongs to the class. */
function classEnd(pattern: string, at: number): number {
  const body = pattern[at + 1] === '!' ? at + 2 : at + 1;
  return pattern.indexOf(']', body + 1);
}

function inClass(text: string, character: string): boolean {
  const inverted = text.startsWith('!');
  let at = inverted ? 1 : 0;
  let found = false;
  while (at < text.length) {
    const low = text[at]!;
    const isRange = text[at + 1] === '-' && at + 2 < text.length;
    const high = isRange ? text[at + 2]! : low;
    if (low <= character && character <= high) found = true;
    at += isRange ? 3 : 1;
  }
  return found !== inverted;
}
