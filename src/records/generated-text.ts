import type { RecordLayout } from '../kernel/index.js';
import type { DigitStyle } from './body-emitter.js';
import type { ByteText } from './byte-text.js';
import {
  padEnd,
  padStart,
  putDecimal32,
  putHex32,
  putHex64,
  putPointer,
  putSigned32,
  putSigned64,
  putUnsigned64,
} from './digits.js';
import type { PageRecord } from './page-record.js';
import type { AddressText } from './symbol-text.js';

/** Writes one record's body; the record must hold all fixed fields. */
export type BodyWriter = (out: ByteText, record: PageRecord) => void;

/** What generated code cannot say in place: it is called with the buffer's length up to date. */
export type BodyCall = (out: ByteText, record: PageRecord) => void;

/** Works out a number of a record where the code cannot; the halves are then in `high` and `low`. */
export interface NumberCall {
  high: number;
  low: number;
  of(record: PageRecord): void;
}

/** A number while code is generated: an expression of 32 bits (an int32, or an unsigned one), or one for each half, both int32. */
export type Operand =
  | { readonly bits: 32; readonly signed: boolean; readonly text: string }
  | { readonly bits: 64; readonly signed: boolean; readonly high: string; readonly low: string };

type DigitWriter = (view: DataView, start: number, high: number, low: number) => number;

/** Those of 32 bits take their number first. */
const digitWriters = {
  decimal32: putDecimal32,
  signed32: putSigned32,
  hex32: putHex32,
  unsigned64: putUnsigned64,
  signed64: putSigned64,
  hex64: putHex64,
  pointer: putPointer,
} as const satisfies Record<string, DigitWriter>;

const digitWriterNames = Object.keys(digitWriters);
const digitWriterList: readonly DigitWriter[] = Object.values(digitWriters);

/**
 * Writes a number with the writer of that place. All calls are made here, so that V8 compiles the writers once and not
 * again in every event's code, where they would take most of its compiler's time and make nothing faster.
 */
function putDigits(writer: number, view: DataView, start: number, high: number, low: number): number {
  return digitWriterList[writer]!(view, start, high, low);
}

const functions = { putDigits, padStart, padEnd };
const NUMBER_ROOM = 24;
/** Labels and kept texts are written in words and may overshoot by less than one. */
const OVERSHOOT = 8;
/** Characters of code and bytes of labels: more is no line that anyone would read. */
const MOST_CODE = 1 << 20;

/**
 * Builds the JavaScript of a `BodyWriter`: one straight run of stores for one event's layout. The text holds numbers
 * only, none of the event's own words. Halves of 64-bit numbers travel as signed 32-bit integers, which need no memory.
 */
export class BodyCode {
  readonly #little: boolean;
  readonly #lines: string[] = [];
  readonly #texts: AddressText[] = [];
  readonly #calls: BodyCall[] = [];
  readonly #numbers: NumberCall[] = [];
  /** Fixed bytes that are not written yet: more may follow. */
  #pending: number[] = [];
  #room = OVERSHOOT;
  #size = 0;
  #names = 0;

  constructor(littleEndian: boolean) {
    this.#little = littleEndian;
  }

  /** A line of code as it is. */
  protected line(code: string): void {
    this.#flush();
    this.#add(code);
  }

  /** A new name for the value of an expression, which may not be about what was written. */
  bind(expression: string): string {
    const name = `t${this.#names++}`;
    this.#add(`const ${name} = ${expression};`);
    return name;
  }

  /** Fixed bytes. */
  label(bytes: Uint8Array): void {
    if (this.#isTooLong(bytes.length)) return;
    for (const byte of bytes) this.#pending.push(byte);
  }

  #add(code: string): void {
    if (!this.#isTooLong(code.length)) this.#lines.push(code);
  }

  /** Counts what is added; what is too long grows no further. */
  #isTooLong(more: number): boolean {
    this.#size += more;
    return this.#size > MOST_CODE;
  }

  #flush(): void {
    const bytes = Uint8Array.from(this.#pending);
    if (bytes.length === 0) return;
    this.#pending = [];
    this.#room += bytes.length + OVERSHOOT;
    let at = 0;
    while (bytes.length - at > 1) {
      const eight = bytes.subarray(at, at + 8);
      // A double may hold any eight ASCII characters: none of them is a NaN, whose bits would not be kept.
      if (eight.length > 4 && eight.every(byte => byte < 0x7f)) {
        const word = new DataView(new ArrayBuffer(8));
        for (const [index, byte] of eight.entries()) word.setUint8(index, byte);
        this.line(`view.setFloat64(p + ${at}, ${word.getFloat64(0, true)}, true);`);
        at += 8;
      } else {
        const word = [3, 2, 1, 0].reduce((sum, index) => sum * 256 + (bytes[at + index] ?? 0), 0);
        this.line(`view.setInt32(p + ${at}, ${word | 0}, true);`);
        at += 4;
      }
    }
    if (at < bytes.length) this.line(`bytes[p + ${at}] = ${bytes[at]};`);
    this.line(`p += ${bytes.length};`);
  }

  /** Reads a number of the record. */
  field(size: 1 | 2 | 4 | 8, signed: boolean, offset: number | string): Operand {
    const place = `start + ${offset}`;
    if (size !== 8) {
      const text = `source.get${signed ? 'Int' : 'Uint'}${size * 8}(${place}, ${this.#little})`;
      return { bits: 32, signed: signed || size < 4, text: this.bind(text) };
    }
    const [low, high] = this.#little ? [0, 4] : [4, 0];
    return {
      bits: 64,
      signed,
      high: this.bind(`source.getInt32(${place} + ${high}, ${this.#little})`),
      low: this.bind(`source.getInt32(${place} + ${low}, ${this.#little})`),
    };
  }

