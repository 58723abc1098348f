import { type Btf, BtfKind, type TypeId } from '../../btf/index.js';
import type { BtfValue } from '../fetch-compiler.js';
import { bitfieldType } from '../lowering/value-type.js';

// Arguments without member names: offsets in bytes instead.

/** The type to write behind plain offsets so that the value is stored as the kernel would store the member. */
export function plainType(value: Pick<BtfValue, 'bitRemainder' | 'bitfieldWidth'>, inferred: string): string {
  const { bitRemainder, bitfieldWidth } = value;
  return bitfieldWidth === 0 ? inferred : bitfieldType(bitfieldWidth, bitRemainder);
}

/** What a type is as text: a `char` array in place, a pointer to one, or neither. */
export function textKind(btf: Btf, id: TypeId): 'array' | 'pointer' | undefined {
  const type = btf.skipModifiers(id);
  if (btf.kind(type) === BtfKind.Array) return isByte(btf, btf.array(type).element) ? 'array' : undefined;
  if (btf.kind(type) !== BtfKind.Ptr) return undefined;
  return isByte(btf, btf.referenced(type)) ? 'pointer' : undefined;
}

function isByte(btf: Btf, id: TypeId): boolean {
  const type = btf.skipModifiers(id);
  return btf.kind(type) === BtfKind.Int && btf.int(type).bits === 8;
}
