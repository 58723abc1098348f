import { type Btf, BtfKind, type TypeId } from '../btf/index.js';
import type { EventField, RecordLayout } from './types.js';
import { type FieldType, type ValueType, valueTypeOf } from './value-type.js';

const networkOrder: Readonly<Record<string, number>> = { __be16: 2, __be32: 4, __be64: 8 };

/**
 * What is known of the fields of an event that is no probe: its `format` names their types, and the kernel's BTF, when
 * there is one, says what those are. The common fields and those with nothing to add are left out.
 */
export function eventFieldTypes(
  layout: RecordLayout,
  btf: Btf | undefined,
): ReadonlyMap<string, FieldType> | undefined {
  const types = new Map<string, FieldType>();
  for (const field of layout.fields) {
    const type = addressOf(layout, field) ?? typeOf(field, btf);
    const result = isResult(layout, field);
    if (type === undefined || (type.kind === 'int' && !result)) continue;
    types.set(field.name, {
      type,
      spelling: field.array === undefined ? field.type : `${field.type} [${field.array}]`,
      bits: undefined,
      written: true,
      result,
      fromMemory: false,
      pointers: [],
    });
  }
  return types.size === 0 ? undefined : types;
}

/** What `sys_exit_*` and `raw_syscalls:sys_exit` call the result of a system call. */
function isResult({ group, name }: RecordLayout, field: EventField): boolean {
  return (
    (group === 'syscalls' || group === 'raw_syscalls') && name.startsWith('sys_exit') && field.name === 'ret'
  );
}

/** Bytes that the print format shows as an address of a network. */
function addressOf({ printFmt }: RecordLayout, { type, size, array }: EventField): ValueType | undefined {
  if (array === undefined || !/^(?:__)?u8$/.test(type)) return undefined;
  if (size === 4 && printFmt.includes('%pI4')) return { kind: 'ipv4', size };
  return size === 16 && printFmt.includes('%pI6') ? { kind: 'ipv6', size } : undefined;
}

function typeOf({ type, size, signed, array }: EventField, btf: Btf | undefined): ValueType | undefined {
  if (array !== undefined || type.includes('_loc ')) return undefined;
  const plain = type.replace(/^(?:const|volatile) /, '');
  if (plain.endsWith('*')) return { kind: 'pointer', size };
  if (plain === 'bool' || plain === '_Bool') return { kind: 'bool', size };
  if (networkOrder[plain] === size) return { kind: 'big-endian', size };
  const [, kind, name] = /^(enum|struct) (\w+)$/.exec(plain) ?? [];
  const id = btf && findType(btf, kind, name ?? plain);
  const known = id === undefined || btf === undefined ? undefined : valueTypeOf(btf, id, size);
  if (known !== undefined && known.size === size) return known;
  return size === 1 || size === 2 || size === 4 || size === 8 ? { kind: 'int', size, signed } : undefined;
}

function findType(btf: Btf, kind: string | undefined, name: string): TypeId | undefined {
  if (kind === 'enum') return btf.find(name, BtfKind.Enum) ?? btf.find(name, BtfKind.Enum64);
  if (kind === 'struct') return btf.find(name, BtfKind.Struct);
  return btf.find(name, BtfKind.Typedef);
}
