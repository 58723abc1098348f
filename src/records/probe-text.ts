import type { EventField } from '../kernel/index.js';
import type { BodyEmitter, EmittedNumber } from './body-emitter.js';
import type { BodyPrinter } from './body-printer.js';
import { type ByteText, bytesOf, FixedText } from './byte-text.js';
import { isInFile } from './decode.js';
import type { BodyWriter } from './generated-text.js';
import { LateScript } from './late-script.js';
import type { PageRecord } from './page-record.js';
import type { ArgumentConversion, ProbeArgument, ProbeFormat } from './print-format.js';
import type { SymbolNames, TracedEvent } from './record.js';
import { AddressText, recordPlaces, symbolNames, symbolsWithOffset } from './symbol-text.js';

/** The forms in which addresses print: values, places in front of `<-` or alone, functions behind it. */
export interface ProbeSymbols {
  readonly withOffset: AddressText;
  readonly places: AddressText;
  readonly names: AddressText;
}

/** The symbols in these forms: to be made once, and shared by all events. */
export function probeSymbols(symbols: SymbolNames): ProbeSymbols {
  const withOffset = symbolsWithOffset(symbols);
  return {
    withOffset,
    places: zeroAsDigit(recordPlaces(symbols, withOffset)),
    names: zeroAsDigit(symbolNames(symbols)),
  };
}

/** For 0 the kernel looks up no symbol. */
function zeroAsDigit(texts: AddressText): AddressText {
  const zero = FixedText.of('0');
  return new AddressText((_, high, low) => (high === 0 && low === 0 ? zero : texts.of(high, low)));
}

/** What an element prints as; the number says conversion and width, so that one switch does it all. */
const Shape = {
  unsigned1: 0,
  unsigned2: 1,
  unsigned4: 2,
  unsigned8: 3,
  signed1: 4,
  signed2: 5,
  signed4: 6,
  signed8: 7,
  hex1: 8,
  hex2: 9,
  hex4: 10,
  hex8: 11,
  symbol4: 12,
  symbol8: 13,
  char: 14,
  string: 15,
} as const;

interface Step {
  /** ` NAME=`, with the `{` of an array. */
  readonly label: Uint8Array;
  readonly shape: number;
  readonly offset: number;
  readonly size: number;
  /** Elements; 0 for a plain value. */
  readonly count: number;
  readonly elementSize: number;
}

const OVERFLOW = bytesOf('<OVERFLOW>');
const FAULT = bytesOf('(fault)');
const ARROW = bytesOf(' <- ');
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const ZERO = 0x30;
const LOWER_X = 0x78;
const OPEN = 0x28;
const CLOSE = 0x29;
const CLOSE_BRACE = 0x7d;

const EPROBE = /^e(?::\S*)?\s+([^\s./]+)[./](\S+)/;

/**
 * Prints the bodies of a probe event's records as the kernel does (spec 12 section 5). A field that the record is too
 * short for prints as `<OVERFLOW>`.
 */
export class ProbeText implements BodyPrinter {
  readonly #format: ProbeFormat;
  readonly #symbols: ProbeSymbols;
  readonly #littleEndian: boolean;
  readonly #steps: readonly Step[];
  readonly fixedSize: number;
  /** `(SYSTEM.EVENT)` of an event probe. */
  readonly #place: Uint8Array;
  readonly #inFile: boolean;
  readonly #script: LateScript | undefined;

  /** `generate`: whether code may be made from text, for speed. */
  constructor(
    event: TracedEvent,
    format: ProbeFormat,
    symbols: ProbeSymbols,
    littleEndian: boolean,
    generate = true,
  ) {
    this.#format = format;
    this.#symbols = symbols;
    this.#littleEndian = littleEndian;
    this.#steps = format.args.map(stepOf);
    this.fixedSize = Math.max(0, ...event.layout.fields.map(field => field.offset + field.size));
    const definition = event.definition ?? '';
    const attached = EPROBE.exec(definition);
    this.#place = bytesOf(attached === null ? '(?)' : `(${attached[1]}.${attached[2]})`);
    this.#inFile = isInFile(event.definition);
    this.#script = generate ? new LateScript(littleEndian, body => this.emit(body)) : undefined;
  }

