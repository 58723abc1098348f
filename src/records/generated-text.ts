import type { ByteText } from './byte-text.js';
import { putDecimal32, putHex32, putHex64, putSigned32, putSigned64, putUnsigned64 } from './digits.js';
import type { PageRecord } from './page-record.js';

/** Writes one record's body; the record must hold all fixed fields. */
export type BodyWriter = (out: ByteText, record: PageRecord) => void;

/** What the generated code cannot say in place. */
export interface BodyCalls {
  /** Writes `NAME+0xoff/0xsize`. */
  place(out: ByteText, high: number, low: number): void;
  /** Writes the bare name of a symbol. */
  name(out: ByteText, high: number, low: number): void;
  /** As `place`, but 0 for a zero address, or the plain address of a process. */
  head(out: ByteText, high: number, low: number): void;
  /** Writes the quoted string at a location, or what stands for a missing one. */
  string(out: ByteText, record: PageRecord, location: number): void;
}

const NUMBER_ROOM = 24;
/** Labels are written four bytes at a time and may overshoot by three. */
const OVERSHOOT = 4;

/**
 * Builds the JavaScript of a `BodyWriter`: one straight run of stores for one event's layout. The text holds numbers
 * only, none of the event's own words. Halves of 64-bit numbers travel as signed 32-bit integers, which need no memory.
 */
export class BodyCode {
  readonly #little: boolean;
  readonly #lines: string[] = [];
  #room = OVERSHOOT;

  constructor(littleEndian: boolean) {
    this.#little = littleEndian;
  }

  /** Fixed bytes. */
  label(bytes: Uint8Array): void {
    this.#room += bytes.length + OVERSHOOT;
    let at = 0;
    for (; bytes.length - at > 1; at += 4) {
      const word = [3, 2, 1, 0].reduce((sum, index) => sum * 256 + (bytes[at + index] ?? 0), 0);
      this.#lines.push(`view.setUint32(p + ${at}, ${word}, true);`);
    }
    if (at < bytes.length) this.#lines.push(`bytes[p + ${at}] = ${bytes[at]};`);
    this.#lines.push(`p += ${bytes.length};`);
  }

  /** A number at a byte of the record, as `print fmt` asks. */
  number(style: 'unsigned' | 'signed' | 'hex', size: number, offset: number): void {
    this.#room += NUMBER_ROOM;
    if (size === 8) {
      this.#halves(offset);
      const put = { unsigned: 'putUnsigned64', signed: 'putSigned64', hex: 'putHex64' }[style];
      this.#lines.push(`p = ${put}(bytes, p, high, low);`);
      return;
    }
    const sign = style === 'signed' ? 'Int' : 'Uint';
    const put = { unsigned: 'putDecimal32', signed: 'putSigned32', hex: 'putHex32' }[style];
    this.#lines.push(
      `p = ${put}(bytes, p, source.get${sign}${size * 8}(start + ${offset}, ${this.#little}));`,
    );
  }

  /** One byte of the record as it is. */
  character(offset: number): void {
    this.#room += 1;
    this.#lines.push(`bytes[p++] = source.getUint8(start + ${offset});`);
  }

  /** An address of the record, in one of the forms of `BodyCalls`. */
  address(form: 'place' | 'name' | 'head', size: number, offset: number): void {
    if (size === 8) this.#halves(offset);
    else this.#lines.push(`high = 0; low = source.getInt32(start + ${offset}, ${this.#little});`);
    this.#call(`calls.${form}(out, high, low);`);
  }

  /** The string whose location is in the record. */
  string(offset: number): void {
    this.#call(`calls.string(out, record, source.getInt32(start + ${offset}, ${this.#little}));`);
  }

  /** The function; `undefined` where the host forbids making code from text, as web pages may. */
  compile(calls: BodyCalls): BodyWriter | undefined {
    const body = `return function (out, record) {
const source = record.view, start = record.start;
const room = ${this.#room};
out.reserve(room);
let bytes = out.bytes, view = out.view, p = out.length, high = 0, low = 0;
${this.#lines.join('\n')}
out.length = p;
};`;
    const numbers = { putDecimal32, putHex32, putHex64, putSigned32, putSigned64, putUnsigned64 };
    try {
      return new Function('calls', ...Object.keys(numbers), body)(
        calls,
        ...Object.values(numbers),
      ) as BodyWriter;
    } catch {
      return undefined;
    }
  }

  #halves(offset: number): void {
    const [low, high] = this.#little ? [offset, offset + 4] : [offset + 4, offset];
    this.#lines.push(
      `low = source.getInt32(start + ${low}, ${this.#little}); high = source.getInt32(start + ${high}, ${this.#little});`,
    );
  }

  /** A call may grow the buffer, so the room for what follows is asked for again. */
  #call(call: string): void {
    this.#lines.push(
      'out.length = p;',
      call,
      'out.reserve(room);',
      'bytes = out.bytes; view = out.view; p = out.length;',
    );
  }
}
