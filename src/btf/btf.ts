import { findProblems } from './check.js';
import { declare } from './declare.js';
import { BtfError } from './error.js';
import { type FirstSearchResult, findMemberAsFirstPosted } from './first-search.js';
import {
  BtfKind,
  HIGH_BIT,
  KIND_MASK,
  KIND_SHIFT,
  kindName,
  RECORD_WORDS,
  type TypeId,
  VLEN_MASK,
} from './kinds.js';
import { alignOf, isAggregate, sizeOf, skipModifiers } from './layout.js';
import { NameLookup } from './lookup.js';
import { findMember, type Member, type MemberSearch, memberAt } from './members.js';
import { readTable, startsOf, type TypeTable } from './table.js';

/** How to read a blob. */
export interface BtfOptions {
  /** `vmlinux` or the module's name; default `vmlinux`, or '' for split BTF. */
  readonly name?: string;
  /** What a module's split BTF builds on (spec 10 section 5). */
  readonly base?: Btf;
  /** Keep the types before the first unreadable record instead of refusing; see `Btf.stopped`. */
  readonly partial?: boolean;
  /** Refuse what breaks any rule of the format, not only what cannot be read; `findProblems` lists it all. Default false. */
  readonly strict?: boolean;
  /** Bytes of a pointer, which BTF does not tell; default: the base's, else the size of `unsigned long`, else 8. */
  readonly pointerSize?: 4 | 8;
  /** `Btf.starts` of the very same bytes, which spares the pass over them. Others do no harm where they are seen to be. */
  readonly starts?: Int32Array | undefined;
  /** That of the ELF file's class, used when neither `pointerSize` nor the types tell. */
  readonly elfPointerSize?: 4 | 8;
}

/** The facts of an INT (spec 10 section 4.1). `bits` differs from 8 * size only in old bit-fields. */
export interface IntFacts {
  readonly bits: number;
  /** Bits between the start of the storage unit and the value. */
  readonly bitOffset: number;
  readonly signed: boolean;
  readonly char: boolean;
  readonly bool: boolean;
}

/** An ARRAY: `count` 0 for a flexible array. */
export interface ArrayFacts {
  readonly element: TypeId;
  readonly index: TypeId;
  readonly count: number;
}

/** One constant of an enum, sign as the enum says. */
export interface Enumerator {
  readonly name: string;
  readonly value: bigint;
}

/** One parameter; of a variadic prototype the last has name '' and type 0. */
export interface Parameter {
  readonly name: string;
  readonly type: TypeId;
}

/** One variable of a DATASEC: offset and size in bytes within the section. */
export interface SectionVariable {
  readonly type: TypeId;
  readonly offset: number;
  readonly size: number;
}

const REFERRING_KINDS: readonly boolean[] = flags(
  ...[BtfKind.Ptr, BtfKind.Typedef, BtfKind.Volatile, BtfKind.Const, BtfKind.Restrict, BtfKind.TypeTag],
  ...[BtfKind.Func, BtfKind.FuncProto, BtfKind.Var, BtfKind.DeclTag],
);

function flags(...kinds: number[]): boolean[] {
  return Array.from({ length: KIND_MASK + 1 }, (_, kind) => kinds.includes(kind));
}

/**
 * One BTF blob (spec 10), read-only: types are integer ids, facts are decoded when asked. It keeps a view of the bytes given to
 * `parse`, which must not change afterwards. Every accessor throws a `BtfError`: `bad-type-id`, `wrong-kind`, `bad-index` or
 * `bad-name`.
 */
export class Btf {
  /** `vmlinux`, a module's name, or what the reader was told. */
  readonly name: string;
  readonly base: Btf | undefined;
  /** First own id: 1, or for split BTF the number of ids of the base. */
  readonly firstId: TypeId;
  /** Ids 0 to `typeCount - 1` are valid, those of the base included. */
  readonly typeCount: number;
  /** @internal */
  readonly table: TypeTable;
  readonly #lookup: NameLookup;
  readonly #elfPointerSize: 4 | 8 | undefined;
  #pointerSize: 4 | 8 | undefined;

  private constructor(table: TypeTable, options: BtfOptions) {
    this.table = table;
    this.base = options.base;
    this.name = options.name ?? (options.base === undefined ? 'vmlinux' : '');
    this.firstId = table.firstId;
    this.typeCount = table.firstId + table.count;
    this.#lookup = new NameLookup(table);
    this.#pointerSize = options.pointerSize;
    this.#elfPointerSize = options.elfPointerSize;
  }

