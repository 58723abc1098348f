import type { Random } from '../differential/random.js';

/** Numbers at which lengths, counts and offsets break. */
const NUMBERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 7n, 8n, 15n, 16n, 28n, 29n, 30n, 31n, 63n, 64n, 127n, 128n, 255n, 256n],
  ...[4079n, 4080n, 4081n, 4095n, 4096n, 4097n, 32767n, 32768n, 65535n, 65536n, 1_000_000n, 16_777_216n],
  ...[0x3fff_ffffn, 0x4000_0000n, 0x7fff_ffffn, 0x8000_0000n, 0xc000_0000n, 0xffff_fff0n, 0xffff_ffffn],
  ...[0x1_0000_0000n, 0x1f_ffff_ffff_ffffn, 0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n],
  ...[0xffff_ffff_ffff_0000n, 0xffff_ffff_ffff_ffffn],
];

/** Pieces of what formats and lists are written in. */
const WORDS: readonly string[] = [
  ...[
    'REC->',
    'REC',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    ';',
    ':',
    ',',
    '?',
    '*',
    '&',
    '<<',
    '>>',
    '/',
  ],
  ...[
    '%',
    '%s',
    '%d',
    '%lu',
    '%llx',
    '%pS',
    '%ps',
    '%pI4',
    '%pISpc',
    '%pU',
    '%*ph',
    '%*phC',
    '%.*s',
    '%*d',
    '%-',
  ],
  ...['%0200000d', '%2000000000s', '%.2000000000s', '%#', '%c', '%%', '__get_str(', '__get_dynamic_array('],
  ...['__print_flags(', '__print_symbolic(', '__print_array(', '__print_hex(', '__get_bitmask(', 'sizeof('],
  ...['__get_sockaddr(', '__print_hex_str(', 'jiffies', 'vmemmap_base', '({', '})', '((((((((', '))))))))'],
  ...['__data_loc char[] ', '__rel_loc char[] ', '[100000]', '[0]', 'signed:1;', 'size:', 'offset:', 'ID: '],
  ...['field:', 'print fmt: ', '\n', '\n\n', '\t', '\0', '\xff', '@@ ', 'name: ', 'constructor', '__proto__'],
];

/** Changes bytes and texts a little, in ways that readers of them should notice. */
export class Mutator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A changed copy; half of the changes are at `hot` places, such as headers. */
  bytes(input: Uint8Array, hot: readonly number[] = []): Uint8Array {
    let bytes = Uint8Array.from(input);
    for (let left = this.#random.between(1, 5); left > 0; left--) bytes = this.#changed(bytes, hot);
    return bytes;
  }

  /** A changed text, one byte a character. */
  text(input: string): string {
    let text = input;
    for (let left = this.#random.between(1, 5); left > 0; left--) text = this.#rewritten(text);
    return text;
  }

  #place(length: number, hot: readonly number[]): number {
    const random = this.#random;
    if (hot.length === 0 || random.chance(0.5)) return random.below(length + 1);
    return Math.min(length, random.pick(hot) + random.below(4));
  }

  #changed(bytes: Uint8Array<ArrayBuffer>, hot: readonly number[]): Uint8Array<ArrayBuffer> {
    const random = this.#random;
    const at = this.#place(bytes.length, hot);
    const length = Math.min(bytes.length - at, 1 << random.below(10));
    switch (random.below(9)) {
      case 0:
        if (at < bytes.length) bytes[at] = bytes[at]! ^ (1 << random.below(8));
        return bytes;
      case 1:
        if (at < bytes.length) bytes[at] = random.below(256);
        return bytes;
      case 2:
      case 3:
      case 4:
        this.#putNumber(bytes, at);
        return bytes;
      case 5:
        return joined(bytes.subarray(0, at), bytes.subarray(at + length));
      case 6:
        return joined(bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at));
      case 7: {
        const from = random.below(bytes.length + 1);
        bytes.copyWithin(at, from, from + length);
        return bytes;
      }
      default:
        return random.chance(0.3) ? bytes.slice(0, at) : this.#noise(bytes, at, length);
    }
  }

  #noise(bytes: Uint8Array<ArrayBuffer>, at: number, length: number): Uint8Array<ArrayBuffer> {
    for (let index = at; index < at + length; index++) bytes[index] = this.#random.below(256);
    return bytes;
  }

  /** Writes a number of 1 to 8 bytes: one that breaks things, or one near to what is there. */
  #putNumber(bytes: Uint8Array, place: number): void {
    const random = this.#random;
    const size = random.pick([1, 2, 4, 4, 8]);
    const at = random.chance(0.7) ? place & ~(Math.min(size, 4) - 1) : place;
    if (at + size > bytes.length) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
    const little = random.chance(0.9);
    let old = 0n;
    for (let index = 0; index < size; index++) {
      old |= BigInt(view.getUint8(index)) << BigInt(8 * (little ? index : size - 1 - index));
    }
    const value = random.chance(0.3) ? old + BigInt(random.between(-9, 9)) : random.pick(NUMBERS);
    for (let index = 0; index < size; index++) {
      const byte = Number((value >> BigInt(8 * index)) & 0xffn);
      view.setUint8(little ? index : size - 1 - index, byte);
    }
  }

  #rewritten(text: string): string {
    const random = this.#random;
    const at = random.below(text.length + 1);
    const length = Math.min(text.length - at, 1 << random.below(8));
    switch (random.below(9)) {
      case 0:
      case 1:
        return this.#renumbered(text, at);
      case 2:
        return text.slice(0, at) + random.pick(WORDS) + text.slice(at);
      case 3:
        return text.slice(0, at) + random.pick(WORDS) + text.slice(at + length);
      case 4:
        return text.slice(0, at) + text.slice(at + length);
      case 5:
        return (
          text.slice(0, at + length) +
          text.slice(at, at + length).repeat(random.between(1, 40)) +
          text.slice(at)
        );
      case 6: {
        const from = random.below(text.length + 1);
        return text.slice(0, at) + text.slice(from, from + length) + text.slice(at);
      }
      case 7:
        return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
      default:
        return random.chance(0.2) ? text.slice(0, at) : this.#renumbered(text, at);
    }
  }

  /** Replaces the next number behind a place. */
  #renumbered(text: string, at: number): string {
    const random = this.#random;
    const found = /\d+/.exec(text.slice(at));
    if (found === null) return text;
    const old = BigInt(found[0]);
    const number = random.chance(0.3) ? old + BigInt(random.between(-9, 9)) : random.pick(NUMBERS);
    return text.slice(0, at + found.index) + String(number) + text.slice(at + found.index + found[0].length);
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}
