import type { Btf } from './btf.js';
import { BtfKind, type TypeId } from './kinds.js';
import { MAX_LEVELS, tooComplex } from './layout.js';

/** Characters of one declaration; prototypes of damaged types can contain each other and grow without end. */
const TEXT_BUDGET = 1 << 16;

interface Budget {
  left: number;
}

/** C spelling of a type around `name`, which may be empty (spec 10 R10-61). Throws `too-complex`. */
export function declare(btf: Btf, id: TypeId, name: string): string {
  return declareWithin(btf, id, name, 0, { left: TEXT_BUDGET });
}

/**
 * A C declarator grows from the name outwards: `declarator` is what is written so far, `before` and `after` wait for the type that
 * they qualify.
 */
function declareWithin(btf: Btf, id: TypeId, name: string, depth: number, budget: Budget): string {
  let declarator = name;
  let isPointer = false;
  let before = '';
  let after = '';
  let at = id;
  for (let level = 0; level <= MAX_LEVELS; level++) {
    budget.left -= declarator.length + 1;
    if (budget.left < 0 || depth > MAX_LEVELS) break;
    const kind = btf.kind(at);
    switch (kind) {
      case BtfKind.Const:
        before += 'const ';
        break;
      case BtfKind.Volatile:
        before += 'volatile ';
        break;
      case BtfKind.Restrict:
        before += 'restrict ';
        break;
      case BtfKind.TypeTag:
        after = ` __attribute__((btf_type_tag("${btf.nameOf(at)}")))${after}`;
        break;
      case BtfKind.Ptr:
        declarator = pointerTo(declarator, before.trimEnd(), after.trimStart());
        isPointer = true;
        before = '';
        after = '';
        break;
      case BtfKind.Array: {
        const { element, count } = btf.array(at);
        declarator = `${isPointer ? `(${declarator})` : declarator}[${count === 0 ? '' : count}]`;
        isPointer = false;
        at = element;
        continue;
      }
      case BtfKind.FuncProto:
        declarator = `${isPointer ? `(${declarator})` : declarator}(${parameterList(btf, at, depth, budget)})`;
        isPointer = false;
        before = '';
        after = '';
        break;
      default: {
        const text = `${before}${baseName(btf, at, kind)}${after}`;
        budget.left -= text.length;
        if (budget.left < 0) throw tooComplex(btf, id, 'declaration');
        return declarator === '' ? text : `${text} ${declarator}`;
      }
    }
    at = btf.sizeOrType(at);
  }
  throw tooComplex(btf, id, 'declaration');
}

function pointerTo(declarator: string, qualifiers: string, tags: string): string {
  const words = [qualifiers, tags].filter(word => word !== '').join(' ');
  if (words === '') return `*${declarator}`;
  return declarator === '' ? `* ${words}` : `* ${words} ${declarator}`;
}

function parameterList(btf: Btf, proto: TypeId, depth: number, budget: Budget): string {
  const parameters = btf.parameters(proto);
  if (parameters.length === 0) return 'void';
  return parameters
    .map(({ name, type }, i) => {
      if (type === 0 && name === '') return i === 0 && parameters.length === 1 ? 'void' : '...';
      return declareWithin(btf, type, name, depth + 1, budget);
    })
    .join(', ');
}

function baseName(btf: Btf, id: TypeId, kind: BtfKind): string {
  switch (kind) {
    case BtfKind.Void:
      return 'void';
    case BtfKind.Struct:
      return `struct ${btf.nameOf(id) || '{...}'}`;
    case BtfKind.Union:
      return `union ${btf.nameOf(id) || '{...}'}`;
    case BtfKind.Enum:
    case BtfKind.Enum64:
      return `enum ${btf.nameOf(id) || '{...}'}`;
    case BtfKind.Fwd:
      return `${btf.kindFlag(id) ? 'union' : 'struct'} ${btf.nameOf(id)}`;
    default:
      return btf.nameOf(id);
  }
}
