import type { BodyCall } from './generated-text.js';
import type { BytesNode, IntNode, IntSize } from './print-tree.js';
import type { AddressText } from './symbol-text.js';

/** A number while code is made for it. It is to be used once: who gave it may work it out where it is used. */
export interface EmittedNumber {
  readonly bits: 32 | 64;
  readonly signed: boolean;
}

/** How a number is written: `pointer` with all its digits. */
export type DigitStyle = 'decimal' | 'hex' | 'pointer';

/** A number of at most 32 bits inside of another one: where its bits begin, how many they are, and whether the highest is a sign. */
export interface StoredBits {
  readonly offset: number;
  readonly width: number;
  readonly signed: boolean;
}

/** Characters that are somewhere in the record: their location is at `offset`. */
export interface LocatedCharacters {
  readonly kind: 'located';
  readonly offset: number;
  readonly relative: boolean;
  /** How many bytes they may be at least and at most. */
  readonly least: number;
  readonly most: number;
  /** Offsets of other locations, which must not lead into these bytes. */
  readonly others: readonly number[];
}

/** Characters of a record, up to the first NUL. */
export type QuotedCharacters = Exclude<BytesNode, { kind: 'located' }> | LocatedCharacters;

/** A text that stands for a number, with a label before it. */
export interface ListedText<N extends EmittedNumber> {
  readonly label: Uint8Array;
  readonly texts: AddressText;
  readonly value: N;
}

/** What is written around and between the members of a list. */
export interface ListMarks {
  readonly opening: Uint8Array;
  readonly separator: Uint8Array;
  readonly closing: Uint8Array;
}

/**
 * Takes the code that writes an event's body, for records that hold all fixed fields: what is written is told once, in
 * which language it is made is the emitter's business. What is called writes in the order of the calls.
 */
export interface BodyEmitter<N extends EmittedNumber = EmittedNumber> {
  /** Writes fixed bytes. */
  label(bytes: Uint8Array): void;
  /** A number of the record, `offset` bytes from its start. */
  field(size: IntSize, signed: boolean, offset: number): N;
  /** A number of a `print fmt`. */
  value(node: IntNode): N;
  /** The lowest bits of a number, as `printf` takes them for a conversion; what the type makes of them if they are as many. */
  cut(value: N, bits: 8 | 16 | 32 | 64, signed: boolean): N;
  /** Bits of a number. */
  bits(value: N, bits: StoredBits): N;
  /** Writes a number, signed as it is. */
  number(style: DigitStyle, value: N): void;
  /** Writes one byte: the lowest of the number. */
  character(value: N): void;
  /** Writes the text that stands for a number, which counts without its sign where it has 32 bits and none. */
  text(texts: AddressText, value: N): void;
  /** Writes those of the texts that are not empty; nothing where all are. */
  list(marks: ListMarks, members: readonly ListedText<N>[]): void;
  /** Writes bytes of the record up to the first NUL; of a location up to the end of the record. */
  characters(bytes: BytesNode): void;
  /** Writes the text of a probe's argument, whose location is at `offset`: in quotes, or what is said instead. */
  located(offset: number, instead: { readonly fault: Uint8Array; readonly overflow: Uint8Array }): void;
  /** Writes characters as a JSON string. Where they are not as it is told, or not ASCII, `otherwise` writes: it must know all of it. */
  quoted(characters: QuotedCharacters, otherwise: BodyCall): void;
  /** Writes one or the other. */
  choose(condition: IntNode, yes: () => void, no: () => void): void;
  /** Fills up what `write` writes to a width. */
  padded(side: 'start' | 'end', width: number, fill: ' ' | '0', write: () => void): void;
  /** Lets other code write. */
  call(call: BodyCall): void;
}