  get whole(): BodyWriter | undefined {
    return this.#script?.whole;
  }

  print(out: ByteText, record: PageRecord): void {
    const { start, end, view } = record;
    const { whole } = this;
    const isWhole = start + this.fixedSize <= end;
    if (isWhole && whole !== undefined) {
      whole(out, record);
      return;
    }
    this.#script?.count();
    this.#printHead(out, record);
    for (const step of this.#steps) {
      out.put(step.label);
      if (!isWhole && start + step.offset + step.size > end) {
        out.put(OVERFLOW);
        continue;
      }
      const at = start + step.offset;
      if (step.count === 0) {
        this.#printElement(out, record, view, step.shape, at);
        continue;
      }
      for (let index = 0; index < step.count; index++) {
        if (index > 0) out.byte(COMMA);
        this.#printElement(out, record, view, step.shape, at + index * step.elementSize);
      }
      out.byte(CLOSE_BRACE);
    }
  }

  #printHead(out: ByteText, record: PageRecord): void {
    const { head } = this.#format;
    if (head.kind === 'none') {
      out.put(this.#place);
      return;
    }
    out.byte(OPEN);
    if (head.kind === 'entry') {
      this.#printPlace(out, record, head.ip.offset, head.ip.size, true);
    } else {
      this.#printPlace(out, record, head.returnIp.offset, head.returnIp.size, true);
      out.put(ARROW);
      this.#printPlace(out, record, head.func.offset, head.func.size, false);
    }
    out.byte(CLOSE);
  }

