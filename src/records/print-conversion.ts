import type { RecordLayout } from '../kernel/index.js';
import type { ConstantNames } from './print-call/functions.js';
import { parsePrintCall } from './print-call/parse.js';
import type { IntNode, PrintArgument } from './print-tree.js';
import { constantValue } from './print-value.js';

/** A conversion of a `print fmt` with its argument, or plain text. */
export type PrintPiece = string | PrintConversion;

export interface PrintConversion {
  readonly argument: PrintArgument;
  readonly left: boolean;
  readonly zeros: boolean;
  readonly sign: '' | '+' | ' ';
  readonly alternate: boolean;
  readonly width: number;
  readonly precision: number | IntNode | undefined;
  /** Bytes to print with `%*ph`. */
  readonly count: number | IntNode;
  /** Bits of an integer. */
  readonly bits: 8 | 16 | 32 | 64;
  /** The letter, or `p` with what follows it. */
  readonly letter: string;
}

const CONVERSION =
  /%(?:%|([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*))?(hh|h|ll|l|L|q|z|t)?(p(?:I[46]\w*|IS[pfschnbl]*|[A-Za-z][A-Za-z0-9]*)?|[diuxXoscu]))/g;
const MOST_WIDTH = 256;
/** Conversions of pointers that print the address or its symbol. */
const ADDRESSES = new Set(['p', 'px', 'pK', 'pS', 'ps', 'pF', 'pf', 'pB']);
/** Conversions of pointers that print the bytes there. */
const POINTED = /^p(?:I4|I6c?|IS[pfsc]*|[Mm]|MF|U[bBlL]?|h[CDN]?|ap?|ad)$/;

/** Understands a static event's `print fmt`; `undefined` when it has something that is not understood. */
export function parsePrintFormat(
  layout: RecordLayout,
  constants: ConstantNames,
): readonly PrintPiece[] | undefined {
  const call = parsePrintCall(layout, constants);
  return call && piecesOf(call.format, call.args);
}

function piecesOf(format: string, args: readonly PrintArgument[]): readonly PrintPiece[] | undefined {
  const pieces: PrintPiece[] = [];
  const rest = [...args];
  let plain = '';
  let at = 0;
  for (const match of format.matchAll(CONVERSION)) {
    const between = format.slice(at, match.index);
    if (between.includes('%')) return undefined;
    plain += between;
    at = match.index + match[0].length;
    if (match[0] === '%%') {
      plain += '%';
      continue;
    }
    const piece = conversionOf(match, rest);
    if (piece === undefined) return undefined;
    if (plain !== '') pieces.push(plain);
    plain = '';
    pieces.push(piece);
  }
  const end = format.slice(at);
  if (end.includes('%') || rest.length > 0) return undefined;
  return plain + end === '' ? pieces : [...pieces, plain + end];
}

/** Takes the conversion's arguments off the list. */
function conversionOf(match: RegExpMatchArray, args: PrintArgument[]): PrintConversion | undefined {
  const [, flags = '', widthText = '0', precisionText, length, letter = ''] = match;
  const starWidth = widthText === '*' ? integerOf(args.shift()) : undefined;
  const starPrecision = precisionText === '*' ? integerOf(args.shift()) : undefined;
  const argument = args.shift();
  if (argument === undefined || !accepts(letter, argument)) return undefined;
  if ((widthText === '*') !== (starWidth !== undefined)) return undefined;
  if ((precisionText === '*') !== (starPrecision !== undefined)) return undefined;
  const isHex = /^ph/.test(letter);
  const known = starWidth === undefined ? Number(widthText) : Number(constantValue(starWidth) ?? -1n);
  const width = isHex ? 0 : known;
  const precision = starPrecision ?? (precisionText === undefined ? undefined : Number(precisionText));
  if (width < 0 || width > MOST_WIDTH || Number(typeof precision === 'number' ? precision : 0) > MOST_WIDTH)
    return undefined;
  if (typeof precision === 'object' && letter !== 's') return undefined;
  return {
    argument,
    left: flags.includes('-'),
    zeros: flags.includes('0') && !flags.includes('-'),
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    alternate: flags.includes('#'),
    width,
    precision,
    count: starWidth ?? Math.max(1, Number(widthText)),
    bits: length === undefined ? 32 : length === 'hh' ? 8 : length === 'h' ? 16 : 64,
    letter,
  };
}

function integerOf(argument: PrintArgument | undefined): IntNode | undefined {
  return argument?.is === 'int' ? argument.node : undefined;
}

/** Whether an argument is what the conversion prints. */
function accepts(letter: string, argument: PrintArgument): boolean {
  if (letter === 's') return argument.is === 'text' || argument.is === 'bytes' || isPointer(argument);
  if (ADDRESSES.has(letter)) return argument.is === 'int' || (argument.is === 'unknown' && letter === 'p');
  if (letter.startsWith('p')) return POINTED.test(letter) && argument.is === 'bytes';
  return argument.is === 'int';
}

/** What `%s` can take for the address of a text. */
function isPointer(argument: PrintArgument): boolean {
  return argument.is === 'int';
}
