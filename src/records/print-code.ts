import type { ByteText } from './byte-text.js';
import { bytesOf, FixedText } from './byte-text.js';
import { BodyCode, type BodyWriter, type Operand } from './generated-text.js';
import { NumberCode } from './number-code.js';
import type { PageRecord } from './page-record.js';
import { flagsText, NO_POINTER, type PrintContext, symbolicText } from './print-context.js';
import type { PrintConversion, PrintPiece } from './print-conversion.js';
import type { BytesNode, TextNode } from './print-tree.js';
import { IntValues } from './print-value.js';
import { AddressText } from './symbol-text.js';

/** Writes a conversion that has no code. */
type PlainConversion = (piece: PrintConversion, out: ByteText, record: PageRecord) => void;

/**
 * Makes the code of a static event's `print fmt`: the same bytes as its pieces give one by one. Conversions that no busy
 * event uses are left to `plain`. `undefined` where the host forbids making code from text.
 */
export function generatePrint(
  pieces: readonly PrintPiece[],
  context: PrintContext,
  plain: PlainConversion,
): BodyWriter | undefined {
  return new PrintCode(context, plain).of(pieces);
}

class PrintCode {
  readonly #context: PrintContext;
  readonly #plain: PlainConversion;
  readonly #code: BodyCode;
  readonly #numbers: NumberCode;

  constructor(context: PrintContext, plain: PlainConversion) {
    this.#context = context;
    this.#plain = plain;
    this.#code = new BodyCode(context.littleEndian);
    this.#numbers = new NumberCode(this.#code, new IntValues(context.littleEndian));
  }

  of(pieces: readonly PrintPiece[]): BodyWriter | undefined {
    for (const piece of pieces) {
      if (typeof piece === 'string') this.#code.label(bytesOf(piece));
      else this.#conversion(piece);
    }
    return this.#code.compile();
  }

