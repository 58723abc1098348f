import { expect, test } from 'vitest';
import { Btf, BtfKind, type TypeId } from '../../src/btf/index.js';
import { readVmlinux, runTool, VMLINUX, withFiles } from './blobs.js';
import { nameById } from './name-by-id.js';
import { flattened, type PaholeMember, type PaholeStruct, readPahole, readSizes } from './pahole.js';

const QUALIFIER = 'the qualifier of a pointer stands before what it points to';
const CONST_ARRAY = 'an array in a const array is const once';
const POINTER_TO_ARRAY = 'a pointer to an array loses the array';

/** What pahole 1.24 writes otherwise than C does; bpftool.test.ts holds the ids of these types too. */
const PAHOLE_SPELLINGS: Readonly<Record<string, (ours: string, theirs: string) => boolean>> = {
  [QUALIFIER]: (ours, theirs) =>
    /\*(const|volatile)\b/.test(ours) && withoutQualifiers(ours) === withoutQualifiers(theirs),
  [CONST_ARRAY]: (ours, theirs) => ours === `const ${theirs}`,
  [POINTER_TO_ARRAY]: (ours, theirs) => ours.replace(/\((\*\w+)\)(\[\d*\])+/, '$1') === theirs,
};

/** What was compared: all that the kernel has. */
interface Tally {
  /** Unions too. */
  structs: number;
  /** Direct members; `bitfields` of them are bit-fields. */
  members: number;
  bitfields: number;
  /** Members by name, those of anonymous members too. */
  flattened: number;
  /** Declarations that differ, by reason. */
  readonly spellings: Record<string, number>;
}

const EXPECTED: Readonly<Record<keyof typeof VMLINUX, Tally>> = {
  '6.12-cloud': {
    structs: 11126,
    members: 59485,
    bitfields: 1912,
    flattened: 62264,
    spellings: { [QUALIFIER]: 10, [CONST_ARRAY]: 2, [POINTER_TO_ARRAY]: 9 },
  },
  '6.1': {
    structs: 10155,
    members: 55905,
    bitfields: 1877,
    flattened: 58080,
    spellings: { [QUALIFIER]: 13, [CONST_ARRAY]: 2, [POINTER_TO_ARRAY]: 9 },
  },
  '6.12': {
    structs: 11621,
    members: 62947,
    bitfields: 2174,
    flattened: 65846,
    spellings: { [QUALIFIER]: 14, [CONST_ARRAY]: 2, [POINTER_TO_ARRAY]: 12 },
  },
};

function withoutQualifiers(text: string): string {
  return text.replaceAll(/\b(?:const|volatile) ?/g, '');
}

/** One spelling of a declaration, whoever wrote it: blanks, and what `[0]` and `[]` leave open, do not count. */
function plain(declaration: string): string {
  return declaration
    .replaceAll(/ __attribute__\(\(btf_type_tag\("[^"]*"\)\)\)/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([*(),[\]]) ?/g, '$1')
    .replaceAll('[0]', '[]')
    .trim();
}

function compareSpelling(ours: string, theirs: string, tally: Tally, what: string): void {
  if (ours === theirs) return;
  const reason = Object.keys(PAHOLE_SPELLINGS).find(name => PAHOLE_SPELLINGS[name]!(ours, theirs));
  if (reason === undefined) expect(ours, what).toBe(theirs);
  else tally.spellings[reason] = (tally.spellings[reason] ?? 0) + 1;
}

function sameLayout(ours: object | undefined, theirs: object, what: string): void {
  // Texts first: a deep comparison of every member takes minutes.
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) expect(ours, what).toEqual(theirs);
}

/** Compares a struct's own members, in order, with what is declared, and those of its anonymous members as found by name. */
function compare(btf: Btf, id: TypeId, structs: ReadonlyMap<string, PaholeStruct>, tally: Tally): void {
  const name = btf.nameOf(id);
  const struct = structs.get(name) as PaholeStruct;
  const layout = ({ bitOffset, bitfieldWidth }: PaholeMember): object => ({ bitOffset, bitfieldWidth });
  const members = [...btf.members(id)];
  expect(members.length, name).toBe(struct.members.length);
  members.forEach((member, index) => {
    const theirs = struct.members[index] as PaholeMember;
    const { bitOffset, bitfieldWidth, type } = member;
    const what = `${name}.${member.name}`;
    sameLayout(
      { bitOffset, bitfieldWidth, size: btf.sizeOf(type) },
      { ...layout(theirs), size: theirs.size },
      what,
    );
    compareSpelling(plain(btf.declaration(type, member.name)), plain(theirs.declaration), tally, what);
    if (bitfieldWidth !== 0) tally.bitfields++;
  });
  tally.structs++;
  tally.members += members.length;
  for (const theirs of flattened(structs, struct)) {
    const found = btf.findMember(id, theirs.name);
    const ours = found && { bitOffset: found.bitOffset, bitfieldWidth: found.bitfieldWidth };
    sameLayout(ours, layout(theirs), `${name}.${theirs.name}`);
    tally.flattened++;
  }
}

test.each(Object.keys(VMLINUX) as (keyof typeof VMLINUX)[])(
  'every member of every struct and union lies where pahole says, and is of the type it says: %s',
  kernel => {
    // By these names pahole shows all of them: it shows one of each name, and writes unnamed ones into others.
    const bytes = nameById(readVmlinux(kernel), [
      BtfKind.Struct,
      BtfKind.Union,
      BtfKind.Enum,
      BtfKind.Enum64,
    ]);
    const btf = Btf.parse(bytes);
    const [shown, sizes] = withFiles([bytes], path => [
      runTool('pahole', '-F', 'btf', path),
      runTool('pahole', '-F', 'btf', '--sizes', path),
    ]) as [string, string];
    const structs = readPahole(shown);
    const sizeOf = readSizes(sizes);
    const tally: Tally = { structs: 0, members: 0, bitfields: 0, flattened: 0, spellings: {} };
    for (let id = btf.firstId; id < btf.typeCount; id++) {
      const kind = btf.kind(id);
      if (kind !== BtfKind.Struct && kind !== BtfKind.Union) continue;
      const name = btf.nameOf(id);
      if (btf.sizeOf(id) !== sizeOf.get(name)) expect(btf.sizeOf(id), name).toBe(sizeOf.get(name));
      compare(btf, id, structs, tally);
    }
    expect(structs.size).toBe(tally.structs);
    expect(tally).toEqual(EXPECTED[kernel]);
  },
);
