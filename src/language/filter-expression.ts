/** Between a field and a value. */
export type FilterOperator = '~' | '!=' | '==' | '<=' | '<' | '>=' | '>' | '&';

/** One comparison of a filter. */
export type FilterTerm =
  /** The value is 64 bits wide, as the field's sign has it parsed; it is cut to the field's size when compared. */
  | {
      readonly kind: 'number';
      readonly field: string;
      readonly operator: FilterOperator;
      readonly value: bigint;
    }
  /** With `~` the value is a pattern. Bytes, one per character. */
  | {
      readonly kind: 'text';
      readonly field: string;
      readonly operator: FilterOperator;
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

/** The expression that the tokens of a filter are: `!` binds closest, then `&&`, then `||`. */
export function filterExpression(tokens: readonly FilterToken[]): FilterExpression {
  let at = 0;
  const operand = (): FilterExpression => {
    const token = tokens[at++];
    if (token === '!') return { kind: 'not', operand: operand() };
    if (token === '(') {
      const inside = any();
      at++;
      return inside;
    }
    if (token === undefined || typeof token === 'string')
      throw new RangeError('these are no tokens of a filter');
    return token;
  };
  const chain = (kind: 'and' | 'or', connective: '&&' | '||', next: () => FilterExpression) => {
    let left = next();
    while (tokens[at] === connective) {
      at++;
      left = { kind, left, right: next() };
    }
    return left;
  };
  const all = (): FilterExpression => chain('and', '&&', operand);
  const any = (): FilterExpression => chain('or', '||', all);
  return any();
}
