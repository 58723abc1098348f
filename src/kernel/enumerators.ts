import { type Btf, BtfKind } from '../btf/index.js';

/** Values of a kernel's enumerators by name; `undefined` for a name that no enum has, or that two give different values. */
export type EnumeratorValues = (name: string) => bigint | undefined;

/** Looks enumerators up by name. The types are walked at the first look-up. */
export function enumeratorValues(btf: Btf): EnumeratorValues {
  let values: ReadonlyMap<string, bigint | undefined> | undefined;
  return name => {
    values ??= collect(btf);
    return values.get(name);
  };
}

function collect(btf: Btf): ReadonlyMap<string, bigint | undefined> {
  const values = new Map<string, bigint | undefined>();
  for (let id = 1; id < btf.typeCount; id++) {
    const kind = btf.kind(id);
    if (kind !== BtfKind.Enum && kind !== BtfKind.Enum64) continue;
    for (const { name, value } of btf.enumerators(id)) {
      if (!values.has(name)) values.set(name, value);
      else if (values.get(name) !== value) values.set(name, undefined);
    }
  }
  return values;
}
