import { type Btf, BtfKind, type TypeId } from '../../btf/index.js';
import type { BtfValue } from '../fetch-compiler.js';
import type { FetchOp } from '../program.js';
import type { Prototype } from '../prototype.js';

// Arguments without member names: offsets in bytes instead. It is what kernels without BTF fields understand, and
// shorter than many a chain.

/** `+8(+16(root))`. */
export function dereferences(root: string, offsets: readonly number[]): string {
  return offsets.reduce((inner, offset) => `${offset < 0 ? '' : '+'}${offset}(${inner})`, root);
}

/**
 * The load and dereference operations of an argument as text; `undefined` where they cannot be written so. `numbered`
 * asks for `$argN` in any case; `hidden` is the number of parameters that a tracepoint's stub has before the first.
 */
export function plainFetch(
  ops: readonly FetchOp[],
  prototype: Prototype | undefined,
  { numbered, hidden }: { readonly numbered: boolean; readonly hidden: number },
): string | undefined {
  let text: string | undefined;
  for (const [at, op] of ops.entries()) {
    switch (op.op) {
      case 'ARG':
        text = rootText(op.index - hidden, prototype, numbered);
        break;
      case 'RETVAL':
        text = '$retval';
        break;
      case 'REG':
        text = `%${op.register}`;
        break;
      case 'STACK':
        text = `$stack${op.index}`;
        break;
      case 'STACKP':
        text = '$stack';
        break;
      case 'DEREF':
      case 'ST_MEM':
      case 'UDEREF':
      case 'ST_UMEM': {
        if (text === undefined) return undefined;
        const user = op.op === 'UDEREF' || op.op === 'ST_UMEM' ? 'u' : '';
        text = `${op.offset < 0 ? '-' : '+'}${user}${Math.abs(op.offset)}(${text})`;
        break;
      }
      case 'ST_STRING':
      case 'ST_USTRING':
        if (text === undefined || ops[at - 1] === undefined) return undefined;
        text = dereferences(text, [op.offset]);
        break;
      case 'ST_RAW':
      case 'MOD_BF':
      case 'LP_ARRAY':
      case 'END':
        break;
      default:
        return undefined;
    }
  }
  return text;
}

/** The shorter of a parameter's name and its number. */
function rootText(index: number, prototype: Prototype | undefined, numbered: boolean): string {
  const number = `$arg${index + 1}`;
  const name = prototype?.parameters[index]?.name;
  return numbered || name === undefined || name === '' || name.length >= number.length ? number : name;
}

/** The type to write behind plain offsets so that the value is stored as the kernel would store the member. */
export function plainType(
  value: Pick<BtfValue, 'btf' | 'type' | 'bitRemainder' | 'bitfieldWidth'>,
  inferred: string,
): string {
  const { bitRemainder, bitfieldWidth } = value;
  if (bitfieldWidth === 0) return inferred;
  const container = [8, 16, 32, 64].find(bits => bits >= bitfieldWidth + bitRemainder) ?? 64;
  return `b${bitfieldWidth}@${bitRemainder}/${container}`;
}

/** The fetch type that fits a C type: by its size where the kernel has no rule for it. */
export function fittingType(btf: Btf, id: TypeId): string {
  const type = btf.skipModifiers(id);
  switch (btf.kind(type)) {
    case BtfKind.Int: {
      const { signed, bits } = btf.int(type);
      const size = [8, 16, 32, 64].find(width => width >= bits) ?? 64;
      return `${signed ? 's' : 'u'}${size}`;
    }
    case BtfKind.Enum:
      return 's32';
    case BtfKind.Enum64:
      return 's64';
    default:
      return 'x64';
  }
}

/** What a type is as text: a `char` array in place, a pointer to one, or neither. */
export function textKind(btf: Btf, id: TypeId): 'array' | 'pointer' | undefined {
  const type = btf.skipModifiers(id);
  if (btf.kind(type) === BtfKind.Array) return isByte(btf, btf.array(type).element) ? 'array' : undefined;
  if (btf.kind(type) !== BtfKind.Ptr) return undefined;
  return isByte(btf, btf.referenced(type)) ? 'pointer' : undefined;
}

function isByte(btf: Btf, id: TypeId): boolean {
  const type = btf.skipModifiers(id);
  return btf.kind(type) === BtfKind.Int && btf.int(type).bits === 8;
}
