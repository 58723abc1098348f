const START = 256;

/** Numbers and texts one after another, little endian, in one growing buffer. */
export class BytesWriter {
  #bytes = new Uint8Array(START);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64(value: number): this {
    const at = this.#room(8);
    this.#view.setBigUint64(at, BigInt(value), true);
    return this;
  }

  put(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** A byte string, without an end. */
  text(text: string): this {
    const start = this.#room(text.length);
    for (let index = 0; index < text.length; index++) this.#bytes[start + index] = text.charCodeAt(index);
    return this;
  }

  /** A byte string and a NUL. */
  string(text: string): this {
    return this.text(text).u8(0);
  }

  /** Zeros. */
  zeros(count: number): this {
    this.#room(count);
    return this;
  }

  /** A copy. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** To be called before the buffer is named: it may be another one afterwards. */
  #room(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }
}
