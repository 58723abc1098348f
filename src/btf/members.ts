import type { Btf } from './btf.js';
import { BtfKind, RECORD_WORDS, type TypeId } from './kinds.js';
import { isAggregate, skipModifiers, tooComplex } from './layout.js';
import { nameBytes } from './strings.js';

/** A member as it lies in the struct that was asked. */
export interface Member {
  /** '' for an anonymous member. */
  readonly name: string;
  /** Position within `container`. */
  readonly index: number;
  readonly type: TypeId;
  /** The struct or union that directly contains it. */
  readonly container: TypeId;
  /** Bits from the start of the struct asked, offsets of the anonymous members around it included (spec 10 R10-46). */
  readonly bitOffset: number;
  /** Bits of a bit-field, old-style ones included; 0 for other members. */
  readonly bitfieldWidth: number;
}

/** How far to search. */
export interface MemberSearch {
  /** Anonymous members remembered at a time: 16 as the kernel (spec 10 R10-49); default no limit. */
  readonly anonymousLimit?: number;
}

const MEMBER_WORDS = 3;
const NO_NAME = new Uint8Array(0);

/** Members of anonymous structs looked at before a search is taken for endless; real ones have a few hundred. */
const SEARCH_BUDGET = 1 << 16;

interface Pending {
  readonly struct: TypeId;
  readonly bitOffset: number;
}

export function findMember(
  btf: Btf,
  struct: TypeId,
  name: string,
  options: MemberSearch = {},
): Member | undefined {
  const wanted = nameBytes(name);
  if (wanted === undefined || wanted.length === 0) return undefined;
  const outermost = skipModifiers(btf, struct);
  if (!isAggregate(btf.kind(outermost))) return undefined;
  const limit = options.anonymousLimit ?? Number.POSITIVE_INFINITY;
  const pending: Pending[] = [];
  let budget = SEARCH_BUDGET;
  let current: Pending | undefined = { struct: outermost, bitOffset: 0 };
  while (current !== undefined) {
    const index = searchLevel(btf, current, wanted, pending, limit);
    if (index !== undefined) return memberAt(btf, current.struct, index, current.bitOffset);
    current = pending.pop();
    if (current !== undefined) budget -= btf.memberCount(current.struct) + 1;
    if (budget < 0) throw tooComplex(btf, struct, 'member search');
  }
  return undefined;
}

/** Index of the member of that name; anonymous members are added to `pending` until it holds `limit`. */
function searchLevel(
  btf: Btf,
  { struct, bitOffset }: Pending,
  name: Uint8Array,
  pending: Pending[],
  limit: number,
): number | undefined {
  const { words, starts, strings, firstId } = btf.tableOf(struct);
  const first = starts[struct - firstId]! + RECORD_WORDS;
  const count = btf.memberCount(struct);
  for (let i = 0; i < count; i++) {
    const at = first + i * MEMBER_WORDS;
    const nameOffset = words[at]!;
    if (nameOffset !== 0) {
      if (strings.matches(nameOffset, name)) return i;
      if (!strings.matches(nameOffset, NO_NAME)) continue;
    }
    if (pending.length >= limit) continue;
    const type = skipModifiers(btf, words[at + 1]!);
    if (!isAggregate(btf.kind(type))) continue;
    pending.push({ struct: type, bitOffset: bitOffset + btf.memberBitOffset(struct, i) });
  }
  return undefined;
}

/** Member `index` of `struct`, itself `base` bits into the struct asked. */
export function memberAt(btf: Btf, struct: TypeId, index: number, base: number): Member {
  const type = btf.memberType(struct, index);
  const stored = btf.memberBitOffset(struct, index);
  let width = btf.memberBitfieldWidth(struct, index);
  let offset = base + stored;
  if (!btf.kindFlag(struct)) {
    const old = oldBitfield(btf, type);
    if (old !== undefined) {
      width = old.bits;
      offset += old.bitOffset;
    }
  }
  return {
    name: btf.memberName(struct, index),
    index,
    type,
    container: struct,
    bitOffset: offset,
    bitfieldWidth: width,
  };
}

/** Old compilers stored bit-fields as INTs of odd width or offset (spec 10 R10-10). */
function oldBitfield(btf: Btf, type: TypeId): { bits: number; bitOffset: number } | undefined {
  const id = skipModifiers(btf, type);
  if (btf.kind(id) !== BtfKind.Int) return undefined;
  const { bits, bitOffset } = btf.int(id);
  const regular = bitOffset === 0 && bits === btf.sizeOrType(id) * 8;
  return regular ? undefined : { bits, bitOffset };
}
