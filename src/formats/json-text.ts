import { type ByteText, bytesOf, isUtf8, type NumberStyle } from '../records/index.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const LOWER_X = 0x78;

/** Escapes of the characters that JSON does not allow as they are: control characters, the quote and the backslash. */
const ESCAPES: readonly (Uint8Array | undefined)[] = Array.from({ length: 0x80 }, (_, code) => {
  const json = JSON.stringify(String.fromCharCode(code)).slice(1, -1);
  return json.length > 1 ? bytesOf(json) : undefined;
});

/** Writes JSON values as bytes of UTF-8. */
export class JsonText {
  readonly out: ByteText;

  constructor(out: ByteText) {
    this.out = out;
  }

  /**
   * Writes bytes up to `end` or the first NUL as a string. False when they are not UTF-8: each byte was then written as
   * the character U+0000 to U+00FF of its number.
   */
  string(source: Uint8Array, start: number, end: number): boolean {
    const { out } = this;
    if (this.#plain(source, start, end)) return true;
    let stop = start;
    while (stop < end && source[stop] !== 0) stop++;
    const isText = isUtf8(source, start, stop);
    out.reserve((stop - start) * 6 + 2);
    const { bytes } = out;
    let at = out.length;
    bytes[at++] = QUOTE;
    for (let index = start; index < stop; index++) {
      const value = source[index]!;
      if (value >= 0x80) {
        if (!isText) bytes[at++] = 0xc0 | (value >> 6);
        bytes[at++] = isText ? value : 0x80 | (value & 0x3f);
      } else if (value < 0x20 || value === QUOTE || value === BACKSLASH) {
        for (const escaped of ESCAPES[value]!) bytes[at++] = escaped;
      } else {
        bytes[at++] = value;
      }
    }
    bytes[at++] = QUOTE;
    out.length = at;
    return isText;
  }

  /** Writes a string without characters that need care; nothing where there is one. */
  #plain(source: Uint8Array, start: number, end: number): boolean {
    const { out } = this;
    out.reserve(end - start + 2);
    const { bytes } = out;
    let at = out.length;
    bytes[at++] = QUOTE;
    for (let index = start; index < end; index++) {
      const value = source[index]!;
      if (value === 0) break;
      if (value < 0x20 || value >= 0x80 || value === QUOTE || value === BACKSLASH) return false;
      bytes[at++] = value;
    }
    bytes[at++] = QUOTE;
    out.length = at;
    return true;
  }

  /** Writes `{"address":"0x..."}`. */
  plainAddress(high: number, low: number): void {
    this.out.text('{"address":"0x');
    this.out.hex64(high, low);
    this.out.text('"}');
  }

  /** Writes a number of a record: up to 32 bits as a number, 64 bits as a decimal string, `hex` as a string `0x...`. */
  number(view: DataView, at: number, size: 1 | 2 | 4 | 8, style: NumberStyle, little: boolean): void {
    const { out } = this;
    if (style === 'char') {
      this.#character(view.getUint8(at));
      return;
    }
    if (size === 8) {
      const low = view.getUint32(little ? at : at + 4, little);
      const high = view.getUint32(little ? at + 4 : at, little);
      out.byte(QUOTE);
      if (style === 'signed') {
        out.signed64(high, low);
      } else if (style === 'hex') {
        out.byte(ZERO);
        out.byte(LOWER_X);
        out.hex64(high, low);
      } else {
        out.unsigned64(high, low);
      }
      out.byte(QUOTE);
      return;
    }
    if (style === 'signed') {
      out.signed(
        size === 1 ? view.getInt8(at) : size === 2 ? view.getInt16(at, little) : view.getInt32(at, little),
      );
      return;
    }
    const value =
      size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, little) : view.getUint32(at, little);
    if (style !== 'hex') {
      out.decimal(value);
      return;
    }
    out.text('"0x');
    out.hex32(value);
    out.byte(QUOTE);
  }

  /** A `char` as a string of one character; a zero byte too. */
  #character(value: number): void {
    this.out.byte(QUOTE);
    const escaped = value < 0x80 ? ESCAPES[value] : undefined;
    if (escaped !== undefined) {
      this.out.put(escaped);
    } else if (value < 0x80) {
      this.out.byte(value);
    } else {
      this.out.byte(0xc0 | (value >> 6));
      this.out.byte(0x80 | (value & 0x3f));
    }
    this.out.byte(QUOTE);
  }
}

/** A name as JSON. Byte strings: what is not ASCII becomes UTF-8, byte for character. */
export function quotedName(name: string): string {
  return String.fromCharCode(...new TextEncoder().encode(JSON.stringify(name)));
}
