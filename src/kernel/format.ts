import { KernelError } from './error.js';
import type { EventField, RecordLayout } from './types.js';

/** A format file names at most this many fields (the longest of 6.12 has 60) and is at most this long. */
const maxFields = 4096;
const maxText = 4 << 20;
/** A record must fit in a sub-buffer of the ring buffer; none is larger than this many bytes. */
const maxOffset = 1 << 24;

/**
 * Reads the text of an event's `format` file (spec 11 section 4, R11-13 to R11-18).
 * The group does not stand in the file; `group` fills it in. A text without `print fmt:`, as in `event-formats` of a
 * bundle, has an empty `printFmt`. Throws a `KernelError` with code `bad-format`.
 */
export function parseFormat(text: string, group = ''): RecordLayout {
  if (text.length > maxText) throw damaged('too long');
  const header = /^name: ([^\n]*)\n(?:ID: ([^\n]*)\n)?format:[ \t]*(?:\n|$)/.exec(text);
  if (header === null) throw damaged('it does not begin with "name:", "ID:" and "format:"');
  const name = header[1]!.trim();
  if (name === '') throw damaged('the event has no name');
  const { common, fields, end } = parseFields(text, header[0].length);
  return {
    group,
    name,
    id: header[2] === undefined ? undefined : parseId(header[2]),
    common,
    fields,
    printFmt: parsePrintFormat(text, end),
  };
}

function parseFields(text: string, start: number) {
  const all: EventField[] = [];
  let paragraphs = 0;
  let inParagraph = false;
  let commonCount = -1;
  let at = start;
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const line = text.slice(at, end);
    if (line.trim() === '') {
      if (inParagraph && ++paragraphs === 1) commonCount = all.length;
      inParagraph = false;
    } else if (/^\s*field[^:;]*:/.test(line)) {
      if (all.length >= maxFields) throw damaged(`more than ${maxFields} fields`);
      all.push(parseField(line));
      inParagraph = true;
    } else {
      break;
    }
    at = end + 1;
  }
  if (commonCount < 0) commonCount = all.findIndex(field => !field.name.startsWith('common_'));
  if (commonCount < 0) commonCount = all.length;
  return {
    common: all.slice(0, commonCount),
    fields: all.slice(commonCount),
    end: Math.min(at, text.length),
  };
}

/** One `field:` line of a format file. Throws a `KernelError` with code `bad-format`. */
export function parseField(line: string): EventField {
  const parts =
    /^\s*field[^:;]*:([^;]*);\s*offset:\s*([0-9]+);\s*size:\s*([0-9]+);\s*signed:\s*([01]);?\s*$/.exec(line);
  if (parts === null) throw damaged(`the line ${JSON.stringify(line.slice(0, 120))} is no field`);
  const declaration = parts[1]!.trim();
  const brackets = arraySuffix(declaration);
  const declarator = declaration.slice(0, brackets).trimEnd();
  const name = /[^\s*\])]+$/.exec(declarator)?.[0];
  if (name === undefined) throw damaged(`the field ${JSON.stringify(declaration.slice(0, 120))} has no name`);
  const type = declarator.slice(0, declarator.length - name.length).trim();
  if (type === '') throw damaged(`the field ${JSON.stringify(name.slice(0, 120))} has no type`);
  return {
    name,
    type,
    offset: byteCount(parts[2]!, name),
    size: byteCount(parts[3]!, name),
    signed: parts[4] === '1',
    array: brackets === declaration.length ? undefined : declaration.slice(brackets + 1, -1).trim(),
  };
}

/** Where the `[...]` groups at the end of a declaration begin. */
function arraySuffix(declaration: string): number {
  let at = declaration.length;
  while (at > 0 && declaration[at - 1] === ']') {
    let depth = 0;
    let open = at;
    do {
      open--;
      if (declaration[open] === ']') depth++;
      if (declaration[open] === '[') depth--;
    } while (open >= 0 && depth > 0);
    if (open < 0) throw damaged(`brackets of ${JSON.stringify(declaration.slice(0, 120))} do not match`);
    at = open;
  }
  return at;
}

/** Bundles leave out the line `print fmt:` itself, but not the further lines of a print format that has several. */
function parsePrintFormat(text: string, at: number): string {
  const label = 'print fmt:';
  if (!text.startsWith(label, at)) return '';
  return text.slice(at + label.length).trim();
}

function parseId(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text.trim()))
    throw damaged(`the ID ${JSON.stringify(text.slice(0, 40))} is no number`);
  return Number(text);
}

function byteCount(digits: string, field: string): number {
  const value = Number(digits);
  if (value > maxOffset)
    throw damaged(`the field ${JSON.stringify(field.slice(0, 120))} lies outside any record`);
  return value;
}

function damaged(why: string): KernelError {
  return new KernelError('bad-format', `event format: ${why}`);
}