  #conversion(piece: PrintConversion): void {
    // What is written in a block of its own does not count its names to the rest.
    if (this.#isPlain(piece)) {
      this.#code.call((out, record) => this.#plain(piece, out, record));
      return;
    }
    const { left, width, zeros } = piece;
    const isPadded = width > 0;
    if (isPadded) this.#code.line('{');
    const since = isPadded ? this.#code.place() : '';
    this.#argument(piece);
    if (!isPadded) return;
    this.#code.pad(since, left ? 'end' : 'start', width, zeros && isNumber(piece) ? '0' : ' ');
    this.#code.line('}');
  }

  /** What is rare has no code: everything here that `#argument` does not handle must be told. */
  #isPlain({ argument, letter, precision, sign, alternate, zeros, width }: PrintConversion): boolean {
    if (precision !== undefined) return true;
    switch (argument.is) {
      case 'unknown':
        return false;
      case 'text':
        return !hasCode(argument.node);
      case 'bytes':
        return letter !== 's';
      case 'int': {
        if (letter === 's') return true;
        if (letter === 'c' || letter.startsWith('p')) return false;
        const isSigned = letter === 'd' || letter === 'i';
        if (letter === 'o' || letter === 'X' || (isSigned && (sign !== '' || zeros))) return true;
        return alternate && (letter !== 'x' || width > 0);
      }
      default:
        return argument satisfies never;
    }
  }

  #argument(piece: PrintConversion): void {
    const { argument, letter } = piece;
    switch (argument.is) {
      case 'unknown':
        this.#code.label(bytesOf(NO_POINTER));
        return;
      case 'text':
        this.#text(argument.node);
        return;
      case 'bytes':
        this.#characters(argument.node);
        return;
      case 'int': {
        const value = this.#numbers.of(argument.node);
        if (letter === 'c') this.#code.character(value);
        else if (letter.startsWith('p')) this.#address(letter, value);
        else this.#number(piece, value);
        return;
      }
      default:
        argument satisfies never;
    }
  }

  #address(letter: string, value: Operand): void {
    const { withOffset, names } = this.#context.symbols;
    if (letter === 'ps' || letter === 'pf') this.#code.text(names, value);
    else if (letter === 'pS' || letter === 'pF' || letter === 'pB') this.#code.text(withOffset, value);
    else this.#code.number('pointer', value);
  }

  #number({ letter, bits, alternate }: PrintConversion, value: Operand): void {
    const signed = letter === 'd' || letter === 'i';
    if (letter === 'x' && alternate) this.#code.label(bytesOf('0x'));
    this.#code.number(letter === 'x' ? 'hex' : 'decimal', this.#cut(value, bits, signed));
  }

  /** The number that a conversion takes, of that many bits and that sign. */
  #cut(value: Operand, bits: 8 | 16 | 32 | 64, signed: boolean): Operand {
    if (bits === 64) {
      if (value.bits === 32 && value.signed === signed) return value;
      // A number that has no sign keeps its value with one.
      if (value.bits === 32 && !value.signed) return value;
      if (value.bits === 64) return { ...value, signed };
      return { bits: 64, signed, high: `(${value.text} >> 31)`, low: `(${value.text} | 0)` };
    }
    const low = value.bits === 32 ? value.text : value.low;
    if (bits === 32) return { bits: 32, signed, text: signed ? `(${low} | 0)` : `(${low} >>> 0)` };
    const rest = 32 - bits;
    return {
      bits: 32,
      signed,
      text: signed ? `(${low} << ${rest} >> ${rest})` : `(${low} & ${2 ** bits - 1})`,
    };
  }

  #text(node: TextNode): void {
    switch (node.kind) {
      case 'literal': {
        const end = node.text.indexOf('\0');
        this.#code.label(bytesOf(end < 0 ? node.text : node.text.slice(0, end)));
        return;
      }
      case 'characters':
        this.#characters(node.bytes);
        return;
      case 'flags': {
        const { delimiter, names } = node;
        const texts = new AddressText(flags => FixedText.of(flagsText(flags, delimiter, names)));
        this.#code.text(texts, this.#numbers.of(node.value));
        return;
      }
      case 'symbolic': {
        const { names } = node;
        const texts = new AddressText(value => FixedText.of(symbolicText(value, names)));
        this.#code.text(texts, this.#numbers.of(node.value));
        return;
      }
      case 'textChoice':
        this.#code.line(`if (${this.#numbers.condition(node.condition)}) {`);
        this.#text(node.yes);
        this.#code.line('} else {');
        this.#text(node.no);
        this.#code.line('}');
        return;
      default:
        throw new Error(`no code for ${node.kind}`);
    }
  }

  #characters(node: BytesNode): void {
    const code = this.#code;
    code.line('{');
    if (node.kind === 'fixed') {
      code.untilNul(code.bind(`start + ${node.offset}`), code.bind(`start + ${node.offset + node.size}`));
    } else if (node.kind === 'rest') {
      code.untilNul(code.bind(`start + ${node.offset}`), code.bind('record.end'));
    } else {
      const location = code.field(4, false, node.offset);
      const base = node.relative ? `start + ${node.offset + 4}` : 'start';
      const end = code.bind('record.end');
      const offset = location.bits === 32 ? location.text : location.low;
      const from = code.bind(`Math.min(${base} + (${offset} & 65535), ${end})`);
      code.untilNul(from, end);
    }
    code.line('}');
  }
}

/** Whether `PrintCode` knows a text. */
function hasCode(node: TextNode): boolean {
  switch (node.kind) {
    case 'literal':
    case 'characters':
    case 'flags':
    case 'symbolic':
      return true;
    case 'textChoice':
      return hasCode(node.yes) && hasCode(node.no);
    default:
      return false;
  }
}

function isNumber({ argument, letter }: PrintConversion): boolean {
  return argument.is === 'int' && letter !== 'c' && !letter.startsWith('p');
}
