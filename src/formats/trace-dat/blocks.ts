import { latin1 } from '../../records/index.js';
import type { FormatText } from './contents.js';
import { type Cursor, untilNul } from './cursor.js';
import { TraceDatError } from './error.js';

/** Larger texts are no kernel's. */
const LARGEST_FORMAT = 4 << 20;
const LARGEST_HEADER = 1 << 16;
const LARGEST_TEXT = 256 << 20;

/** The blocks that both versions share (spec 13 section 2), each read where the cursor stands. */

export function readHeaders(cursor: Cursor): { headerPage: string; headerEvent: string } {
  const headerPage = readHeader(cursor, 'header_page');
  return { headerPage, headerEvent: readHeader(cursor, 'header_event') };
}

export function readFtraceFormats(cursor: Cursor): FormatText[] {
  return readGroup(cursor, 'ftrace');
}

export function readEventFormats(cursor: Cursor): FormatText[] {
  const formats: FormatText[] = [];
  for (let left = cursor.u32(); left > 0; left--) {
    const group = cursor.string('the name of a group of events');
    for (const format of readGroup(cursor, group)) formats.push(format);
  }
  return formats;
}

/** A block of a 32-bit size and a text: kallsyms, printk. */
export function readText32(cursor: Cursor, what: string): Uint8Array {
  return cursor.take(checked(cursor.u32(), LARGEST_TEXT, what, cursor), what);
}

/** A block of a 64-bit size and a text: command names. */
export function readText64(cursor: Cursor, what: string): Uint8Array {
  return cursor.take(checked(cursor.size(what), LARGEST_TEXT, what, cursor), what);
}

function readGroup(cursor: Cursor, group: string): FormatText[] {
  const formats: FormatText[] = [];
  // Each takes at least its size of 8 bytes, so a wrong count ends with the file.
  for (let left = cursor.u32(); left > 0; left--) {
    const size = checked(cursor.size('a format'), LARGEST_FORMAT, 'a format', cursor);
    formats.push({ group, text: untilNul(cursor.take(size, 'a format')) });
  }
  return formats;
}

function readHeader(cursor: Cursor, name: string): string {
  const { place } = cursor;
  const found = cursor.string(name);
  if (found !== name) throw new TraceDatError('damaged', `${name} is not where it should be`, place);
  const size = checked(cursor.size(name), LARGEST_HEADER, name, cursor);
  return latin1(cursor.take(size, name));
}

function checked(size: number, limit: number, what: string, cursor: Cursor): number {
  if (size <= limit) return size;
  throw new TraceDatError('damaged', `${what} of ${size} bytes`, cursor.place);
}
