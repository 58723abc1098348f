import type { RecordLayout } from '../kernel/index.js';
import type { BodyEmitter, EmittedNumber } from './body-emitter.js';
import type { BodyPrinter } from './body-printer.js';
import type { ByteText } from './byte-text.js';
import { type BodyWriter, fixedSize } from './generated-text.js';
import {
  hardwareAddressText,
  hexBytes,
  ipv4Text,
  ipv6Text,
  shortIpv6Text,
  socketAddressText,
  uuidText,
} from './internet-address.js';
import { LateScript } from './late-script.js';
import type { PageRecord } from './page-record.js';
import { emitPrint } from './print-code.js';
import { flagsText, NO_POINTER, type PrintContext, symbolicText } from './print-context.js';
import type { PrintConversion, PrintPiece } from './print-conversion.js';
import type { BytesNode, IntNode, TextNode } from './print-tree.js';
import { IntValues } from './print-value.js';

const MOST_HEX = 64;

/**
 * Prints the records of a static event by its `print fmt`, piece by piece. Pointers (`%p`)
 * print as recorded, where the kernel by default shows a number made from them.
 */
export class EvaluatedText implements BodyPrinter {
  readonly #pieces: readonly PrintPiece[];
  readonly #values: IntValues;
  readonly #context: PrintContext;
  readonly fixedSize: number;
  readonly #script: LateScript | undefined;

  /** `generate`: whether code may be made from text, for speed. */
  constructor(layout: RecordLayout, pieces: readonly PrintPiece[], context: PrintContext, generate = true) {
    this.#pieces = pieces;
    this.#values = new IntValues(context.littleEndian);
    this.#context = context;
    this.fixedSize = fixedSize(layout);
    this.#script = generate ? new LateScript(context.littleEndian, body => this.emit(body)) : undefined;
  }

  get whole(): BodyWriter | undefined {
    return this.#script?.whole;
  }

