import { type Btf, BtfKind } from '../btf/index.js';
import { buildDialect } from './dialect.js';
import type { DialectFeatures } from './types.js';

/** What in a kernel's own types shows that it was built with a feature. */
type Evidence =
  | { readonly struct: string; readonly member?: string }
  | { readonly function: string }
  | { readonly operation: string };

const evidence: Readonly<Record<keyof DialectFeatures, Evidence>> = {
  fprobe: { struct: 'trace_fprobe' },
  tprobe: { struct: 'trace_fprobe', member: 'tpoint' },
  eprobe: { struct: 'trace_eprobe' },
  eprobeFilter: { struct: 'trace_eprobe', member: 'filter_str' },
  btfArgs: { function: 'btf_find_func_proto' },
  btfFields: { function: 'btf_find_struct_member' },
  functionArgs: { operation: 'FETCH_OP_ARG' },
  returnArgs: { operation: 'FETCH_OP_EDATA' },
  userDeref: { operation: 'FETCH_OP_UDEREF' },
  immediates: { operation: 'FETCH_OP_DATA' },
  ustring: { operation: 'FETCH_OP_ST_USTRING' },
  symstr: { operation: 'FETCH_OP_ST_SYMSTR' },
  charType: { function: 'print_type_char' },
  dentryPath: { function: 'traceprobe_expand_dentry_args' },
  arrays: { operation: 'FETCH_OP_LP_ARRAY' },
  appendEvents: { function: 'trace_probe_append' },
};

/**
 * What a kernel's probe language understands, told from the kernel's own types: for whoever may read its BTF (everyone)
 * but not the README of its tracefs (root). The README is the better witness where both can be had.
 */
export function dialectFromTypes(types: Btf): DialectFeatures {
  return buildDialect(feature => isThere(types, evidence[feature]));
}

function isThere(types: Btf, wanted: Evidence): boolean {
  if ('function' in wanted) return types.findFunction(wanted.function) !== undefined;
  if ('operation' in wanted) {
    const operations = types.find('fetch_op', BtfKind.Enum);
    return (
      operations !== undefined && types.enumerators(operations).some(({ name }) => name === wanted.operation)
    );
  }
  const struct = types.find(wanted.struct, BtfKind.Struct);
  if (struct === undefined) return false;
  return wanted.member === undefined || types.findMember(struct, wanted.member) !== undefined;
}
