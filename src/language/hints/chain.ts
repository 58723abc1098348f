import { type Btf, BtfKind, type Member, type TypeId } from '../../btf/index.js';
import type { ChainSyntax, TextNode } from '../syntax.js';
import { type NearName, nearestNames } from './nearest.js';
import { rootType, type Site } from './site.js';

// Chains of members as C would follow them: without the kernel's limits, and with what stands at each step.

/** A chain, followed as far as it goes. */
export interface Walk {
  readonly btf: Btf;
  /** Steps that were found. */
  readonly done: number;
  /** Type to the left of the step that comes next, modifiers included. */
  readonly left: TypeId;
  /** Declares what stands left of that step: `struct dentry *dentry`. */
  readonly declaration: string;
  /** The struct or union that the next step looks in, if there is one. */
  readonly container: TypeId | undefined;
  /** Offsets of the dereferences so far, in bytes, the last one open: `.` adds to it. */
  readonly offsets: readonly number[];
  readonly last: Member | undefined;
}

/** Follows the first `steps` steps of a chain; `undefined` where its root is not known. */
export function walkChain(site: Site, chain: ChainSyntax, steps: number): Walk | undefined {
  const root = rootType(site.prototype, chain.root.text);
  if (site.prototype === undefined || root === undefined) return undefined;
  const { btf } = site.prototype;
  let left = root;
  let declaration =
    chain.root.text === '$retval' ? btf.typeName(root) : btf.declaration(root, chain.root.text);
  let last: Member | undefined;
  const offsets: number[] = [];
  for (let at = 0; ; at++) {
    const step = chain.steps[at];
    const pointed = step?.separator === '.' ? left : pointedType(btf, left);
    const container = pointed === undefined ? undefined : aggregateOf(btf, pointed);
    const ended = { btf, done: at, left, declaration, container, offsets, last };
    if (step === undefined || at === steps || container === undefined) return ended;
    const member = findMember(btf, container, step.field);
    if (member === undefined) return ended;
    const bytes = Math.floor(member.bitOffset / 8);
    if (step.separator === '.' && offsets.length > 0) offsets.push(offsets.pop()! + bytes);
    else offsets.push(bytes);
    left = member.type;
    last = member;
    declaration = memberDeclaration(btf, member);
  }
}

/** `unsigned int in_iowait : 1`. */
function memberDeclaration(btf: Btf, { type, name, bitfieldWidth }: Member): string {
  const declaration = btf.declaration(type, name);
  return bitfieldWidth > 0 ? `${declaration} : ${bitfieldWidth}` : declaration;
}

function findMember(btf: Btf, struct: TypeId, field: TextNode): Member | undefined {
  return field.text === '' ? undefined : btf.findMember(struct, field.text);
}

/** What a pointer points to; `undefined` for what is no pointer. */
export function pointedType(btf: Btf, id: TypeId): TypeId | undefined {
  const type = btf.skipModifiers(id);
  return btf.kind(type) === BtfKind.Ptr ? btf.referenced(type) : undefined;
}

/** The struct or union that a type is, modifiers skipped. */
export function aggregateOf(btf: Btf, id: TypeId): TypeId | undefined {
  const type = btf.skipModifiers(id);
  const kind = btf.kind(type);
  return kind === BtfKind.Struct || kind === BtfKind.Union ? type : undefined;
}

/** Names of all members that can be written behind a struct, those of anonymous ones included. */
export function memberNames(btf: Btf, struct: TypeId): readonly string[] {
  const names: string[] = [];
  const pending = [struct];
  const seen = new Set(pending);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const { name, type } of btf.members(next)) {
      if (name !== '') {
        names.push(name);
        continue;
      }
      const inner = aggregateOf(btf, type);
      if (inner === undefined || seen.has(inner)) continue;
      seen.add(inner);
      pending.push(inner);
    }
  }
  return names;
}

/** Structs looked in before a search for a moved member gives up. */
const searchedStructs = 600;
const deepestSearch = 3;

/** Ways from a struct to members of that name in other structs: `f_inode->i_ino`; shortest first, embedded ones before pointed ones. */
export function waysTo(btf: Btf, struct: TypeId, name: string, most: number): readonly string[] {
  const found: string[] = [];
  let level: readonly { struct: TypeId; way: string }[] = [{ struct, way: '' }];
  const seen = new Set([struct]);
  for (let depth = 0; depth < deepestSearch && found.length === 0; depth++) {
    const next: { struct: TypeId; way: string; cost: number }[] = [];
    for (const place of level) {
      for (const member of namedMembers(btf, place.struct)) {
        const pointed = pointedType(btf, member.type);
        const inner = aggregateOf(btf, pointed ?? member.type);
        if (inner === undefined || seen.has(inner) || seen.size > searchedStructs) continue;
        seen.add(inner);
        const separator = pointed === undefined ? '.' : '->';
        next.push({
          struct: inner,
          way: `${place.way}${member.name}${separator}`,
          cost: pointed === undefined ? 0 : 1,
        });
      }
    }
    next.sort((a, b) => a.cost - b.cost);
    for (const { struct: inner, way } of next) {
      if (found.length < most && btf.findMember(inner, name) !== undefined) found.push(`${way}${name}`);
    }
    level = next;
  }
  return found;
}

/** Members of the structs inside a struct whose names are as near: macros stand for such, as `sk_family` does. */
export function nearestInside(btf: Btf, struct: TypeId, name: string, limit: number): readonly NearName[] {
  return namedMembers(btf, struct)
    .flatMap(member => {
      const inner = aggregateOf(btf, member.type);
      const names = inner === undefined ? [] : memberNames(btf, inner);
      return nearestNames(name, names, { limit }).map(near => ({
        ...near,
        name: `${member.name}.${near.name}`,
      }));
    })
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3);
}

function namedMembers(btf: Btf, struct: TypeId): readonly Member[] {
  const found: Member[] = [];
  const pending = [struct];
  for (let count = 0; pending.length > 0 && count < searchedStructs; count++) {
    for (const member of btf.members(pending.pop()!)) {
      if (member.name !== '') found.push(member);
      else {
        const inner = aggregateOf(btf, member.type);
        if (inner !== undefined) pending.push(inner);
      }
    }
  }
  return found;
}
