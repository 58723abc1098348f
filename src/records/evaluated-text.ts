import type { RecordLayout } from '../kernel/index.js';
import type { ByteText } from './byte-text.js';
import { RecordFields } from './field-access.js';
import type { PageRecord } from './page-record.js';
import { type PrintExpression, type PrintValue, parsePrintCall } from './print-expression.js';
import type { BodyPrinter, ProbeSymbols } from './probe-text.js';

/** A conversion of the format string with its argument, or plain text. */
type Piece = string | Conversion;

interface Conversion {
  readonly expression: PrintExpression;
  readonly left: boolean;
  readonly pad: ' ' | '0';
  readonly sign: '' | '+' | ' ';
  readonly alternate: boolean;
  readonly width: number;
  readonly precision: number | undefined;
  /** Bits of the integer. */
  readonly bits: 8 | 16 | 32 | 64;
  /** The letter, or `p` with what follows it. */
  readonly letter: string;
}

const CONVERSION = /%(?:%|([-+ #0]*)(\d+)?(?:\.(\d+))?(hh|h|ll|l|L|q|z|t)?(p[A-Za-z0-9]*|[diuxXoscu]))/g;
const MOST_WIDTH = 256;
const POINTERS = new Set(['p', 'px', 'pS', 'ps', 'pF', 'pf', 'pB', 'pI4', 'pI6', 'pI6c']);

/**
 * Prints the records of a static event by its `print fmt`. Pointers (`%p`) print as they are, where the kernel by default
 * shows a number made from them; a string that the record only points to prints as its address.
 */
export class EvaluatedText implements BodyPrinter {
  readonly #pieces: readonly Piece[];
  readonly #fields: RecordFields;
  readonly #symbols: ProbeSymbols;

  private constructor(
    pieces: readonly Piece[],
    layout: RecordLayout,
    symbols: ProbeSymbols,
    littleEndian: boolean,
  ) {
    this.#pieces = pieces;
    this.#fields = new RecordFields(layout, littleEndian);
    this.#symbols = symbols;
  }

  /** A printer, or `undefined` when the print format has something that is not understood. */
  static of(layout: RecordLayout, symbols: ProbeSymbols, littleEndian: boolean): EvaluatedText | undefined {
    const call = parsePrintCall(layout);
    const pieces = call && piecesOf(call.format, call.args);
    return pieces && new EvaluatedText(pieces, layout, symbols, littleEndian);
  }

  print(out: ByteText, record: PageRecord): void {
    this.#fields.record = record;
    for (const piece of this.#pieces) {
      if (typeof piece === 'string') out.text(piece);
      else this.#convert(out, piece, piece.expression(this.#fields));
    }
  }

  #convert(out: ByteText, piece: Conversion, value: PrintValue): void {
    const { letter } = piece;
    if (letter === 's') {
      padded(out, piece, stringOf(value).slice(0, piece.precision), ' ');
      return;
    }
    if (letter.startsWith('pI')) {
      padded(out, piece, typeof value === 'string' ? addressText(letter, value) : '', ' ');
      return;
    }
    const number = typeof value === 'bigint' ? value : 0n;
    if (letter === 'c') padded(out, piece, String.fromCharCode(Number(number & 0xffn)), ' ');
    else if (letter.startsWith('p')) this.#putPointer(out, piece, BigInt.asUintN(64, number));
    else padded(out, piece, digitsOf(piece, number), piece.precision === undefined ? piece.pad : ' ');
  }

  #putPointer(out: ByteText, piece: Conversion, address: bigint): void {
    const high = Number(address >> 32n);
    const low = Number(address & 0xffffffffn);
    if (piece.letter === 'p') padded(out, piece, address.toString(16).padStart(16, '0'), ' ');
    else if (piece.letter === 'px') padded(out, piece, address.toString(16), ' ');
    else if (piece.letter === 'ps' || piece.letter === 'pf') out.fixed(this.#symbols.names.of(high, low));
    else out.fixed(this.#symbols.withOffset.of(high, low));
  }
}

function piecesOf(format: string, args: readonly PrintExpression[]): Piece[] | undefined {
  const pieces: Piece[] = [];
  let at = 0;
  let next = 0;
  for (const match of format.matchAll(CONVERSION)) {
    const plain = format.slice(at, match.index);
    if (plain.includes('%')) return undefined;
    if (plain !== '') pieces.push(plain);
    at = match.index + match[0].length;
    if (match[0] === '%%') {
      pieces.push('%');
      continue;
    }
    const piece = conversionOf(match, args[next++]);
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  const plain = format.slice(at);
  if (plain.includes('%') || next !== args.length) return undefined;
  return [...pieces, plain];
}

function conversionOf(
  match: RegExpMatchArray,
  expression: PrintExpression | undefined,
): Conversion | undefined {
  const [, flags = '', width = '0', precision, length, letter = ''] = match;
  const known = !letter.startsWith('p') || POINTERS.has(letter);
  if (
    expression === undefined ||
    !known ||
    Number(width) > MOST_WIDTH ||
    Number(precision ?? 0) > MOST_WIDTH
  ) {
    return undefined;
  }
  return {
    expression,
    left: flags.includes('-'),
    pad: flags.includes('0') && !flags.includes('-') ? '0' : ' ',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    alternate: flags.includes('#'),
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    bits: length === undefined ? 32 : length === 'hh' ? 8 : length === 'h' ? 16 : 64,
    letter,
  };
}

/** Text up to its NUL. */
function stringOf(value: PrintValue): string {
  if (typeof value === 'bigint') return `0x${BigInt.asUintN(64, value).toString(16)}`;
  const end = value.indexOf('\0');
  return end < 0 ? value : value.slice(0, end);
}

/** An internet address from its bytes in network order. */
function addressText(letter: string, bytes: string): string {
  const at = (index: number) => bytes.charCodeAt(index) || 0;
  const dotted = (start: number) => [0, 1, 2, 3].map(index => at(start + index)).join('.');
  if (letter === 'pI4') return dotted(0);
  const groups = Array.from({ length: 8 }, (_, index) => at(index * 2) * 256 + at(index * 2 + 1));
  if (letter === 'pI6') return groups.map(group => group.toString(16).padStart(4, '0')).join(':');
  const isMapped = groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff;
  const words = groups.slice(0, isMapped ? 6 : 8).map(group => group.toString(16));
  if (isMapped) words.push(dotted(12));
  const zeros = longestZeros(words);
  if (zeros.length < 2) return words.join(':');
  return `${words.slice(0, zeros.start).join(':')}::${words.slice(zeros.start + zeros.length).join(':')}`;
}

function longestZeros(words: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  for (const [index, word] of words.entries()) {
    length = word === '0' ? length + 1 : 0;
    if (length > longest.length) longest = { start: index - length + 1, length };
  }
  return longest;
}

function digitsOf(
  { letter, bits, sign, alternate, precision, pad, width }: Conversion,
  value: bigint,
): string {
  if (letter === 'd' || letter === 'i') {
    const number = BigInt.asIntN(bits, value);
    const before = number < 0n ? '-' : sign;
    return (
      before +
      String(number < 0n ? -number : number).padStart(
        precision ?? (pad === '0' ? width - before.length : 0),
        '0',
      )
    );
  }
  const number = BigInt.asUintN(bits, value);
  const radix = letter === 'u' ? 10 : letter === 'o' ? 8 : 16;
  const before = alternate && letter !== 'u' ? (letter === 'o' ? '0' : `0${letter}`) : '';
  const digits = number.toString(radix).padStart(precision ?? (pad === '0' ? width - before.length : 0), '0');
  return before + (letter === 'X' ? digits.toUpperCase() : digits);
}

function padded(out: ByteText, { left, width }: Conversion, text: string, pad: string): void {
  out.text(left ? text.padEnd(width) : text.padStart(width, pad));
}