  emit<N extends EmittedNumber>(emitter: BodyEmitter<N>): void {
    emitPrint(emitter, this.#pieces, this.#context, (piece, out, record) => this.convert(out, record, piece));
  }

  print(out: ByteText, record: PageRecord): void {
    const { whole } = this;
    if (whole !== undefined && record.start + this.fixedSize <= record.end) {
      whole(out, record);
      return;
    }
    this.#script?.count();
    for (const piece of this.#pieces) {
      if (typeof piece === 'string') out.text(piece);
      else this.convert(out, record, piece);
    }
  }

  /** Writes one conversion. */
  convert(out: ByteText, record: PageRecord, piece: PrintConversion): void {
    this.#values.record = record;
    out.text(this.#converted(piece));
  }

  #converted(piece: PrintConversion): string {
    const { argument, letter } = piece;
    if (argument.is === 'unknown') return padded(piece, NO_POINTER);
    if (argument.is === 'text') return padded(piece, this.#cut(piece, this.#text(argument.node)));
    if (argument.is === 'bytes') {
      const text =
        letter === 's'
          ? this.#cut(piece, this.#characters(argument.node))
          : this.#pointed(piece, this.#bytes(argument.node));
      return padded(piece, text);
    }
    const value = this.#values.value(argument.node);
    if (letter === 's') return padded(piece, this.#cut(piece, this.#stringAt(value)));
    if (letter === 'c') return padded(piece, String.fromCharCode(Number(value & 0xffn)));
    if (letter.startsWith('p')) return padded(piece, this.#pointer(letter, BigInt.asUintN(64, value)));
    return integerText(piece, value);
  }

  #cut({ precision }: PrintConversion, text: string): string {
    if (precision === undefined) return text;
    const most = typeof precision === 'number' ? precision : Number(this.#values.value(precision));
    return most < 0 ? text : text.slice(0, most);
  }

  #pointer(letter: string, address: bigint): string {
    const { withOffset, names } = this.#context.symbols;
    const high = Number(address >> 32n);
    const low = Number(address & 0xffffffffn);
    switch (letter) {
      case 'ps':
      case 'pf':
        return names.of(high, low).toString();
      case 'pS':
      case 'pF':
      case 'pB':
        return withOffset.of(high, low).toString();
      default:
        return address.toString(16).padStart(16, '0');
    }
  }

  #pointed({ letter, count }: PrintConversion, bytes: string): string {
    if (letter === 'pI4') return ipv4Text(bytes);
    if (letter === 'pI6') return ipv6Text(bytes);
    if (letter === 'pI6c') return shortIpv6Text(bytes);
    if (letter.startsWith('pIS'))
      return socketAddressText(bytes, letter.slice(3), this.#context.littleEndian);
    if (letter.startsWith('pU')) return uuidText(letter, bytes);
    if (letter.startsWith('ph')) {
      const most = typeof count === 'number' ? count : Number(this.#values.value(count));
      const separator = { C: ':', D: '-', N: '' }[letter[2] ?? ''] ?? ' ';
      return hexBytes(bytes.slice(0, Math.max(0, Math.min(most, MOST_HEX))), separator);
    }
    if (letter.startsWith('pa')) {
      const digits = Array.from(bytes.slice(0, 8), byte => byte.charCodeAt(0).toString(16).padStart(2, '0'));
      return `0x${(this.#context.littleEndian ? digits.reverse() : digits).join('').padStart(16, '0')}`;
    }
    return hardwareAddressText(letter, bytes);
  }

  #text(node: TextNode): string {
    switch (node.kind) {
      case 'literal':
        return untilNul(node.text);
      case 'characters':
        return this.#characters(node.bytes);
      case 'joined':
        return node.parts.map(part => this.#text(part)).join('');
      case 'pointed':
        return this.#stringAt(this.#values.value(node.address));
      case 'flags':
        return flagsText(this.#values.value(node.value), node.delimiter, node.names);
      case 'symbolic':
        return symbolicText(this.#values.value(node.value), node.names);
      case 'hex': {
        const count = Number(this.#values.value(node.count));
        return hexBytes(this.#bytes(node.bytes).slice(0, Math.max(0, count)), node.separator);
      }
      case 'array':
        return this.#array(node.bytes, node.count, node.size);
      case 'bitmask':
        return this.#bitmask(node.bytes);
      case 'socketAddress':
        return socketAddressText(this.#bytes(node.bytes), node.letters, this.#context.littleEndian);
      case 'textChoice':
        return this.#text(this.#values.value(node.condition) !== 0n ? node.yes : node.no);
      default:
        return node satisfies never;
    }
  }

  #characters(node: BytesNode): string {
    const { start, end } = this.#values.range(node);
    const record = this.#values.record!;
    return untilNul(byteString(record, start, node.kind === 'located' ? record.end : end));
  }

  #bytes(node: BytesNode): string {
    const { start, end } = this.#values.range(node);
    return byteString(this.#values.record!, start, end);
  }

  #array(bytes: BytesNode, count: IntNode, size: number): string {
    const { start, end } = this.#values.range(bytes);
    const most = Number(this.#values.value(count));
    const items: string[] = [];
    for (let at = start; at + size <= end && items.length < most; at += size)
      items.push(`0x${this.#values.read(at, size, false).toString(16)}`);
    return `{${items.join(',')}}`;
  }

  /** Words of 32 bits, the highest first. */
  #bitmask(bytes: BytesNode): string {
    const { start, end } = this.#values.range(bytes);
    const words: string[] = [];
    for (let at = start; at + 4 <= end; at += 4)
      words.push(this.#values.read(at, 4, false).toString(16).padStart(8, '0'));
    if (!this.#context.littleEndian) {
      // Words of 64 bits: their upper halves come first in memory.
      for (let index = 0; index + 1 < words.length; index += 2)
        [words[index], words[index + 1]] = [words[index + 1]!, words[index]!];
    }
    return words.reverse().join(',');
  }

  #stringAt(address: bigint): string {
    const pointer = BigInt.asUintN(64, address);
    if (pointer === 0n) return '(null)';
    return this.#context.stringAt(pointer) ?? `0x${pointer.toString(16)}`;
  }
}

function byteString({ source }: PageRecord, start: number, end: number): string {
  let text = '';
  for (let index = start; index < end; index++) text += String.fromCharCode(source[index]!);
  return text;
}

function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** A number as the kernel's `printf` writes it. */
function integerText(piece: PrintConversion, value: bigint): string {
  const { letter, bits, alternate, left, width, zeros, sign: wanted } = piece;
  const isSigned = letter === 'd' || letter === 'i';
  const number = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  const sign = !isSigned ? '' : number < 0n ? '-' : wanted;
  const radix = letter === 'x' || letter === 'X' ? 16 : letter === 'o' ? 8 : 10;
  const digits = (number < 0n ? -number : number).toString(radix);
  const prefix = !alternate || radix === 10 ? '' : radix === 16 ? `0${letter}` : number === 0n ? '' : '0';
  const precision = typeof piece.precision === 'number' ? piece.precision : 0;
  const text = (letter === 'X' ? digits.toUpperCase() : digits).padStart(precision, '0');
  const before = sign + prefix;
  if (zeros) return before + text.padStart(width - before.length, '0');
  return left ? (before + text).padEnd(width) : (before + text).padStart(width);
}

function padded({ left, width }: PrintConversion, text: string): string {
  return left ? text.padEnd(width) : text.padStart(width);
}