  /** A number that is worked out elsewhere. */
  called(call: NumberCall, type: { readonly bits: 32 | 64; readonly signed: boolean }): Operand {
    const name = `n${this.#numbers.push(call) - 1}`;
    this.line(`${name}.of(record);`);
    const low = this.bind(`${name}.low`);
    if (type.bits === 64) return { ...type, bits: 64, high: this.bind(`${name}.high`), low };
    return { ...type, bits: 32, text: this.bind(type.signed ? `${low} | 0` : `${low} >>> 0`) };
  }

  /** Writes a number, signed as it is. */
  number(style: DigitStyle, value: Operand): void {
    this.#room += NUMBER_ROOM;
    if (style === 'pointer') {
      const { high, low } = asWide(value);
      this.#digits('pointer', `${high}, ${low}`);
    } else if (value.bits === 64) {
      const writer = style === 'hex' ? 'hex64' : value.signed ? 'signed64' : 'unsigned64';
      this.#digits(writer, `${value.high}, ${value.low}`);
    } else {
      const writer = style === 'hex' ? 'hex32' : value.signed ? 'signed32' : 'decimal32';
      this.#digits(writer, `${value.text}, 0`);
    }
  }

  #digits(writer: keyof typeof digitWriters, halves: string): void {
    this.line(`p = putDigits(${digitWriterNames.indexOf(writer)}, view, p, ${halves});`);
  }

  /** Remembers the place, for `pad`. */
  protected place(): string {
    this.#flush();
    return this.bind('p');
  }

  /** Fills up what was written since a place to that many bytes. */
  protected pad(since: string, side: 'start' | 'end', width: number, fill: ' ' | '0'): void {
    this.#room += width;
    const pad = side === 'start' ? 'padStart' : 'padEnd';
    this.line(`p = ${pad}(bytes, ${since}, p, ${width}, ${fill.charCodeAt(0)});`);
  }

  /** One byte. */
  character(value: Operand): void {
    this.#room += 1;
    this.line(`bytes[p++] = ${value.bits === 32 ? value.text : value.low};`);
  }

  /** Writes the text that stands for a number. */
  text(texts: AddressText, value: Operand): void {
    this.put(this.find(texts, value));
  }

  /** The name of the text that stands for a number. */
  protected find(texts: AddressText, value: Operand): string {
    const name = `x${this.#texts.push(texts) - 1}`;
    const { high, low } = asWide(value);
    return this.bind(`${name}.of(${high}, ${low})`);
  }

  /** Writes a text that was found. */
  protected put(text: string): void {
    this.#grow(`${text}.length`);
    this.line(`p = ${text}.putAt(view, p);`);
  }

  /** Writes bytes of the record between two places of `record.source`, up to the first NUL. */
  protected untilNul(from: string, end: string): void {
    this.#grow(`${end} - ${from}`);
    this.line(
      `for (let i = ${from}; i < ${end}; i++) { const byte = record.source[i]; if (byte === 0) break; bytes[p++] = byte; }`,
    );
  }

  /** Lets other code write. */
  call(call: BodyCall): void {
    const name = `c${this.#calls.push(call) - 1}`;
    this.line(`out.length = p; ${name}(out, record); out.reserve(room);`);
    this.line('bytes = out.bytes; view = out.view; p = out.length;');
  }

  /** The function; `undefined` for what is too long, and where the host forbids making code from text, as web pages may. */
  compile(): BodyWriter | undefined {
    this.#flush();
    if (this.#size > MOST_CODE) return undefined;
    const given = { texts: this.#texts, calls: this.#calls, numbers: this.#numbers };
    const body = `${this.#texts.map((_, index) => `const x${index} = texts[${index}];`).join('')}
${this.#calls.map((_, index) => `const c${index} = calls[${index}];`).join('')}
${this.#numbers.map((_, index) => `const n${index} = numbers[${index}];`).join('')}
const room = ${this.#room};
return function (out, record) {
const source = record.view, start = record.start;
out.reserve(room);
let bytes = out.bytes, view = out.view, p = out.length;
${this.#lines.join('\n')}
out.length = p;
};`;
    try {
      return new Function(...Object.keys(functions), ...Object.keys(given), body)(
        ...Object.values(functions),
        ...Object.values(given),
      ) as BodyWriter;
    } catch {
      return undefined;
    }
  }

  /** Makes room for that many bytes beside all that is fixed. */
  #grow(count: string): void {
    this.line(
      `if (p + ${count} + room > bytes.length) { out.length = p; out.reserve(${count} + room); bytes = out.bytes; view = out.view; }`,
    );
  }
}

/** Bytes that a record must have to hold all its fixed fields. */
export function fixedSize({ common, fields }: Pick<RecordLayout, 'common' | 'fields'>): number {
  return Math.max(0, ...[...common, ...fields].map(({ offset, size }) => offset + size));
}

/** The halves of a number as 64 bits. */
export function asWide(value: Operand): { readonly high: string; readonly low: string } {
  if (value.bits === 64) return value;
  return { high: value.signed ? `(${value.text} >> 31)` : '0', low: `(${value.text} | 0)` };
}
