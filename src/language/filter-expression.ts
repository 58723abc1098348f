/** Between a field and a number. */
export type NumberOperator = '!=' | '==' | '<=' | '<' | '>=' | '>' | '&';

/** Between a field and a text. */
export type TextOperator = '~' | '!=' | '==';

/** Between a field and a value. */
export type FilterOperator = NumberOperator | TextOperator;

/** One comparison of a filter. */
export type FilterTerm =
  /** The value is 64 bits wide, as the field's sign has it parsed; it is cut to the field's size when compared. */
  | {
      readonly kind: 'number';
      readonly field: string;
      readonly operator: NumberOperator;
      readonly value: bigint;
    }
  /** With `~` the value is a pattern. Bytes, one per character. */
  | {
      readonly kind: 'text';
      readonly field: string;
      readonly operator: TextOperator;
      readonly value: string;
    }
  /** By function (`ip.function == vfs_read`), by a list of processors, of user memory: as it is written. */
  | { readonly kind: 'special'; readonly text: string };

/** What a filter asks of a record. */
export type FilterExpression =
  | FilterTerm
  | { readonly kind: 'not'; readonly operand: FilterExpression }
  | { readonly kind: 'and' | 'or'; readonly left: FilterExpression; readonly right: FilterExpression };

/** A piece of a filter that is well formed. */
export type FilterToken = '(' | ')' | '!' | '&&' | '||' | FilterTerm;

type Connective = '&&' | '||';

const strength: Readonly<Record<Connective, number>> = { '&&': 2, '||': 1 };

/**
 * The expression that the tokens of a filter are: `!` binds closest, then `&&`, then `||`. With stacks of its own: braces may
 * nest deeper than calls may.
 */
export function filterExpression(tokens: readonly FilterToken[]): FilterExpression {
  const operands: FilterExpression[] = [];
  const waiting: ('(' | '!' | Connective)[] = [];
  const top = (): FilterExpression => {
    const operand = operands.pop();
    if (operand === undefined) throw new RangeError('these are no tokens of a filter');
    return operand;
  };
  const join = (least: number): void => {
    for (let last = waiting.at(-1); last === '&&' || last === '||'; last = waiting.at(-1)) {
      if (strength[last] < least) return;
      waiting.pop();
      const right = top();
      operands.push({ kind: last === '&&' ? 'and' : 'or', left: top(), right });
    }
  };
  const push = (operand: FilterExpression): void => {
    let whole = operand;
    for (; waiting.at(-1) === '!'; waiting.pop()) whole = { kind: 'not', operand: whole };
    operands.push(whole);
  };
  for (const token of tokens) {
    if (typeof token !== 'string') push(token);
    else if (token === '(' || token === '!') waiting.push(token);
    else if (token === ')') {
      join(0);
      waiting.pop();
      push(top());
    } else {
      join(strength[token]);
      waiting.push(token);
    }
  }
  join(0);
  return top();
}
