import type { EventField } from '../../kernel/index.js';
import {
  type BytesNode,
  INT,
  type IntNode,
  LONG,
  type Names,
  type TextNode,
  UNSIGNED,
  UNSIGNED_LONG,
} from '../print-tree.js';
import { constantValue } from '../print-value.js';
import { NotUnderstood } from './not-understood.js';
import { arithmetic, comparison } from './operators.js';
import type { TokenReader } from './tokens.js';
import { typeName } from './type-name.js';
import { bytesOf, constant, converted, int, intSize, located, text, type Value } from './values.js';

/** The value of a name that the kernel left in its `print fmt`: an enumerator; `undefined` when it is not known. */
export type ConstantNames = (name: string) => bigint | undefined;

/** What arguments of a function consist of, read where the tokens stand. */
export interface Parts {
  readonly tokens: TokenReader;
  readonly constants: ConstantNames;
  expression(): Value;
  /** An expression that is an integer. */
  int(): IntNode;
  /** The name of a field, as that field. */
  field(): EventField;
}

/** Reads the arguments of one of the kernel's helpers, up to the bracket behind them. */
export function functionValue(name: string, parts: Parts): Value {
  const { tokens } = parts;
  switch (name) {
    case '__get_str':
    case '__get_rel_str':
      return text({ kind: 'characters', bytes: located(parts.field()) });
    case 'mc_event_error_type':
      return text(errorType(parts.int()));
    case 'nvme_trace_disk_name': {
      if (tokens.next().text !== 'p') throw new NotUnderstood();
      tokens.expect(',');
      return text(diskName(bytesOf(parts.expression())));
    }
    case '__get_dynamic_array':
    case '__get_rel_dynamic_array':
      return { is: 'bytes', node: located(parts.field()) };
    case '__get_dynamic_array_len':
    case '__get_rel_dynamic_array_len':
      return int({ kind: 'length', type: INT, offset: located(parts.field()).offset });
    case '__get_bitmask':
    case '__get_rel_bitmask':
    case '__get_cpumask':
    case '__get_rel_cpumask':
      return text({ kind: 'bitmask', bytes: located(parts.field()) });
    case '__get_sockaddr':
    case '__get_rel_sockaddr':
      return text({ kind: 'socketAddress', bytes: located(parts.field()), letters: 'pc' });
    case '__print_flags':
    case '__print_flags_u64': {
      const value = converted(parts.int(), UNSIGNED_LONG);
      tokens.expect(',');
      return text({ kind: 'flags', value, delimiter: tokens.text(), names: names(parts) });
    }
    case '__print_symbolic':
    case '__print_symbolic_u64': {
      const value = converted(parts.int(), UNSIGNED_LONG);
      return text({ kind: 'symbolic', value, names: names(parts) });
    }
    case '__print_hex':
    case '__print_hex_str': {
      const bytes = bytesOf(parts.expression());
      tokens.expect(',');
      const separator = name === '__print_hex' ? ' ' : '';
      return text({ kind: 'hex', bytes, count: converted(parts.int(), INT), separator });
    }
    case '__print_array': {
      const bytes = bytesOf(parts.expression());
      tokens.expect(',');
      const count = converted(parts.int(), INT);
      tokens.expect(',');
      return text({ kind: 'array', bytes, count, size: intSize(Number(constantValue(parts.int()))) });
    }
    case '__print_ns_to_secs':
      return int(arithmetic('/', converted(parts.int(), UNSIGNED_LONG), constant(INT, 1_000_000_000n)));
    case '__print_ns_without_secs': {
      const whole = converted(parts.int(), UNSIGNED_LONG);
      return int(converted(arithmetic('%', whole, constant(INT, 1_000_000_000n)), UNSIGNED));
    }
    case 'jiffies_to_msecs': {
      const ticks = converted(parts.int(), UNSIGNED_LONG);
      const frequency = parts.constants('HZ');
      if (frequency === undefined || frequency <= 0n || 1000n % frequency !== 0n) throw new NotUnderstood();
      return int(converted(arithmetic('*', ticks, constant(INT, 1000n / frequency)), UNSIGNED));
    }
    case 'sizeof': {
      const type = typeName(tokens);
      if (type === undefined) throw new NotUnderstood();
      return int(constant(UNSIGNED_LONG, BigInt(type.size)));
    }
    case '__builtin_expect': {
      const value = converted(parts.int(), LONG);
      tokens.expect(',');
      parts.int();
      return int(value);
    }
    default:
      throw new NotUnderstood();
  }
}

/** `, { 1, "a" }, { 2, "b" }`: constants, up to the one without a name. */
function names(parts: Parts): Names {
  const { tokens } = parts;
  const found: (readonly [bigint, string])[] = [];
  let isOpen = true;
  while (tokens.accept(',')) {
    tokens.expect('{');
    const value = constantValue(converted(parts.int(), UNSIGNED_LONG));
    if (value === undefined) throw new NotUnderstood();
    tokens.expect(',');
    const name = parts.expression();
    tokens.expect('}');
    if (name.is === 'text' && name.node.kind === 'literal') {
      if (isOpen) found.push([value, name.node.text]);
    } else if (name.is === 'int') {
      isOpen = false;
    } else {
      throw new NotUnderstood();
    }
  }
  return found;
}

/** What the kernel's function of this name calls a memory error: of `enum hw_event_mc_err_type`. */
function errorType(value: IntNode): TextNode {
  const known = ['Corrected', 'Uncorrected', 'Deferred', 'Fatal'];
  const names = known.map((name, number) => [BigInt(number), name] as const);
  const kind = converted(value, UNSIGNED);
  return {
    kind: 'textChoice',
    condition: comparison('<', UNSIGNED, kind, constant(UNSIGNED, BigInt(known.length))),
    yes: { kind: 'symbolic', value: kind, names },
    no: { kind: 'literal', text: 'Info' },
  };
}

/** What the kernel's function of this name prints of a disk's name: nothing when there is none. */
function diskName(bytes: BytesNode): TextNode {
  const parts: TextNode[] = [
    { kind: 'literal', text: 'disk=' },
    { kind: 'characters', bytes },
    { kind: 'literal', text: ', ' },
  ];
  const condition: IntNode = { kind: 'character', type: INT, bytes, index: 0 };
  return { kind: 'textChoice', condition, yes: { kind: 'joined', parts }, no: { kind: 'literal', text: '' } };
}
