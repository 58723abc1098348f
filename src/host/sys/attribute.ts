/**
 * The argument of a system call as bytes: fields at the offsets that the kernel gives them, little endian like the
 * machines we run on. Addresses of other bytes are filled in by `addressOf`; the attribute keeps those bytes alive.
 */
export class Attribute {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #kept: Uint8Array[] = [];
  readonly #addressOf: (bytes: Uint8Array) => bigint;

  constructor(size: number, addressOf: (bytes: Uint8Array) => bigint) {
    this.bytes = new Uint8Array(new ArrayBuffer(size));
    this.#view = new DataView(this.bytes.buffer);
    this.#addressOf = addressOf;
  }

  u32(offset: number, value: number): this {
    this.#view.setUint32(offset, value >>> 0, true);
    return this;
  }

  u64(offset: number, value: bigint): this {
    this.#view.setBigUint64(offset, BigInt.asUintN(64, value), true);
    return this;
  }

  /** A name in a field of that size, cut so that a NUL follows. */
  name(offset: number, size: number, text: string): this {
    for (let i = 0; i < Math.min(text.length, size - 1); i++) this.bytes[offset + i] = text.charCodeAt(i);
    return this;
  }

  /** The address of bytes that the kernel reads or writes. */
  pointer(offset: number, bytes: Uint8Array): this {
    this.#kept.push(bytes);
    return this.u64(offset, this.#addressOf(bytes));
  }

  /** Keeps bytes alive whose addresses the caller wrote himself. */
  keep(bytes: readonly Uint8Array[]): this {
    this.#kept.push(...bytes);
    return this;
  }

  getU32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }
}

/** A text as C knows it: one byte a character, and a NUL. */
export function cString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length + 1);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
