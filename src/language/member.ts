import type { Btf, Member, TypeId } from '../btf/index.js';
import type { Manners } from '../kernel/index.js';

/** A member as the kernel reads it: offset and width as its container's flag, or another's, says. */
type ReadMember = Pick<Member, 'type' | 'bitOffset' | 'bitfieldWidth'>;

/**
 * Looks a member up as a kernel does that has these manners (spec 02 section 3.3, 06 section 3).
 *
 * @param anonymousLimit anonymous members remembered while a struct is searched
 */
export function findMember(
  btf: Btf,
  struct: TypeId,
  name: string,
  { memberSearch, bitfieldFlag }: Manners,
  anonymousLimit: number,
): ReadMember | 'no-struct' | undefined {
  if (name === '') return undefined;
  if (memberSearch === 'as-first-posted') return btf.findMemberAsFirstPosted(struct, name);
  const member = btf.findMember(struct, name, { anonymousLimit });
  return member === undefined || bitfieldFlag === 'container' ? member : readByFlagOf(btf, struct, member);
}

/** A member of an anonymous struct, read as if its offset were stored as those of the struct around it are. */
function readByFlagOf(btf: Btf, struct: TypeId, member: Member): ReadMember {
  const { container, type } = member;
  const outer = btf.kindFlag(struct);
  if (outer === btf.kindFlag(container)) return member;
  if (outer) {
    const own = btf.memberBitOffset(container, member.index);
    const around = member.bitOffset - own;
    return { type, bitOffset: around + (own & 0xffffff), bitfieldWidth: own >>> 24 };
  }
  return { type, bitOffset: (member.bitOffset + member.bitfieldWidth * 2 ** 24) >>> 0, bitfieldWidth: 0 };
}
