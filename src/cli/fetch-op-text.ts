import type { FetchOp } from '../language/index.js';

/** What an operation is called with its operands, and what it does. */
export interface OpText {
  /** `DEREF +72`. */
  readonly text: string;
  readonly meaning: string;
}

/** How the operations of a program are told to people. `parameters` are the names of the probed function's. */
export function describeOp(op: FetchOp, parameters: readonly string[]): OpText {
  switch (op.op) {
    case 'REG':
      return say(`REG ${op.register}`, `value = register %${op.register}`);
    case 'STACK':
      return say(`STACK ${op.index}`, `value = word ${op.index} of the stack`);
    case 'STACKP':
      return say('STACKP', 'value = stack pointer');
    case 'RETVAL':
      return say('RETVAL', 'value = what the function returns');
    case 'IMM':
      return say(`IMM ${hex(op.value)}`, `value = ${op.value}`);
    case 'COMM':
      return say('COMM', "value = address of the task's name");
    case 'ARG': {
      const name = parameters[op.index];
      return say(`ARG ${op.index}`, `value = argument ${op.index} of the function${name ? `, ${name}` : ''}`);
    }
    case 'FOFFS':
      return say(`FOFFS ${hex(op.offset)}`, 'value = where this offset of the file is mapped');
    case 'DATA':
      return say(`DATA ${JSON.stringify(op.text)}`, 'value = address of this text');
    case 'EDATA':
      return say(`EDATA ${op.offset}`, `value = the word saved at entry, at ${op.offset}`);
    case 'TP_ARG':
      return say(`TP_ARG ${op.field.name}`, `value = field ${op.field.name} of the event`);
    case 'SYMBOL':
      return say(
        `SYMBOL ${op.symbol}${signed(op.offset)}`,
        'the next IMM becomes the address of this symbol',
      );
    case 'DEREF':
      return say(`DEREF ${signed(op.offset)}`, `value = word at value${signed(op.offset)}`);
    case 'UDEREF':
      return say(`UDEREF ${signed(op.offset)}`, `value = word at value${signed(op.offset)} in user memory`);
    case 'ST_RAW':
      return say(`ST_RAW ${op.size}`, `store the low ${bytes(op.size)} of the value`);
    case 'ST_MEM':
      return say(
        `ST_MEM ${signed(op.offset)}, ${op.size}`,
        `store ${bytes(op.size)} from value${signed(op.offset)}`,
      );
    case 'ST_UMEM':
      return say(
        `ST_UMEM ${signed(op.offset)}, ${op.size}`,
        `store ${bytes(op.size)} from value${signed(op.offset)} in user memory`,
      );
    case 'ST_STRING':
      return say(`ST_STRING ${signed(op.offset)}`, `store the text at value${signed(op.offset)}`);
    case 'ST_USTRING':
      return say(
        `ST_USTRING ${signed(op.offset)}`,
        `store the text at value${signed(op.offset)} in user memory`,
      );
    case 'ST_SYMSTR':
      return say(`ST_SYMSTR ${signed(op.offset)}`, `store the symbol at value${signed(op.offset)} as text`);
    case 'ST_EDATA':
      return say(`ST_EDATA ${op.offset}`, `save the value for the return, at ${op.offset}`);
    case 'MOD_BF':
      return say(
        `MOD_BF ${op.base}, ${op.left}, ${op.right}`,
        `cut the bit field out of the stored ${bytes(op.base)}: shift left ${op.left}, then right ${op.right}`,
      );
    case 'LP_ARRAY':
      return say(`LP_ARRAY ${op.count}`, `once for each of ${op.count} elements`);
    case 'END':
      return say('END', 'done');
    default:
      return op satisfies never;
  }
}

function say(text: string, meaning: string): OpText {
  return { text, meaning };
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

function signed(offset: number | bigint): string {
  return offset < 0 ? `${offset}` : `+${offset}`;
}
