import type { Btf } from './btf.js';
import { RECORD_WORDS, type TypeId } from './kinds.js';
import { isAggregate } from './layout.js';
import type { Member } from './members.js';
import { nameBytes } from './strings.js';

// How the kernel's search for a member was first posted (v4 of the series, July 2023), defects included: at an
// anonymous member the struct being scanned is replaced by that member's type, so that its number of members bounds the
// rest of the scan, which can end early or run into the types behind; what is found has its own offset alone, and the
// flag of the struct that was asked says how to read it.

/** What was found, or that the search came to a type that has no members. */
export type FirstSearchResult =
  | Pick<Member, 'type' | 'bitOffset' | 'bitfieldWidth'>
  | 'no-struct'
  | undefined;

const MEMBER_WORDS = 3;
const ANONYMOUS_LIMIT = 16;
/** The kernel's search need not end on damaged types; real ones stay far below. */
const SCAN_BUDGET = 1 << 16;

/** Searches a member as first posted; `anonymousLimit` types are remembered. */
export function findMemberAsFirstPosted(btf: Btf, struct: TypeId, name: string): FirstSearchResult {
  const wanted = nameBytes(name);
  if (wanted === undefined) return undefined;
  const outermost = btf.skipModifiers(struct);
  const pending: TypeId[] = [];
  let budget = SCAN_BUDGET;
  for (let scanned: TypeId | undefined = outermost; scanned !== undefined; scanned = pending.pop()) {
    if (!isAggregate(btf.kind(scanned))) return 'no-struct';
    const { words, starts, strings, firstId } = btf.tableOf(scanned);
    const first = starts[scanned - firstId]! + RECORD_WORDS;
    let bound: TypeId = scanned;
    for (let i = 0; i < btf.vlen(bound); i++) {
      const at = first + i * MEMBER_WORDS;
      if (at + MEMBER_WORDS > words.length || --budget < 0) return undefined;
      const [nameOffset, type, offset] = [words[at]!, words[at + 1]!, words[at + 2]!];
      if (nameOffset !== 0) {
        if (strings.matches(nameOffset, wanted)) return readAs(btf, outermost, type, offset);
        continue;
      }
      // Words that are no member can hold any number; the kernel would stop for good.
      if (type >= btf.typeCount) return undefined;
      bound = btf.skipModifiers(type);
      if (pending.length < ANONYMOUS_LIMIT) pending.push(bound);
    }
  }
  return undefined;
}

function readAs(btf: Btf, outermost: TypeId, type: TypeId, offset: number): FirstSearchResult {
  if (type >= btf.typeCount) return undefined;
  return btf.kindFlag(outermost)
    ? { type, bitOffset: offset & 0xffffff, bitfieldWidth: offset >>> 24 }
    : { type, bitOffset: offset, bitfieldWidth: 0 };
}
