import type { Btf } from './btf.js';
import { BtfError } from './error.js';
import {
  BtfKind,
  C_RECORDS,
  HIGH_BIT,
  KIND_MASK,
  KIND_SHIFT,
  MERGED_RECORDS,
  RECORD_WORDS,
  type TypeId,
  VLEN_MASK,
} from './kinds.js';
import { nameBytes } from './strings.js';

/** What to build. */
export interface BuilderOptions {
  /** Default true. */
  readonly littleEndian?: boolean;
  /** Build split BTF on top of this one, in its byte order. */
  readonly base?: Btf;
  /** Write the 32-byte header with a layout section (spec 07 section 4). Default false. */
  readonly layout?: boolean;
}

/** A member to write; `bitfieldWidth` in bits, 0 or absent for other members. */
export interface NewMember {
  readonly name: string;
  readonly type: TypeId;
  readonly bitOffset: number;
  readonly bitfieldWidth?: number;
}

/** Encoding of an INT to write; default unsigned and as wide as its size. */
export interface NewInt {
  readonly signed?: boolean;
  readonly char?: boolean;
  readonly bool?: boolean;
  readonly bits?: number;
  readonly bitOffset?: number;
}

const HEADER_LENGTH = 24;
const LAYOUT_HEADER_LENGTH = 32;
const LAYOUT_KINDS = BtfKind.LocSec + 1;

/**
 * Writes BTF. Each method appends one type and returns its id; `nextId` allows references to types not yet written. What does not
 * fit the format is refused with `unrepresentable`; whether the types make sense is not checked.
 */
export class BtfBuilder {
  readonly #littleEndian: boolean;
  readonly #layout: boolean;
  readonly #stringStart: number;
  readonly #words: number[] = [];
  readonly #offsets = new Map<string, number>();
  readonly #strings: number[] = [];
  #nextId: TypeId;

  constructor(options: BuilderOptions = {}) {
    const { base } = options;
    this.#littleEndian = base?.littleEndian ?? options.littleEndian ?? true;
    this.#layout = options.layout ?? false;
    this.#stringStart = base?.table.strings.end ?? 0;
    this.#nextId = base?.typeCount ?? 1;
    if (base === undefined) this.#strings.push(0);
  }

  /** The id of the next type. */
  get nextId(): TypeId {
    return this.#nextId;
  }

  int(name: string, size: number, encoding: NewInt = {}): TypeId {
    const { signed = false, char = false, bool = false, bits = size * 8, bitOffset = 0 } = encoding;
    const flags = (signed ? 1 : 0) | (char ? 2 : 0) | (bool ? 4 : 0);
    return this.raw(BtfKind.Int, name, 0, false, size, [
      (flags << 24) | (field(bitOffset, 0xff) << 16) | field(bits, 0xff),
    ]);
  }

  pointer(to: TypeId): TypeId {
    return this.raw(BtfKind.Ptr, '', 0, false, to);
  }

  array(element: TypeId, index: TypeId, count: number): TypeId {
    return this.raw(BtfKind.Array, '', 0, false, 0, [element, index, count]);
  }

  /** The kind flag is set when a member is a bit-field, or as `kindFlag` says. */
  struct(name: string, size: number, members: readonly NewMember[], kindFlag?: boolean): TypeId {
    return this.#aggregate(BtfKind.Struct, name, size, members, kindFlag);
  }

  union(name: string, size: number, members: readonly NewMember[], kindFlag?: boolean): TypeId {
    return this.#aggregate(BtfKind.Union, name, size, members, kindFlag);
  }

