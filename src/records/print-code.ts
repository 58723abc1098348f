import type { BodyEmitter, EmittedNumber } from './body-emitter.js';
import { type ByteText, bytesOf, FixedText } from './byte-text.js';
import type { PageRecord } from './page-record.js';
import { flagsText, NO_POINTER, type PrintContext, symbolicText } from './print-context.js';
import type { PrintConversion, PrintPiece } from './print-conversion.js';
import type { TextNode } from './print-tree.js';
import { AddressText } from './symbol-text.js';

/** Writes a conversion that has no code. */
type PlainConversion = (piece: PrintConversion, out: ByteText, record: PageRecord) => void;

/**
 * Tells the code of a static event's `print fmt`: the same bytes as its pieces give one by one. Conversions that no busy
 * event uses are left to `plain`.
 */
export function emitPrint<N extends EmittedNumber>(
  emitter: BodyEmitter<N>,
  pieces: readonly PrintPiece[],
  context: PrintContext,
  plain: PlainConversion,
): void {
  const code = new PrintCode(emitter, context, plain);
  for (const piece of pieces) {
    if (typeof piece === 'string') emitter.label(bytesOf(piece));
    else code.conversion(piece);
  }
}

class PrintCode<N extends EmittedNumber> {
  readonly #emitter: BodyEmitter<N>;
  readonly #context: PrintContext;
  readonly #plain: PlainConversion;

  constructor(emitter: BodyEmitter<N>, context: PrintContext, plain: PlainConversion) {
    this.#emitter = emitter;
    this.#context = context;
    this.#plain = plain;
  }

  conversion(piece: PrintConversion): void {
    const { left, width, zeros } = piece;
    if (this.#isPlain(piece)) {
      this.#emitter.call((out, record) => this.#plain(piece, out, record));
    } else if (width > 0) {
      const fill = zeros && isNumber(piece) ? '0' : ' ';
      this.#emitter.padded(left ? 'end' : 'start', width, fill, () => this.#argument(piece));
    } else {
      this.#argument(piece);
    }
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
        this.#emitter.label(bytesOf(NO_POINTER));
        return;
      case 'text':
        this.#text(argument.node);
        return;
      case 'bytes':
        this.#emitter.characters(argument.node);
        return;
      case 'int': {
        const value = this.#emitter.value(argument.node);
        if (letter === 'c') this.#emitter.character(value);
        else if (letter.startsWith('p')) this.#address(letter, value);
        else this.#number(piece, value);
        return;
      }
      default:
        argument satisfies never;
    }
  }

  #address(letter: string, value: N): void {
    const { withOffset, names } = this.#context.symbols;
    if (letter === 'ps' || letter === 'pf') this.#emitter.text(names, value);
    else if (letter === 'pS' || letter === 'pF' || letter === 'pB') this.#emitter.text(withOffset, value);
    else this.#emitter.number('pointer', value);
  }

  #number({ letter, bits, alternate }: PrintConversion, value: N): void {
    const signed = letter === 'd' || letter === 'i';
    if (letter === 'x' && alternate) this.#emitter.label(bytesOf('0x'));
    this.#emitter.number(letter === 'x' ? 'hex' : 'decimal', this.#emitter.cut(value, bits, signed));
  }

  #text(node: TextNode): void {
    switch (node.kind) {
      case 'literal': {
        const end = node.text.indexOf('\0');
        this.#emitter.label(bytesOf(end < 0 ? node.text : node.text.slice(0, end)));
        return;
      }
      case 'characters':
        this.#emitter.characters(node.bytes);
        return;
      case 'flags': {
        const { delimiter, names } = node;
        const texts = new AddressText(flags => FixedText.of(flagsText(flags, delimiter, names)));
        this.#emitter.text(texts, this.#emitter.value(node.value));
        return;
      }
      case 'symbolic': {
        const { names } = node;
        const texts = new AddressText(value => FixedText.of(symbolicText(value, names)));
        this.#emitter.text(texts, this.#emitter.value(node.value));
        return;
      }
      case 'textChoice':
        this.#emitter.choose(
          node.condition,
          () => this.#text(node.yes),
          () => this.#text(node.no),
        );
        return;
      default:
        throw new Error(`no code for ${node.kind}`);
    }
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
