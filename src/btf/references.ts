import { BtfKind, RECORD_WORDS, type RecordLengths } from './kinds.js';

/** What a 32-bit word of a record holds. */
export type WordRole = 'name' | 'type' | 'value';

interface Shape {
  /** Role of the word at +8. */
  readonly third: WordRole;
  /** Roles of the fixed words behind the common part. */
  readonly extra: readonly WordRole[];
  /** Roles of the words of each of the `vlen` entries. */
  readonly entry: readonly WordRole[];
}

function shape(third: WordRole, extra: readonly WordRole[] = [], entry: readonly WordRole[] = []): Shape {
  return { third, extra, entry };
}

const REFERRING = shape('type');
const AGGREGATE = shape('value', [], ['name', 'type', 'value']);

const SHAPES: readonly (Shape | undefined)[] = (() => {
  const shapes: Shape[] = [];
  shapes[BtfKind.Int] = shape('value', ['value']);
  shapes[BtfKind.Ptr] = REFERRING;
  shapes[BtfKind.Array] = shape('value', ['type', 'type', 'value']);
  shapes[BtfKind.Struct] = AGGREGATE;
  shapes[BtfKind.Union] = AGGREGATE;
  shapes[BtfKind.Enum] = shape('value', [], ['name', 'value']);
  shapes[BtfKind.Fwd] = shape('value');
  shapes[BtfKind.Typedef] = REFERRING;
  shapes[BtfKind.Volatile] = REFERRING;
  shapes[BtfKind.Const] = REFERRING;
  shapes[BtfKind.Restrict] = REFERRING;
  shapes[BtfKind.Func] = REFERRING;
  shapes[BtfKind.FuncProto] = shape('type', [], ['name', 'type']);
  shapes[BtfKind.Var] = shape('type', ['value']);
  shapes[BtfKind.Datasec] = shape('value', [], ['type', 'value', 'value']);
  shapes[BtfKind.Float] = shape('value');
  shapes[BtfKind.DeclTag] = shape('type', ['value']);
  shapes[BtfKind.TypeTag] = REFERRING;
  shapes[BtfKind.Enum64] = shape('value', [], ['name', 'value', 'value']);
  shapes[BtfKind.LocParam] = shape('value');
  shapes[BtfKind.LocProto] = shape('value', [], ['type']);
  shapes[BtfKind.LocSec] = shape('value', [], ['type', 'type', 'value']);
  return shapes;
})();

const PROPOSED_LOC_SEC = shape('value', [], ['name', 'type', 'type', 'value']);

/**
 * Calls `visit` for each word of a record that is a name or a type id. `at` is the word index of the record. Words of kinds that only
 * a layout section describes are not visited.
 */
export function visitReferences(
  kind: number,
  vlen: number,
  at: number,
  lengths: RecordLengths,
  visit: (role: 'name' | 'type', wordIndex: number) => void,
): void {
  visit('name', at);
  const perEntry = lengths.perEntry[kind]!;
  const known =
    kind === BtfKind.LocSec && perEntry === PROPOSED_LOC_SEC.entry.length ? PROPOSED_LOC_SEC : SHAPES[kind];
  if (known === undefined) return;
  if (known.third === 'type') visit('type', at + 2);
  known.extra.forEach((role, i) => {
    if (role !== 'value') visit(role, at + RECORD_WORDS + i);
  });
  if (known.entry.length !== perEntry) return;
  for (let i = 0; i < vlen; i++) {
    const entry = at + RECORD_WORDS + known.extra.length + i * perEntry;
    known.entry.forEach((role, j) => {
      if (role !== 'value') visit(role, entry + j);
    });
  }
}