  enum(name: string, size: number, values: readonly (readonly [string, number])[], signed = false): TypeId {
    const words = values.flatMap(([value, number]) => [this.#name(value), number]);
    return this.raw(BtfKind.Enum, name, values.length, signed, size, words);
  }

  enum64(name: string, size: number, values: readonly (readonly [string, bigint])[], signed = false): TypeId {
    const words = values.flatMap(([value, number]) => {
      const bits = BigInt.asUintN(64, number);
      return [this.#name(value), Number(bits & 0xffffffffn), Number(bits >> 32n)];
    });
    return this.raw(BtfKind.Enum64, name, values.length, signed, size, words);
  }

  forward(name: string, sort: 'struct' | 'union'): TypeId {
    return this.raw(BtfKind.Fwd, name, 0, sort === 'union', 0);
  }

  typedef(name: string, to: TypeId): TypeId {
    return this.raw(BtfKind.Typedef, name, 0, false, to);
  }

  volatile(to: TypeId): TypeId {
    return this.raw(BtfKind.Volatile, '', 0, false, to);
  }

  const(to: TypeId): TypeId {
    return this.raw(BtfKind.Const, '', 0, false, to);
  }

  restrict(to: TypeId): TypeId {
    return this.raw(BtfKind.Restrict, '', 0, false, to);
  }

  /** `linkage`: 0 static, 1 global, 2 extern. */
  func(name: string, proto: TypeId, linkage = 0): TypeId {
    return this.raw(BtfKind.Func, name, linkage, false, proto);
  }

  /** A last parameter `['', 0]` makes it variadic. */
  funcProto(returns: TypeId, parameters: readonly (readonly [name: string, type: TypeId])[]): TypeId {
    const words = parameters.flatMap(([name, type]) => [this.#name(name), type]);
    return this.raw(BtfKind.FuncProto, '', parameters.length, false, returns, words);
  }

  variable(name: string, type: TypeId, linkage = 0): TypeId {
    return this.raw(BtfKind.Var, name, 0, false, type, [linkage]);
  }

  datasec(
    name: string,
    size: number,
    variables: readonly (readonly [TypeId, offset: number, size: number])[],
  ): TypeId {
    return this.raw(BtfKind.Datasec, name, variables.length, false, size, variables.flat());
  }

  float(name: string, size: number): TypeId {
    return this.raw(BtfKind.Float, name, 0, false, size);
  }

  /** `component`: member or parameter number, -1 for the whole; `attribute` sets the kind flag (6.15 and later). */
  declTag(name: string, type: TypeId, component = -1, attribute = false): TypeId {
    return this.raw(BtfKind.DeclTag, name, 0, attribute, type, [component]);
  }

  typeTag(name: string, to: TypeId, attribute = false): TypeId {
    return this.raw(BtfKind.TypeTag, name, 0, attribute, to);
  }

  /** Where a parameter of an inlined call lives: `size` of its value in bytes, flags and data as in spec 07 section 4. */
  locParam(size: number, flags: number, data: readonly number[]): TypeId {
    return this.raw(BtfKind.LocParam, '', data.length, false, size, [flags, ...data]);
  }

  locProto(parameters: readonly TypeId[]): TypeId {
    return this.raw(BtfKind.LocProto, '', parameters.length, false, 0, parameters);
  }

  locSec(name: string, sites: readonly (readonly [func: TypeId, proto: TypeId, offset: number])[]): TypeId {
    return this.raw(BtfKind.LocSec, name, sites.length, false, 0, sites.flat());
  }

  /** Any record: the words behind the common part as they are, numbers from -2^31 to 2^32 - 1. */
  raw(
    kind: number,
    name: string,
    vlen: number,
    kindFlag: boolean,
    sizeOrType: number,
    words: readonly number[] = [],
  ): TypeId {
    const bits = (field(kind, KIND_MASK) << KIND_SHIFT) | field(vlen, VLEN_MASK);
    const info = (bits | (kindFlag ? HIGH_BIT : 0)) >>> 0;
    const record = [this.#name(name), info, word(sizeOrType), ...words.map(word)];
    for (const one of record) this.#words.push(one);
    return this.#nextId++;
  }

  /** The blob. The builder can be used further. */
  build(): Uint8Array {
    const headerLength = this.#layout ? LAYOUT_HEADER_LENGTH : HEADER_LENGTH;
    const layout = this.#layout ? layoutSection() : new Uint8Array(0);
    const typeLength = this.#words.length * 4;
    const stringLength = this.#strings.length;
    const bytes = new Uint8Array(headerLength + typeLength + layout.length + stringLength);
    const view = new DataView(bytes.buffer);
    const littleEndian = this.#littleEndian;
    view.setUint16(0, 0xeb9f, littleEndian);
    view.setUint8(2, 1);
    const stringOffset = typeLength + layout.length;
    const header = [headerLength, 0, typeLength, stringOffset, stringLength];
    if (this.#layout) header.push(typeLength, layout.length);
    header.forEach((value, i) => {
      view.setUint32(4 + i * 4, value, littleEndian);
    });
    this.#words.forEach((value, i) => {
      view.setUint32(headerLength + i * 4, value, littleEndian);
    });
    bytes.set(layout, headerLength + typeLength);
    bytes.set(this.#strings, headerLength + stringOffset);
    return bytes;
  }

  #aggregate(
    kind: number,
    name: string,
    size: number,
    members: readonly NewMember[],
    kindFlag: boolean | undefined,
  ): TypeId {
    const split = kindFlag ?? members.some(member => (member.bitfieldWidth ?? 0) > 0);
    const words = members.flatMap(({ name: member, type, bitOffset, bitfieldWidth = 0 }) => {
      if (!split && bitfieldWidth !== 0) throw unrepresentable('a bit-field needs the kind flag');
      const place = split ? (field(bitfieldWidth, 0xff) << 24) | field(bitOffset, 0xffffff) : bitOffset;
      return [this.#name(member), type, place];
    });
    return this.raw(kind, name, members.length, split, size, words);
  }

  #name(name: string): number {
    if (name === '') return 0;
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const bytes = nameBytes(name);
    if (bytes === undefined) throw unrepresentable('a name is a byte string without NUL');
    const offset = this.#stringStart + this.#strings.length;
    for (const byte of bytes) this.#strings.push(byte);
    this.#strings.push(0);
    this.#offsets.set(name, offset);
    return offset;
  }
}

function layoutSection(): Uint8Array {
  const section = new Uint8Array(LAYOUT_KINDS * 4);
  for (let kind = 1; kind < LAYOUT_KINDS; kind++) {
    const lengths = kind <= BtfKind.Enum64 ? C_RECORDS : MERGED_RECORDS;
    section[kind * 4] = (lengths.fixed[kind]! - RECORD_WORDS) * 4;
    section[kind * 4 + 1] = lengths.perEntry[kind]! * 4;
  }
  return section;
}

function field(value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw unrepresentable(`${value} is not in 0..${most}`);
  return value;
}

function word(value: number): number {
  if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) {
    throw unrepresentable(`${value} does not fit 32 bits`);
  }
  return value >>> 0;
}

function unrepresentable(message: string): BtfError {
  return new BtfError('unrepresentable', message);
}
