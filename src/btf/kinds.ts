/** Number of a type within one BTF and its bases; 0 is `void`. Never valid for another kernel build. */
export type TypeId = number;

/** Kinds of type records (spec 10 section 4; 20 to 22: spec 07 section 4). */
export const BtfKind = {
  Void: 0,
  Int: 1,
  Ptr: 2,
  Array: 3,
  Struct: 4,
  Union: 5,
  Enum: 6,
  Fwd: 7,
  Typedef: 8,
  Volatile: 9,
  Const: 10,
  Restrict: 11,
  Func: 12,
  FuncProto: 13,
  Var: 14,
  Datasec: 15,
  Float: 16,
  DeclTag: 17,
  TypeTag: 18,
  Enum64: 19,
  /** Where one parameter of an inlined call lives. */
  LocParam: 20,
  /** The `LocParam`s of one inlined call. */
  LocProto: 21,
  /** All inlined calls of one text section. */
  LocSec: 22,
} as const;
export type BtfKind = (typeof BtfKind)[keyof typeof BtfKind];

const KIND_NAMES = [
  ...[
    'VOID',
    'INT',
    'PTR',
    'ARRAY',
    'STRUCT',
    'UNION',
    'ENUM',
    'FWD',
    'TYPEDEF',
    'VOLATILE',
    'CONST',
    'RESTRICT',
  ],
  ...['FUNC', 'FUNC_PROTO', 'VAR', 'DATASEC', 'FLOAT', 'DECL_TAG', 'TYPE_TAG', 'ENUM64'],
  ...['LOC_PARAM', 'LOC_PROTO', 'LOCSEC'],
];

/** The kind as kernel tools write it, for example `FUNC_PROTO`; `KIND 23` for one without a name. */
export function kindName(kind: number): string {
  return KIND_NAMES[kind] ?? `KIND ${kind}`;
}

/** Bits of the info word. Wide masks are right for old files too: the bits they add were written as zero. */
export const VLEN_MASK = 0xffffff;
export const KIND_SHIFT = 24;
export const KIND_MASK = 0x7f;
export const HIGH_BIT = 0x80000000;

/** 32-bit words of the part that every record has. */
export const RECORD_WORDS = 3;

/**
 * Length of the records of each kind, in 32-bit words: `fixed[top] + vlen * perEntry[top]` where `top` is the top byte of the info
 * word: kind flag and kind, so that the pass over all records needs no mask. `fixed` counts the common part too.
 */
export interface RecordLengths {
  readonly fixed: Int32Array;
  readonly perEntry: Uint8Array;
}

/** `fixed` of a kind that is not known: more words than any section has, so that one comparison finds both kinds of damage. */
export const UNKNOWN_LENGTH = 0x40000000;

const KIND_FLAG = 0x80;

/** Lengths from the words behind the common part of each kind; kinds not listed stay unknown. */
export function recordLengths(
  entries: Iterable<readonly [kind: number, extra: number, perEntry: number]>,
): RecordLengths {
  const fixed = new Int32Array(2 * KIND_FLAG).fill(UNKNOWN_LENGTH);
  const perEntry = new Uint8Array(2 * KIND_FLAG);
  for (const [kind, extra, words] of entries) {
    for (const top of [kind, kind | KIND_FLAG]) {
      fixed[top] = RECORD_WORDS + extra;
      perEntry[top] = words;
    }
  }
  return { fixed, perEntry };
}

const C_KINDS = [
  [BtfKind.Int, 1, 0],
  [BtfKind.Ptr, 0, 0],
  [BtfKind.Array, 3, 0],
  [BtfKind.Struct, 0, 3],
  [BtfKind.Union, 0, 3],
  [BtfKind.Enum, 0, 2],
  [BtfKind.Fwd, 0, 0],
  [BtfKind.Typedef, 0, 0],
  [BtfKind.Volatile, 0, 0],
  [BtfKind.Const, 0, 0],
  [BtfKind.Restrict, 0, 0],
  [BtfKind.Func, 0, 0],
  [BtfKind.FuncProto, 0, 2],
  [BtfKind.Var, 1, 0],
  [BtfKind.Datasec, 0, 3],
  [BtfKind.Float, 0, 0],
  [BtfKind.DeclTag, 1, 0],
  [BtfKind.TypeTag, 0, 0],
  [BtfKind.Enum64, 0, 3],
] as const;

/** Kinds 1 to 19 only. */
export const C_RECORDS = recordLengths(C_KINDS);

/** Kinds 1 to 22 in their merged form. */
export const MERGED_RECORDS = recordLengths([
  ...C_KINDS,
  [BtfKind.LocParam, 1, 1],
  [BtfKind.LocProto, 0, 1],
  [BtfKind.LocSec, 0, 3],
]);

/** Kinds 1 to 22 as the first proposal of 2025-10 laid them out: never merged, but written by tools of that time. */
export const PROPOSED_RECORDS = recordLengths([
  ...C_KINDS,
  [BtfKind.LocParam, 2, 0],
  [BtfKind.LocProto, 0, 1],
  [BtfKind.LocSec, 0, 4],
]);