  emit<N extends EmittedNumber>(emitter: BodyEmitter<N>): void {
    const { head } = this.#format;
    if (head.kind === 'none') {
      emitter.label(this.#place);
    } else {
      emitter.label(bytesOf('('));
      this.#emitPlace(emitter, head.kind === 'entry' ? head.ip : head.returnIp, this.#symbols.places);
      if (head.kind === 'return') {
        emitter.label(ARROW);
        this.#emitPlace(emitter, head.func, this.#symbols.names);
      }
      emitter.label(bytesOf(')'));
    }
    for (const [index, step] of this.#steps.entries()) {
      emitter.label(step.label);
      this.#emitElements(emitter, this.#format.args[index]!.conversion, step);
    }
  }

  #emitPlace<N extends EmittedNumber>(
    emitter: BodyEmitter<N>,
    { offset, size }: EventField,
    texts: AddressText,
  ): void {
    if (this.#inFile) emitter.label(bytesOf('0x'));
    const address = emitter.field(size === 8 ? 8 : 4, false, offset);
    if (this.#inFile) emitter.number('hex', address);
    else emitter.text(texts, address);
  }

  #emitElements<N extends EmittedNumber>(
    emitter: BodyEmitter<N>,
    conversion: ArgumentConversion,
    { count, elementSize, offset }: Step,
  ): void {
    const size = elementSize === 8 || elementSize === 2 || elementSize === 1 ? elementSize : 4;
    for (let index = 0; index < Math.max(count, 1); index++) {
      if (index > 0) emitter.label(bytesOf(','));
      const at = offset + index * elementSize;
      switch (conversion) {
        case 'unsigned':
        case 'signed':
          emitter.number('decimal', emitter.field(size, conversion === 'signed', at));
          break;
        case 'hex':
          emitter.label(bytesOf('0x'));
          emitter.number('hex', emitter.field(size, false, at));
          break;
        case 'char':
          emitter.label(bytesOf("'"));
          emitter.character(emitter.field(size, false, at));
          emitter.label(bytesOf("'"));
          break;
        case 'symbol':
          emitter.text(this.#symbols.withOffset, emitter.field(size, false, at));
          break;
        case 'string':
          emitter.located(at, { fault: FAULT, overflow: OVERFLOW });
          break;
        default:
          conversion satisfies never;
      }
    }
    if (count > 0) emitter.label(bytesOf('}'));
  }

  #printPlace(out: ByteText, record: PageRecord, offset: number, size: number, withOffset: boolean): void {
    const at = record.start + offset;
    if (at + size > record.end) {
      out.put(OVERFLOW);
      return;
    }
    const { view } = record;
    const little = this.#littleEndian;
    const low = view.getUint32(size === 8 && !little ? at + 4 : at, little);
    const high = size === 8 ? view.getUint32(little ? at + 4 : at, little) : 0;
    this.#printAddress(out, high, low, withOffset);
  }

  #printAddress(out: ByteText, high: number, low: number, withOffset: boolean): void {
    if (this.#inFile) {
      out.byte(ZERO);
      out.byte(LOWER_X);
      out.hex64(high, low);
    } else {
      out.fixed((withOffset ? this.#symbols.places : this.#symbols.names).of(high, low));
    }
  }

  #printElement(out: ByteText, record: PageRecord, view: DataView, shape: number, at: number): void {
    const little = this.#littleEndian;
    switch (shape) {
      case Shape.unsigned1:
        out.decimal(view.getUint8(at));
        return;
      case Shape.unsigned2:
        out.decimal(view.getUint16(at, little));
        return;
      case Shape.unsigned4:
        out.decimal(view.getUint32(at, little));
        return;
      case Shape.signed1:
        out.signed(view.getInt8(at));
        return;
      case Shape.signed2:
        out.signed(view.getInt16(at, little));
        return;
      case Shape.signed4:
        out.signed(view.getInt32(at, little));
        return;
      case Shape.hex1:
        out.byte(ZERO);
        out.byte(LOWER_X);
        out.hex32(view.getUint8(at));
        return;
      case Shape.hex2:
        out.byte(ZERO);
        out.byte(LOWER_X);
        out.hex32(view.getUint16(at, little));
        return;
      case Shape.hex4:
        out.byte(ZERO);
        out.byte(LOWER_X);
        out.hex32(view.getUint32(at, little));
        return;
      case Shape.symbol4:
        out.fixed(this.#symbols.withOffset.of(0, view.getUint32(at, little)));
        return;
      case Shape.char:
        out.byte(APOSTROPHE);
        out.byte(view.getUint8(at));
        out.byte(APOSTROPHE);
        return;
      case Shape.string:
        this.#printString(out, record, view.getUint32(at, little));
        return;
    }
    const low = view.getUint32(little ? at : at + 4, little);
    const high = view.getUint32(little ? at + 4 : at, little);
    switch (shape) {
      case Shape.unsigned8:
        out.unsigned64(high, low);
        return;
      case Shape.signed8:
        out.signed64(high, low);
        return;
      case Shape.hex8:
        out.byte(ZERO);
        out.byte(LOWER_X);
        out.hex64(high, low);
        return;
      default:
        out.fixed(this.#symbols.withOffset.of(high, low));
    }
  }

  /** As the kernel: from the stored offset to the first NUL, whatever the stored length says. */
  #printString(out: ByteText, record: PageRecord, location: number): void {
    if (location >>> 16 === 0) {
      out.put(FAULT);
      return;
    }
    const from = record.start + (location & 0xffff);
    if (from >= record.end) {
      out.put(OVERFLOW);
      return;
    }
    out.byte(QUOTE);
    out.putUntilNul(record.source, from, record.end);
    out.byte(QUOTE);
  }
}

function stepOf(argument: ProbeArgument): Step {
  const { field, count, elementSize } = argument;
  return {
    label: bytesOf(count === undefined ? ` ${field.name}=` : ` ${field.name}={`),
    shape: shapeOf(argument),
    offset: field.offset,
    size: field.size,
    count: count ?? 0,
    elementSize,
  };
}

function shapeOf({ conversion, elementSize }: ProbeArgument): number {
  const width = elementSize === 1 ? 0 : elementSize === 2 ? 1 : elementSize === 4 ? 2 : 3;
  switch (conversion) {
    case 'unsigned':
      return Shape.unsigned1 + width;
    case 'signed':
      return Shape.signed1 + width;
    case 'hex':
      return Shape.hex1 + width;
    case 'symbol':
      return elementSize === 8 ? Shape.symbol8 : Shape.symbol4;
    case 'char':
      return Shape.char;
    case 'string':
      return Shape.string;
    default:
      return conversion satisfies never;
  }
}
