import {
  type ArithmeticOperator,
  type ComparisonOperator,
  INT,
  type IntNode,
  type IntType,
  UNSIGNED_LONG,
} from '../print-tree.js';
import { constantValue } from '../print-value.js';
import { NotUnderstood } from './not-understood.js';
import { constant, converted, folded, int, intOf, text, textOf, type Value } from './values.js';

/** Binary operators with how tightly they bind, as in C. */
export const LEVELS: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);

/** The usual arithmetic conversions. */
function common(left: IntType, right: IntType): IntType {
  if (left.bits === right.bits) return { bits: left.bits, signed: left.signed && right.signed };
  return left.bits > right.bits ? left : right;
}

export function arithmetic(operator: ArithmeticOperator, left: IntNode, right: IntNode): IntNode {
  const type = common(left.type, right.type);
  return folded({
    kind: 'arithmetic',
    type,
    operator,
    left: converted(left, type),
    right: converted(right, type),
  });
}

export function combine(operator: string, first: Value, second: Value): Value {
  if (first.is === 'unknown' || second.is === 'unknown') {
    if (operator !== '+' && operator !== '-') throw new NotUnderstood();
    return { is: 'unknown' };
  }
  const left = intOf(first);
  const right = intOf(second);
  switch (operator) {
    case '&&':
    case '||':
      return int(folded({ kind: 'logical', type: INT, operator, left, right }));
    case '==':
    case '!=':
    case '<':
    case '>':
    case '<=':
    case '>=': {
      const of = common(left.type, right.type);
      return int(comparison(operator, of, converted(left, of), converted(right, of)));
    }
    case '<<':
    case '>>':
      return int(folded({ kind: 'shift', type: left.type, operator, left, right }));
    case '+':
      if (first.step === undefined) return int(arithmetic(operator, left, right));
      return int(
        arithmetic(
          '+',
          left,
          arithmetic('*', converted(right, UNSIGNED_LONG), constant(UNSIGNED_LONG, first.step)),
        ),
      );
    case '-':
    case '*':
    case '/':
    case '%':
    case '&':
    case '|':
    case '^':
      return int(arithmetic(operator, left, right));
    default:
      throw new NotUnderstood();
  }
}

export function comparison(
  operator: ComparisonOperator,
  of: IntType,
  left: IntNode,
  right: IntNode,
): IntNode {
  return folded({ kind: 'comparison', type: INT, of, operator, left, right });
}

export function choose(condition: IntNode, yes: Value, no: Value): Value {
  const known = constantValue(condition);
  if (known !== undefined) return known !== 0n ? yes : no;
  if (yes.is === 'unknown' || no.is === 'unknown') return { is: 'unknown' };
  if (yes.is === 'int' && no.is === 'int') {
    const type = common(yes.node.type, no.node.type);
    return int({
      kind: 'choice',
      type,
      condition,
      yes: converted(yes.node, type),
      no: converted(no.node, type),
    });
  }
  return text({ kind: 'textChoice', condition, yes: textOf(yes), no: textOf(no) });
}
