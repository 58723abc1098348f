/** What is wrong with the bytes, or with the question asked about them. */
export type BtfErrorCode =
  /** The first bytes are none of a known container. */
  | 'not-btf'
  /** The input is compressed and cannot be decompressed here; the message says what to run. */
  | 'compressed'
  /** Damaged ELF file. */
  | 'bad-elf'
  /** ELF file without the section asked for. */
  | 'no-section'
  /** Header fields contradict each other or the data. */
  | 'bad-header'
  /** A version, flag or header extension this reader does not know. */
  | 'newer-format'
  /** The data end before the header or a section does. */
  | 'truncated'
  /** The string section lacks its first or last NUL. */
  | 'bad-strings'
  /** A kind whose length is not known. */
  | 'unknown-kind'
  /** A record runs over the end of the type section. */
  | 'bad-record'
  /** A name outside the string section, or longer than `MAX_NAME_LENGTH`. */
  | 'bad-name'
  /** A type id that does not exist. */
  | 'bad-type-id'
  /** The type exists but is of a kind that has no such property. */
  | 'wrong-kind'
  /** No member, entry or word of that number. */
  | 'bad-index'
  /** A walk met a cycle, or more levels or steps than any real type has. */
  | 'too-complex'
  /** A rule of the format is broken (strict reading only). */
  | 'invalid'
  /** The base is missing, only partly readable, or of another byte order. */
  | 'bad-base'
  /** A type of a distilled base has no single partner in the kernel's BTF. */
  | 'relocation'
  /** The builder was given something the format cannot store. */
  | 'unrepresentable';

/** Every failure of this room: what, where in the bytes, and at which type. */
export class BtfError extends Error {
  override readonly name = 'BtfError';
  readonly code: BtfErrorCode;
  /** Byte offset into the blob (for types of an ELF file: into its section); 0 when the question is at fault, not the bytes. */
  readonly offset: number;
  readonly typeId?: number;

  constructor(code: BtfErrorCode, message: string, offset = 0, typeId?: number) {
    super(message);
    this.code = code;
    this.offset = offset;
    if (typeId !== undefined) this.typeId = typeId;
  }
}
