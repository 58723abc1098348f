import { Btf, BtfError, BtfKind, type BtfOptions, findProblems, type TypeId } from '../../src/btf/index.js';

const KINDS = Object.values(BtfKind);

/** Runs `question`; a `BtfError` is a fine answer, anything else is not. */
function ask(question: () => unknown): void {
  try {
    question();
  } catch (error) {
    if (!(error instanceof BtfError)) throw error;
  }
}

/** What only some kinds answer; of the others a test of their own asks it. */
function askByKind(btf: Btf, id: TypeId): void {
  switch (btf.kind(id)) {
    case BtfKind.Int:
      btf.int(id);
      break;
    case BtfKind.Array:
      btf.array(id);
      break;
    case BtfKind.Struct:
    case BtfKind.Union:
      ask(() => [...btf.members(id)]);
      ask(() => btf.findMember(id, 'no such member'));
      ask(() => btf.findMember(id, 'no such member', { anonymousLimit: 16 }));
      break;
    case BtfKind.Enum:
    case BtfKind.Enum64:
      btf.enumerators(id);
      break;
    case BtfKind.FuncProto:
      btf.parameters(id);
      break;
    case BtfKind.Datasec:
      btf.sectionVariables(id);
      break;
    case BtfKind.DeclTag:
      btf.componentIndex(id);
      break;
    default:
      btf.sizeOrType(id);
  }
}

function askAll(btf: Btf, id: TypeId): void {
  ask(() => askByKind(btf, id));
  ask(() => btf.nameOf(id));
  ask(() => btf.trailingWord(id));
  ask(() => btf.skipModifiers(id));
  ask(() => btf.sizeOf(id));
  ask(() => btf.alignOf(id));
  ask(() => btf.typeName(id));
}

/**
 * Parses and, if that succeeds, puts every question to every own type and to ids around them. Returns the types read, or `undefined` when
 * the bytes were refused.
 */
export function parseAndWalk(bytes: Uint8Array, options: BtfOptions): Btf | undefined {
  // Hundreds of thousands of errors are made: without this their stack traces take most of the time.
  Error.stackTraceLimit = 0;
  let btf: Btf;
  try {
    btf = Btf.parse(bytes, options);
  } catch (error) {
    if (error instanceof BtfError) return undefined;
    throw error;
  }
  for (let id = btf.firstId; id <= btf.typeCount; id++) askAll(btf, id);
  for (const kind of KINDS) ask(() => btf.findOwn('init', kind));
  ask(() => btf.findFunction('init'));
  findProblems(btf, 3);
  return btf;
}
