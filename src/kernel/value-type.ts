import { type Btf, BtfKind, type TypeId } from '../btf/index.js';

/** A named bit of a flag type. */
export interface NamedBit {
  readonly name: string;
  readonly bit: bigint;
}

/** A member of a struct or union; those of anonymous ones in it are members of its own. */
export interface ValueMember {
  readonly name: string;
  /** Bits from the start of the struct. */
  readonly bitOffset: number;
  /** Bits, 0 = not a bit field. */
  readonly bitWidth: number;
  readonly type: ValueType;
}

/**
 * What a value of a C type means, as plain data: no BTF is needed to read it. `size` is in bytes, little endian unless
 * the kind says otherwise.
 */
export type ValueType =
  | { readonly kind: 'int'; readonly size: number; readonly signed: boolean }
  | { readonly kind: 'bool'; readonly size: number }
  | {
      readonly kind: 'enum';
      readonly size: number;
      readonly signed: boolean;
      /** First name of each value. */
      readonly names: ReadonlyMap<bigint, string>;
    }
  /** An enum whose values are bits to be combined. */
  | {
      readonly kind: 'flags';
      readonly size: number;
      readonly bits: readonly NamedBit[];
      /** Name of the value 0. */
      readonly none: string | undefined;
    }
  | { readonly kind: 'pointer'; readonly size: number }
  /** A number in network byte order: `__be16`, `__be32`, `__be64`. */
  | { readonly kind: 'big-endian'; readonly size: number }
  /** `struct in_addr`. */
  | { readonly kind: 'ipv4'; readonly size: 4 }
  /** `struct in6_addr`. */
  | { readonly kind: 'ipv6'; readonly size: 16 }
  /** `char` array of `size` bytes; 0 = flexible. */
  | { readonly kind: 'text'; readonly size: number }
  | { readonly kind: 'array'; readonly size: number; readonly element: ValueType; readonly count: number }
  | { readonly kind: 'struct'; readonly size: number; readonly members: readonly ValueMember[] };

/** What is known of a field of a record beyond its bytes. */
export interface FieldType {
  /** What the value means; `undefined` when nothing is known. */
  readonly type: ValueType | undefined;
  /** The type as C writes it. */
  readonly spelling: string | undefined;
  /**
   * Where in the stored number the value is, in bits from the lowest: of bit fields, and of types that are narrower than
   * what is stored. `undefined`: the whole of it.
   */
  readonly bits: { readonly offset: number; readonly width: number } | undefined;
  /** The definition says how the value is to be shown: bits that are stored beside it are then shown too. */
  readonly written: boolean;
  /** What a function returned: negative numbers are errors. */
  readonly result: boolean;
  /** Whether the value was read from memory, and no register: then reading it can fail. */
  readonly fromMemory: boolean;
  /** The expressions whose values were followed as pointers, the first one first: steps of a `FetchState` count them from 0. */
  readonly pointers: readonly string[];
}

/** Levels of structs inside of structs that are described. */
const deepest = 4;
/** Members and elements that are described, in all. */
const mostMembers = 512;

const networkOrder: ReadonlyMap<string, number> = new Map([
  ['__be16', 2],
  ['__be32', 4],
  ['__be64', 8],
]);

/**
 * Describes a type for values of which at most `bytes` bytes are at hand: members behind them are left out. `undefined`
 * for what has no value of its own (void, functions) or is too deep.
 */
export function valueTypeOf(btf: Btf, id: TypeId, bytes = 8): ValueType | undefined {
  return new Describer(btf).describe(id, bytes, 0);
}

class Describer {
  readonly #btf: Btf;
  #left = mostMembers;

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  describe(from: TypeId, bytes: number, depth: number): ValueType | undefined {
    const btf = this.#btf;
    const id = this.#resolve(from);
    if (typeof id === 'object') return id;
    switch (btf.kind(id)) {
      case BtfKind.Int: {
        const { signed, bool } = btf.int(id);
        const size = btf.sizeOrType(id);
        return bool ? { kind: 'bool', size } : { kind: 'int', size, signed };
      }
      case BtfKind.Enum:
      case BtfKind.Enum64:
        return enumType(btf, id);
      case BtfKind.Ptr:
        return { kind: 'pointer', size: btf.pointerSize };
      case BtfKind.Array:
        return this.#array(id, bytes, depth);
      case BtfKind.Struct:
      case BtfKind.Union:
        return this.#struct(id, bytes, depth);
      default:
        return undefined;
    }
  }

