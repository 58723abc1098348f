import type { FetchOp } from '../program.js';

// Fetch programs as text again: byte offsets in place of member names, which every kernel understands and which is
// often shorter.

/** `+8(+16(root))`. */
export function dereferences(root: string, offsets: readonly number[]): string {
  return offsets.reduce((inner, offset) => dereference(inner, offset, ''), root);
}

/**
 * The load and dereference operations of a program as a fetch expression without its type; `undefined` where the language
 * has no words for them. `root` says how a parameter, counted from 0, is written.
 */
export function fetchText(
  ops: readonly FetchOp[],
  root: (index: number, op: 'ARG' | 'EDATA') => string | undefined,
): string | undefined {
  let text: string | undefined;
  // `@SYM` is three operations: the last, a dereference by 0, belongs to it.
  let inMemory = false;
  for (const [at, op] of ops.entries()) {
    switch (op.op) {
      case 'ARG':
        text = root(op.index, 'ARG');
        break;
      case 'EDATA':
        text = root(op.offset, 'EDATA');
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
      case 'COMM':
        text = '$comm';
        break;
      case 'DATA':
        text = `\\"${op.text}"`;
        break;
      case 'SYMBOL':
        text = `@${op.symbol}`;
        if (op.offset !== 0n) text += `${op.offset < 0n ? '' : '+'}${op.offset}`;
        inMemory = true;
        break;
      case 'IMM':
        if (!inMemory) text = `\\${op.value}`;
        break;
      case 'DEREF':
      case 'UDEREF':
      case 'ST_MEM':
      case 'ST_UMEM':
      case 'ST_STRING':
      case 'ST_USTRING': {
        if (text === undefined) return undefined;
        const isStore = op.op === 'ST_STRING' || op.op === 'ST_USTRING';
        // Behind these and in arrays a store of text is an operation of its own.
        if (isStore && keepsAddress(ops, at)) break;
        if (inMemory) {
          if (op.offset !== 0) return undefined;
          inMemory = false;
          break;
        }
        const isUser = op.op === 'UDEREF' || op.op === 'ST_UMEM' || op.op === 'ST_USTRING';
        text = dereference(text, op.offset, isUser ? 'u' : '');
        break;
      }
      case 'ST_RAW':
      case 'ST_SYMSTR':
      case 'MOD_BF':
      case 'LP_ARRAY':
      case 'END':
        break;
      default:
        return undefined;
    }
    if (text === undefined) return undefined;
  }
  return text;
}

function dereference(inner: string, offset: number, user: '' | 'u'): string {
  return `${offset < 0 ? '-' : '+'}${user}${Math.abs(offset)}(${inner})`;
}

/** Does a store of text take the address as it is, without a dereference of its own in the line (spec 04 section 3)? */
function keepsAddress(ops: readonly FetchOp[], store: number): boolean {
  const before = ops[store - 1]?.op;
  if (before === 'COMM' || before === 'DATA') return true;
  // `\5:string` and `@5:string` are one program.
  if (before === 'IMM') return ops[store - 2]?.op !== 'SYMBOL';
  return ops[store + 1]?.op === 'LP_ARRAY';
}
