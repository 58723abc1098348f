/** A member of a struct or union, as pahole writes it. */
export interface PaholeMember {
  /** '' for an anonymous struct or union. */
  readonly name: string;
  /** Type and name, without the width of a bit-field. */
  readonly declaration: string;
  readonly bitOffset: number;
  /** 0 for what is no bit-field. */
  readonly bitfieldWidth: number;
  /** Bytes; of a bit-field those of its storage unit. */
  readonly size: number;
}

/** A struct or union and its own members in order. */
export interface PaholeStruct {
  readonly name: string;
  readonly members: readonly PaholeMember[];
}

const START = /^(?:struct|union) (\w+) \{$/;
const MEMBER = /^\t([^/].*?)(?::(\d+))?;\s+\/\*\s+(?:(\d+)(?::\s*(\d+))?)?\s+(\d+) \*\/$/;
const ATTRIBUTE = / __attribute__\(\(__\w+__(?:\(\d+\))?\)\)/g;
const FUNCTION_POINTER = /\(\*+\s*(?:const )?(\w+)(?:\[\d*\])*\)/;
const DECLARATOR = /(\w+)(?:\[\d*\])*$/;
const ANONYMOUS = /^(?:const |volatile )*(?:struct|union) (\w+)\s*$/;

function declaredName(declaration: string): string {
  if (ANONYMOUS.test(declaration)) return '';
  const match = FUNCTION_POINTER.exec(declaration) ?? DECLARATOR.exec(declaration);
  if (match === null) throw new Error(`cannot read the member '${declaration}'`);
  return match[1] as string;
}

function readMember(line: string): PaholeMember | undefined {
  const match = MEMBER.exec(line);
  if (match === null) return undefined;
  const [, text, width, byte, bit, bytes] = match;
  const declaration = (text as string).replaceAll(ATTRIBUTE, '');
  return {
    name: declaredName(declaration),
    declaration,
    // Members of a union are at its start: pahole writes no offset there.
    bitOffset: Number(byte ?? 0) * 8 + Number(bit ?? 0),
    bitfieldWidth: Number(width ?? 0),
    size: Number(bytes),
  };
}

/** Reads pahole's output, in which no struct is written into another, by name. */
export function readPahole(text: string): Map<string, PaholeStruct> {
  const structs = new Map<string, PaholeStruct>();
  let members: PaholeMember[] = [];
  for (const line of text.split('\n')) {
    const start = START.exec(line);
    if (start !== null) {
      const name = start[1] as string;
      members = [];
      structs.set(name, { name, members });
      continue;
    }
    const member = readMember(line);
    if (member !== undefined) members.push(member);
  }
  return structs;
}

/** Reads the output of `pahole --sizes`: bytes by name. */
export function readSizes(text: string): Map<string, number> {
  const lines = text.split('\n').filter(line => line !== '');
  return new Map(lines.map(line => [line.split('\t')[0] as string, Number(line.split('\t')[1])]));
}

/** The named members of a struct, those of its anonymous members included, as C reaches them. */
export function* flattened(
  structs: ReadonlyMap<string, PaholeStruct>,
  struct: PaholeStruct,
  bitOffset = 0,
): IterableIterator<PaholeMember> {
  for (const member of struct.members) {
    const at = bitOffset + member.bitOffset;
    if (member.name !== '') yield { ...member, bitOffset: at };
    else
      yield* flattened(
        structs,
        structs.get(ANONYMOUS.exec(member.declaration)?.[1] as string) as PaholeStruct,
        at,
      );
  }
}