  /** Reads a raw blob of either byte order in one pass over its records. Throws a `BtfError`. */
  static parse(bytes: Uint8Array, options: BtfOptions = {}): Btf {
    const { base, partial = false, starts } = options;
    const btf = new Btf(readTable(bytes, base?.table, partial, starts), options);
    if (options.strict === true) {
      const [problem] = findProblems(btf, 1);
      if (problem !== undefined) throw problem;
    }
    return btf;
  }

  get littleEndian(): boolean {
    return this.table.header.littleEndian;
  }

  /** Bytes of a pointer (spec 10 R10-52). */
  get pointerSize(): 4 | 8 {
    this.#pointerSize ??= this.base?.pointerSize ?? this.#guessPointerSize();
    return this.#pointerSize;
  }

  /** Word by word of the type section, where each record begins, and the end; `undefined` where kinds do not tell that. */
  get starts(): Int32Array | undefined {
    return startsOf(this.table);
  }

  /** Why the types end early, when read with `partial`. */
  get stopped(): BtfError | undefined {
    return this.table.stopped;
  }

  kind(id: TypeId): BtfKind {
    if (id === 0) return BtfKind.Void;
    const table = this.tableOf(id);
    return ((table.words[table.starts[id - table.firstId]! + 1]! >>> KIND_SHIFT) & KIND_MASK) as BtfKind;
  }

  /** The type's own name, '' when it has none. */
  nameOf(id: TypeId): string {
    if (id === 0) return '';
    const table = this.tableOf(id);
    return table.strings.text(table.words[table.starts[id - table.firstId]!]!);
  }

  /** Number of members, values, parameters or variables; of a FUNC its linkage. */
  vlen(id: TypeId): number {
    return id === 0 ? 0 : this.#word(id, 1) & VLEN_MASK;
  }

