import { BtfError } from './error.js';

/** Names longer than this are taken for damage: the kernel allows 511 bytes (spec 10 R10-33). */
export const MAX_NAME_LENGTH = 4096;

const CHUNK = 512;

/**
 * The strings of one blob on top of those of its base (spec 10 R10-20). Text is a byte string: one character per byte.
 * A view: the bytes must not change while it is in use.
 */
export class StringTable {
  /** First offset that is ours; smaller ones are the base's. */
  readonly start: number;
  readonly end: number;

  constructor(
    /** Our own section. */
    readonly bytes: Uint8Array,
    readonly base: StringTable | undefined,
    /** Byte offset of the section within the blob, for messages. */
    readonly blobOffset: number,
  ) {
    this.start = base === undefined ? 0 : base.end;
    this.end = this.start + bytes.length;
    if (base === undefined && bytes[0] !== 0) {
      throw new BtfError('bad-strings', 'the string section does not begin with an empty string', blobOffset);
    }
    if (bytes.length > 0 && bytes[bytes.length - 1] !== 0) {
      const message = 'the string section does not end with a NUL byte';
      throw new BtfError('bad-strings', message, blobOffset + bytes.length - 1);
    }
  }

  /** The text at `offset`; '' for 0. Throws `bad-name` when it lies outside or is too long. */
  text(offset: number): string {
    if (offset === 0) return '';
    const owner = this.#owner(offset);
    const at = offset - owner.start;
    const end = owner.bytes.indexOf(0, at);
    if (end - at > MAX_NAME_LENGTH) {
      const message = `the name at string offset ${offset} is longer than ${MAX_NAME_LENGTH} bytes`;
      throw new BtfError('bad-name', message, owner.blobOffset + at);
    }
    let text = '';
    for (let from = at; from < end; from += CHUNK) {
      text += String.fromCharCode(...owner.bytes.subarray(from, Math.min(end, from + CHUNK)));
    }
    return text;
  }

  /** True when the text at `offset` is exactly `name`; false for an offset outside. */
  matches(offset: number, name: Uint8Array): boolean {
    if (offset >= this.end) return false;
    const owner = this.#owner(offset);
    const bytes = owner.bytes;
    const at = offset - owner.start;
    const length = name.length;
    if (bytes[at + length] !== 0) return false;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== name[i]) return false;
    return true;
  }

  /** A hash of the text at `offset`, equal to `hashName` of the same bytes; 0 for an offset outside. */
  hash(offset: number): number {
    if (offset >= this.end) return 0;
    const owner = this.#owner(offset);
    const bytes = owner.bytes;
    const from = offset - owner.start;
    const limit = Math.min(bytes.length, from + HASHED_LENGTH);
    let hash = HASH_SEED;
    for (let at = from; at < limit; at++) {
      const byte = bytes[at]!;
      if (byte === 0) break;
      hash = Math.imul(hash ^ byte, HASH_FACTOR);
    }
    return hash >>> 0;
  }

  #owner(offset: number): StringTable {
    if (offset >= this.end) {
      const message = `string offset ${offset} is outside the ${this.end} bytes of strings`;
      throw new BtfError('bad-name', message, this.blobOffset);
    }
    let table: StringTable = this;
    while (offset < table.start && table.base !== undefined) table = table.base;
    return table;
  }
}

const HASH_SEED = 0x811c9dc5 | 0;
const HASH_FACTOR = 0x01000193;
/** Damaged strings may be long and overlap: without this limit an index over them would take quadratic time. */
const HASHED_LENGTH = 256;

/** FNV-1a over the first bytes of a name. */
export function hashName(name: Uint8Array): number {
  const limit = Math.min(name.length, HASHED_LENGTH);
  let hash = HASH_SEED;
  for (let i = 0; i < limit; i++) hash = Math.imul(hash ^ name[i]!, HASH_FACTOR);
  return hash >>> 0;
}

/** The bytes of a byte string; `undefined` when it holds a character no stored name can have. */
export function nameBytes(name: string): Uint8Array | undefined {
  const bytes = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === 0 || code > 0xff) return undefined;
    bytes[i] = code;
  }
  return bytes;
}
