import { type Btf, BtfKind, type TypeId } from '../btf/index.js';

/** Values of a kernel's enumerators by name; `undefined` for a name that no enum has, or that two give different values. */
export type EnumeratorValues = (name: string) => bigint | undefined;

/** Looks enumerators up by name. The types are walked at the first look-up. */
export function enumeratorValues(btf: Btf): EnumeratorValues {
  let enums: readonly TypeId[] | undefined;
  const known = new Map<string, bigint | undefined>();
  return name => {
    if (known.has(name)) return known.get(name);
    enums ??= enumsOf(btf);
    const value = find(btf, enums, name);
    known.set(name, value);
    return value;
  };
}

function enumsOf(btf: Btf): readonly TypeId[] {
  const enums: TypeId[] = [];
  for (let id = 1; id < btf.typeCount; id++) {
    const kind = btf.kind(id);
    if (kind === BtfKind.Enum || kind === BtfKind.Enum64) enums.push(id);
  }
  return enums;
}

function find(btf: Btf, enums: readonly TypeId[], name: string): bigint | undefined {
  const bytes = Uint8Array.from(name, character => character.charCodeAt(0));
  let found: bigint | undefined;
  for (const id of enums) {
    if (!btf.hasEnumerator(id, bytes)) continue;
    for (const enumerator of btf.enumerators(id)) {
      if (enumerator.name !== name) continue;
      if (found !== undefined && found !== enumerator.value) return undefined;
      found = enumerator.value;
    }
  }
  return found;
}
