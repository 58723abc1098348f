import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBuiltInKernel } from '../../src/host/index.js';
import {
  compileFilter,
  compileProbe,
  type FilterExpression,
  toByteString,
} from '../../src/language/index.js';

const kernel = openBuiltInKernel('6.12-cloud');
const judged = compileProbe(
  kernel,
  'f vfs_read count ret=pos:s32 name=file->f_path.dentry->d_name.name:string',
);
if (!judged.accepted || judged.event === undefined) throw new Error('the definition is refused');
const { fields } = judged.event.layout;

/** An expression as text with all its braces. */
function written(expression: FilterExpression): string {
  switch (expression.kind) {
    case 'number':
      return `${expression.field} ${expression.operator} ${expression.value}`;
    case 'text':
      return `${expression.field} ${expression.operator} "${expression.value}"`;
    case 'special':
      return expression.text;
    case 'not':
      return `!(${written(expression.operand)})`;
    case 'and':
      return `(${written(expression.left)}) && (${written(expression.right)})`;
    case 'or':
      return `(${written(expression.left)}) || (${written(expression.right)})`;
    default:
      return expression satisfies never;
  }
}

function compiled(text: string): FilterExpression {
  const judgement = compileFilter(toByteString(text), fields, kernel);
  if (!judgement.accepted) throw new Error(judgement.diagnostic.message);
  return judgement.expression;
}

test.each([
  ['count > 100', 'count > 100'],
  ['count==0x10&&ret!=-1', '(count == 16) && (ret != -1)'],
  ['count > 1 || ret < 0 && name == "a b"', '(count > 1) || ((ret < 0) && (name == "a b"))'],
  ['(count > 1 || ret < 0) && name ~ "*.so"', '((count > 1) || (ret < 0)) && (name ~ "*.so")'],
  ['!count & 1 && !(comm == "cat" || CPU == 1)', '(!(count & 1)) && (!((comm == "cat") || (CPU == 1)))'],
  ['!!(common_pid == 7)', '!(!(common_pid == 7))'],
  [
    'CPU == CPUS{0-1} && __probe_ip.function == vfs_read',
    '(CPU == CPUS{0-1}) && (__probe_ip.function == vfs_read)',
  ],
])('what %s asks', (text, expected) => {
  expect(written(compiled(text))).toBe(expected);
});

test.each([
  ['nothing == 1', 'Field not found', 8],
  ['count == "x"', 'Expecting numeric field', 10],
  ['name > 1', 'Expecting string field', 8],
  ['(count == 1', "Too many '('", 0],
])('%s is refused in the words of the kernel', (text, message, caret) => {
  expect(compileFilter(text, fields, kernel)).toMatchObject({
    accepted: false,
    diagnostic: { message, caret, command: text, errno: 'EINVAL' },
  });
});

test('no filter is as long as a page', () => {
  const long = Array(400).fill('count > 100').join(' || ');
  expect(compileFilter(long, fields, kernel)).toMatchObject({ accepted: false });
  expect(compileFilter(long.slice(0, 4091), fields, kernel)).toMatchObject({ accepted: true });
});

test('braces nest as deep as a filter is long', () => {
  const depth = 2000;
  expect(written(compiled(`${'('.repeat(depth)}count > 1${')'.repeat(depth)}`))).toBe('count > 1');
  const right = `${'count > 1 || ('.repeat(250)}ret < 0${')'.repeat(250)}`;
  expect(compiled(right)).toMatchObject({ kind: 'or', right: { kind: 'or', left: { field: 'count' } } });
});

const terms = fc.oneof(
  fc.record({
    kind: fc.constant('number' as const),
    field: fc.constantFrom('count', 'ret', 'CPU'),
    operator: fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '&'),
    value: fc.bigInt(0n, 0x7fff_ffffn),
  }),
  fc.record({
    kind: fc.constant('text' as const),
    field: fc.constantFrom('name', 'comm'),
    operator: fc.constantFrom('==', '!=', '~'),
    value: fc.constantFrom('a', '(b) && c', '!x', "it's", ''),
  }),
);
const { expression: expressions } = fc.letrec<{ expression: FilterExpression }>(tie => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    terms as fc.Arbitrary<FilterExpression>,
    fc.record({ kind: fc.constant('not' as const), operand: tie('expression') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      left: tie('expression'),
      right: tie('expression'),
    }),
  ),
}));

test('an expression that is written out is read as itself', () => {
  fc.assert(
    fc.property(expressions, expression => {
      expect(compiled(written(expression))).toEqual(expression);
    }),
  );
});