  /** Follows modifiers; a name on the way may say what the value is. */
  #resolve(from: TypeId): TypeId | ValueType {
    const btf = this.#btf;
    const end = btf.skipModifiers(from);
    for (let id = from; id !== end; id = btf.sizeOrType(id)) {
      const size = btf.kind(id) === BtfKind.Typedef ? networkOrder.get(btf.nameOf(id)) : undefined;
      if (size !== undefined) return { kind: 'big-endian', size };
    }
    return end;
  }

  #array(id: TypeId, bytes: number, depth: number): ValueType | undefined {
    const btf = this.#btf;
    const { element, count } = btf.array(id);
    const unit = btf.skipModifiers(element);
    if (btf.kind(unit) === BtfKind.Int && btf.sizeOrType(unit) === 1 && btf.nameOf(unit) === 'char') {
      return { kind: 'text', size: count };
    }
    if (depth >= deepest) return undefined;
    const elementType = this.describe(element, bytes, depth + 1);
    if (elementType === undefined || elementType.size === 0) return undefined;
    return { kind: 'array', size: elementType.size * count, element: elementType, count };
  }

  #struct(id: TypeId, bytes: number, depth: number): ValueType | undefined {
    const btf = this.#btf;
    const size = btf.sizeOrType(id);
    const name = btf.nameOf(id);
    if (name === 'in_addr' && size === 4) return { kind: 'ipv4', size };
    if (name === 'in6_addr' && size === 16) return { kind: 'ipv6', size };
    if (depth >= deepest) return undefined;
    const members: ValueMember[] = [];
    this.#collect(id, 0, bytes, depth, members);
    return { kind: 'struct', size, members };
  }

  #collect(struct: TypeId, base: number, bytes: number, depth: number, members: ValueMember[]): void {
    const btf = this.#btf;
    for (const { name, type, bitOffset, bitfieldWidth } of btf.members(struct)) {
      const offset = base + bitOffset;
      if (offset >= bytes * 8) continue;
      if (this.#left <= 0) return;
      this.#left--;
      const id = btf.skipModifiers(type);
      const kind = btf.kind(id);
      if (name === '' && (kind === BtfKind.Struct || kind === BtfKind.Union)) {
        if (depth < deepest) this.#collect(id, offset, bytes, depth + 1, members);
        continue;
      }
      if (name === '') continue;
      const described = this.describe(type, bytes - Math.floor(offset / 8), depth + 1);
      if (described !== undefined) {
        members.push({ name, bitOffset: offset, bitWidth: bitfieldWidth, type: described });
      }
    }
  }
}

function enumType(btf: Btf, id: TypeId): ValueType {
  const size = btf.sizeOrType(id);
  const enumerators = btf.enumerators(id);
  const names = new Map<bigint, string>();
  for (const { name, value } of enumerators) if (!names.has(value)) names.set(value, name);
  const bits = flagBits(names);
  if (bits !== undefined) return { kind: 'flags', size, bits, none: names.get(0n) };
  return { kind: 'enum', size, signed: btf.kindFlag(id), names };
}

/**
 * The bits of an enum whose values are meant to be combined: all are powers of two, and so many that counting up would
 * have met another number. Masks of all bits below may stand behind them.
 */
function flagBits(names: ReadonlyMap<bigint, string>): NamedBit[] | undefined {
  const bits: NamedBit[] = [];
  let all = 0n;
  for (const [value, name] of names) {
    if (value < 0n) return undefined;
    if (value === 0n || (value & (value - 1n)) !== 0n) continue;
    bits.push({ name, bit: value });
    all |= value;
  }
  if (bits.length < 3) return undefined;
  bits.sort((left, right) => (left.bit < right.bit ? -1 : 1));
  const largest = bits.at(-1)!.bit;
  for (const value of names.keys()) {
    const isBit = (value & (value - 1n)) === 0n;
    if (!isBit && (value < largest || (value & ~all) !== 0n)) return undefined;
  }
  return bits;
}
