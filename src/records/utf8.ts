import { bytesOf } from './byte-text.js';

/**
 * Whether bytes are well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
 */
export function isUtf8(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  let index = start;
  while (index < end) {
    const first = bytes[index++]!;
    if (first < 0x80) continue;
    let following: number;
    let low = 0x80;
    let high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
      following = 1;
    } else if (first >= 0xe0 && first <= 0xef) {
      following = 2;
      if (first === 0xe0) low = 0xa0;
      if (first === 0xed) high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
      following = 3;
      if (first === 0xf0) low = 0x90;
      if (first === 0xf4) high = 0x8f;
    } else {
      return false;
    }
    for (; following > 0; following--) {
      const next = index < end ? bytes[index++]! : 0;
      if (next < low || next > high) return false;
      low = 0x80;
      high = 0xbf;
    }
  }
  return true;
}

/** Text that was stored as bytes of no stated encoding. */
export interface DecodedText {
  readonly text: string;
  /** The bytes are not UTF-8: each character of `text` is one byte. */
  readonly latin1: boolean;
}

/** Decodes bytes as UTF-8 when they are, byte by byte otherwise; so nothing is lost either way. */
export function decodeText(bytes: Uint8Array, start = 0, end = bytes.length): DecodedText {
  let text = '';
  for (let index = start; index < end; index++) {
    const value = bytes[index]!;
    if (value >= 0x80) {
      if (isUtf8(bytes, start, end)) {
        return {
          text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end)),
          latin1: false,
        };
      }
      return { text: latin1Of(bytes, start, end), latin1: true };
    }
    text += String.fromCharCode(value);
  }
  return { text, latin1: false };
}

/** Decodes a byte string (one byte per character) as `decodeText` does. */
export function decodeByteString(text: string): DecodedText {
  return decodeText(bytesOf(text));
}

const decoder = new TextDecoder();

/** Bytes as a byte string, one per character. */
export function latin1(bytes: Uint8Array): string {
  // Mostly they are ASCII, for which the host's decoder is far quicker.
  const decoded = decoder.decode(bytes);
  if (decoded.length === bytes.length && !decoded.includes('\ufffd')) return decoded;
  let text = '';
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return text;
}

function latin1Of(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let index = start; index < end; index++) text += String.fromCharCode(bytes[index]!);
  return text;
}