  /** The kind flag: bit-fields in a STRUCT, signed values in an enum, a union in a FWD. */
  kindFlag(id: TypeId): boolean {
    return id !== 0 && (this.#word(id, 1) & HIGH_BIT) !== 0;
  }

  /** The raw word at +8: a size or a type id, as the kind says. */
  sizeOrType(id: TypeId): number {
    return id === 0 ? 0 : this.#word(id, 2);
  }

  /** The 32-bit word behind the common 12 bytes, whatever the kind and even when it belongs to the next record: the kernel reads it so. */
  trailingWord(id: TypeId): number | undefined {
    if (id === 0) return undefined;
    const table = this.tableOf(id);
    return table.words[table.starts[id - table.firstId]! + RECORD_WORDS];
  }

  /**
   * The text named by the word that lies `words` 32-bit words behind the common 12 bytes of a record (before them when
   * negative), whatever it belongs to: the kernel takes it for a parameter's name when it counts parameters from a
   * negative number. `undefined` where there is no such word, or it is no offset of a text.
   */
  strayName(id: TypeId, words: number): string | undefined {
    if (id === 0) return undefined;
    const table = this.tableOf(id);
    const offset = table.words[table.starts[id - table.firstId]! + RECORD_WORDS + words];
    return offset === undefined || offset >= table.strings.end ? undefined : table.strings.text(offset);
  }

  /** What a PTR, TYPEDEF, modifier, FUNC, VAR or tag refers to; the return type of a FUNC_PROTO. */
  referenced(id: TypeId): TypeId {
    const kind = this.kind(id);
    if (REFERRING_KINDS[kind] !== true) throw this.wrongKind(id, 'refers to no type');
    return this.#word(id, 2);
  }

  int(id: TypeId): IntFacts {
    if (this.kind(id) !== BtfKind.Int) throw this.wrongKind(id, 'is not an INT');
    const data = this.#word(id, 3);
    const encoding = data >>> 24;
    return {
      bits: data & 0xff,
      bitOffset: (data >>> 16) & 0xff,
      signed: (encoding & 1) !== 0,
      char: (encoding & 2) !== 0,
      bool: (encoding & 4) !== 0,
    };
  }

  array(id: TypeId): ArrayFacts {
    if (this.kind(id) !== BtfKind.Array) throw this.wrongKind(id, 'is not an ARRAY');
    return { element: this.#word(id, 3), index: this.#word(id, 4), count: this.#word(id, 5) };
  }

  memberCount(id: TypeId): number {
    if (!isAggregate(this.kind(id))) throw this.wrongKind(id, 'has no members');
    return this.vlen(id);
  }

  /** '' for an anonymous member. */
  memberName(id: TypeId, index: number): string {
    const table = this.tableOf(id);
    return table.strings.text(table.words[this.#memberStart(id, index)]!);
  }

  memberType(id: TypeId, index: number): TypeId {
    return this.tableOf(id).words[this.#memberStart(id, index) + 1]!;
  }

  /** Bits from the start of the struct, as stored: the offset of an old-style bit-field's INT is not added. */
  memberBitOffset(id: TypeId, index: number): number {
    const word = this.tableOf(id).words[this.#memberStart(id, index) + 2]!;
    return this.kindFlag(id) ? word & 0xffffff : word;
  }

  /** Bits of a bit-field, as stored: 0 for other members and for old-style bit-fields. */
  memberBitfieldWidth(id: TypeId, index: number): number {
    const word = this.tableOf(id).words[this.#memberStart(id, index) + 2]!;
    return this.kindFlag(id) ? word >>> 24 : 0;
  }

  /** The values of an ENUM or ENUM64; none for a forward declared enum. */
  enumerators(id: TypeId): Enumerator[] {
    const kind = this.#enumKind(id);
    const table = this.tableOf(id);
    const { words, strings } = table;
    const perEntry = table.lengths.perEntry[kind]!;
    const width = kind === BtfKind.Enum ? 32 : 64;
    const signed = this.kindFlag(id);
    const start = table.starts[id - table.firstId]! + RECORD_WORDS;
    return Array.from({ length: this.vlen(id) }, (_, i) => {
      const at = start + i * perEntry;
      const low = BigInt(words[at + 1]!);
      const value = kind === BtfKind.Enum ? low : (BigInt(words[at + 2]!) << 32n) | low;
      return { name: strings.text(words[at]!), value: signed ? BigInt.asIntN(width, value) : value };
    });
  }

  /** Whether one of the enumerators of an ENUM or ENUM64 has that name, given in bytes; no name is decoded for it. */
  hasEnumerator(id: TypeId, name: Uint8Array): boolean {
    const kind = this.#enumKind(id);
    const table = this.tableOf(id);
    const { words, strings } = table;
    const perEntry = table.lengths.perEntry[kind]!;
    const start = table.starts[id - table.firstId]! + RECORD_WORDS;
    const end = start + this.vlen(id) * perEntry;
    for (let at = start; at < end; at += perEntry) if (strings.matches(words[at]!, name)) return true;
    return false;
  }

  /** The parameters of a FUNC_PROTO. */
  parameters(proto: TypeId): Parameter[] {
    if (this.kind(proto) !== BtfKind.FuncProto) throw this.wrongKind(proto, 'is not a FUNC_PROTO');
    const table = this.tableOf(proto);
    const start = table.starts[proto - table.firstId]! + RECORD_WORDS;
    return Array.from({ length: this.vlen(proto) }, (_, i) => ({
      name: table.strings.text(table.words[start + i * 2]!),
      type: table.words[start + i * 2 + 1]!,
    }));
  }

  /** The variables of a DATASEC. */
  sectionVariables(id: TypeId): SectionVariable[] {
    if (this.kind(id) !== BtfKind.Datasec) throw this.wrongKind(id, 'is not a DATASEC');
    const table = this.tableOf(id);
    const start = table.starts[id - table.firstId]! + RECORD_WORDS;
    return Array.from({ length: this.vlen(id) }, (_, i) => ({
      type: table.words[start + i * 3]!,
      offset: table.words[start + i * 3 + 1]!,
      size: table.words[start + i * 3 + 2]!,
    }));
  }

  /** Which member or parameter a DECL_TAG is about; -1: the tagged type as a whole. */
  componentIndex(id: TypeId): number {
    if (this.kind(id) !== BtfKind.DeclTag) throw this.wrongKind(id, 'is not a DECL_TAG');
    return this.#word(id, 3) | 0;
  }

  /** First type of that name and kind: own types first, then the base's (spec 10 R10-22). An empty name finds nothing. */
  find(name: string, kind: BtfKind): TypeId | undefined {
    return this.findOwn(name, kind) ?? this.base?.find(name, kind);
  }

  /** Like `find`, without the base. */
  findOwn(name: string, kind: BtfKind): TypeId | undefined {
    return this.#lookup.first(name, kind);
  }

  /** Every type of that name and kind: own ids ascending, then the base's. */
  findAll(name: string, kind: BtfKind): TypeId[] {
    return [...this.#lookup.all(name, kind), ...(this.base?.findAll(name, kind) ?? [])];
  }

  /** The first own FUNC of that name, if its type is a FUNC_PROTO (spec 10 R10-44). The base is not searched. */
  findFunction(name: string): { id: TypeId; proto: TypeId } | undefined {
    const id = this.findOwn(name, BtfKind.Func);
    if (id === undefined) return undefined;
    const proto = this.#word(id, 2);
    if (proto >= this.typeCount || this.kind(proto) !== BtfKind.FuncProto) return undefined;
    return { id, proto };
  }

  /** Follows TYPEDEF, CONST, VOLATILE, RESTRICT and TYPE_TAG (spec 10 R10-51). Throws `too-complex` on a cycle. */
  skipModifiers(id: TypeId): TypeId {
    return skipModifiers(this, id);
  }

  /** Bytes of a value of this type; `undefined` for what has no size: void, FWD, FUNC, FUNC_PROTO, tags (spec 10 R10-52). */
  sizeOf(id: TypeId): number | undefined {
    return sizeOf(this, id);
  }

  /** Alignment in bytes, 1 for a packed struct; `undefined` where `sizeOf` is (spec 10 R10-53). */
  alignOf(id: TypeId): number | undefined {
    return alignOf(this, id);
  }

  /**
   * The member of that name of a STRUCT or UNION (modifiers are skipped), anonymous members searched too; in the kernel's order
   * (spec 02 section 3.3). `undefined` when there is none or the type has no members.
   */
  findMember(struct: TypeId, name: string, options?: MemberSearch): Member | undefined {
    return findMember(this, struct, name, options);
  }

  /**
   * The member that the first posted search would have found, read as it would have read it: offset without those of
   * anonymous members around it. `no-struct` where that search came to a type without members.
   */
  findMemberAsFirstPosted(struct: TypeId, name: string): FirstSearchResult {
    return findMemberAsFirstPosted(this, struct, name);
  }

  /** The direct members of a STRUCT or UNION in order; anonymous ones have the name ''. */
  *members(struct: TypeId): IterableIterator<Member> {
    const count = this.memberCount(struct);
    for (let index = 0; index < count; index++) yield memberAt(this, struct, index, 0);
  }

  /** The type as C writes it without a name: `struct file *`, `unsigned int [4]` (spec 10 R10-61). */
  typeName(id: TypeId): string {
    return declare(this, id, '');
  }

  /** A C declaration of `name`: `char comm[16]`, `int (*fn)(int a)`. */
  declaration(id: TypeId, name: string): string {
    return declare(this, id, name);
  }

  /** Byte offset of the record within the blob that holds it. @internal */
  blobOffset(id: TypeId): number {
    if (id === 0) return 0;
    const table = this.tableOf(id);
    return table.header.typeStart + table.starts[id - table.firstId]! * 4;
  }

  /** @internal */
  wrongKind(id: TypeId, problem: string): BtfError {
    return new BtfError(
      'wrong-kind',
      `type ${id} (${kindName(this.kind(id))}) ${problem}`,
      this.blobOffset(id),
      id,
    );
  }

  /** The table that holds a type other than void. @internal */
  tableOf(id: TypeId): TypeTable {
    let btf: Btf = this;
    while (id < btf.firstId && btf.base !== undefined) btf = btf.base;
    if (!(id >= btf.firstId && id < btf.typeCount && Number.isInteger(id))) {
      throw new BtfError('bad-type-id', `there is no type ${id}: ids end at ${this.typeCount - 1}`, 0, id);
    }
    return btf.table;
  }

  #word(id: TypeId, index: number): number {
    const table = this.tableOf(id);
    return table.words[table.starts[id - table.firstId]! + index]!;
  }

  #enumKind(id: TypeId): BtfKind {
    const kind = this.kind(id);
    if (kind !== BtfKind.Enum && kind !== BtfKind.Enum64) throw this.wrongKind(id, 'is not an enum');
    return kind;
  }

  #memberStart(id: TypeId, index: number): number {
    if (!(index >= 0 && index < this.memberCount(id) && Number.isInteger(index))) {
      throw new BtfError('bad-index', `type ${id} has no member ${index}`, this.blobOffset(id), id);
    }
    const table = this.tableOf(id);
    return table.starts[id - table.firstId]! + RECORD_WORDS + index * 3;
  }

  #guessPointerSize(): 4 | 8 {
    const long = this.findOwn('long unsigned int', BtfKind.Int) ?? this.findOwn('unsigned long', BtfKind.Int);
    const size = long === undefined ? this.#elfPointerSize : this.#word(long, 2);
    return size === 4 ? 4 : 8;
  }
}
