import type { Btf } from './btf.js';
import { BtfError } from './error.js';
import { BtfKind, type TypeId } from './kinds.js';

/** Levels a walker follows before it takes the types for a cycle (spec 10 R10-32). */
export const MAX_LEVELS = 64;

/** A walk that does not end. */
export function tooComplex(btf: Btf, id: TypeId, what: string): BtfError {
  return new BtfError(
    'too-complex',
    `${what} of type ${id}: a cycle, or more levels than any real type`,
    btf.blobOffset(id),
    id,
  );
}

/** True for the kinds that only rename or qualify another type. */
export function isModifier(kind: BtfKind): boolean {
  switch (kind) {
    case BtfKind.Typedef:
    case BtfKind.Const:
    case BtfKind.Volatile:
    case BtfKind.Restrict:
    case BtfKind.TypeTag:
      return true;
    default:
      return false;
  }
}

/** True for the kinds that have members. */
export function isAggregate(kind: BtfKind): boolean {
  return kind === BtfKind.Struct || kind === BtfKind.Union;
}

export function skipModifiers(btf: Btf, id: TypeId): TypeId {
  let at = id;
  for (let level = 0; level <= MAX_LEVELS; level++) {
    if (!isModifier(btf.kind(at))) return at;
    at = btf.sizeOrType(at);
  }
  throw tooComplex(btf, id, 'modifiers');
}

export function sizeOf(btf: Btf, id: TypeId): number | undefined {
  let at = id;
  let elements = 1;
  for (let level = 0; level <= MAX_LEVELS; level++) {
    const kind = btf.kind(at);
    switch (kind) {
      case BtfKind.Int:
      case BtfKind.Float:
      case BtfKind.Enum:
      case BtfKind.Enum64:
      case BtfKind.Struct:
      case BtfKind.Union:
      case BtfKind.Datasec:
        return exactSize(btf, id, elements * btf.sizeOrType(at));
      case BtfKind.Ptr:
        return exactSize(btf, id, elements * btf.pointerSize);
      case BtfKind.Array: {
        const { element, count } = btf.array(at);
        elements = exactSize(btf, id, elements * count);
        at = element;
        break;
      }
      default:
        if (!isModifier(kind) && kind !== BtfKind.Var) return undefined;
        at = btf.sizeOrType(at);
    }
  }
  throw tooComplex(btf, id, 'size');
}

function exactSize(btf: Btf, id: TypeId, size: number): number {
  if (size > Number.MAX_SAFE_INTEGER) throw tooComplex(btf, id, 'size');
  return size;
}

export function alignOf(btf: Btf, id: TypeId): number | undefined {
  return alignWithin(btf, id, 0, new Map());
}

/** `known` keeps the alignment of structs already seen: damaged types may share members so often that a plain walk never ends. */
function alignWithin(btf: Btf, id: TypeId, depth: number, known: Map<TypeId, number>): number | undefined {
  if (depth > MAX_LEVELS) throw tooComplex(btf, id, 'alignment');
  let at = id;
  for (let level = 0; level <= MAX_LEVELS; level++) {
    const kind = btf.kind(at);
    switch (kind) {
      case BtfKind.Int:
      case BtfKind.Float:
      case BtfKind.Enum:
      case BtfKind.Enum64:
        return Math.min(btf.pointerSize, Math.max(1, btf.sizeOrType(at)));
      case BtfKind.Ptr:
        return btf.pointerSize;
      case BtfKind.Struct:
      case BtfKind.Union: {
        const align = known.get(at) ?? structAlign(btf, at, depth, known);
        known.set(at, align);
        return align;
      }
      case BtfKind.Array:
        at = btf.array(at).element;
        break;
      default:
        if (!isModifier(kind) && kind !== BtfKind.Var) return undefined;
        at = btf.sizeOrType(at);
    }
  }
  throw tooComplex(btf, id, 'alignment');
}

function structAlign(btf: Btf, struct: TypeId, depth: number, known: Map<TypeId, number>): number {
  const count = btf.memberCount(struct);
  let largest = 1;
  let packed = false;
  for (let i = 0; i < count; i++) {
    const align = alignWithin(btf, btf.memberType(struct, i), depth + 1, known) ?? 1;
    largest = Math.max(largest, align);
    const isBitfield = btf.memberBitfieldWidth(struct, i) !== 0;
    if (!isBitfield && btf.memberBitOffset(struct, i) % (8 * align) !== 0) packed = true;
  }
  if (btf.sizeOrType(struct) % largest !== 0) packed = true;
  return packed ? 1 : largest;
}
