import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bpfAbility, bpfFacts, bpfView, planProgram } from '../../../src/backends/bpf/index.js';
import { openBuiltInKernel } from '../../../src/host/index.js';
import { matchesGlob } from '../../../src/kernel/index.js';
import { compileFilter, compileProbe, type FilterExpression } from '../../../src/language/index.js';
import { kernelBase, TestMachine } from '../../program/test-machine.js';
import { BpfMachine } from './bpf-machine.js';

const kernel = openBuiltInKernel('6.12-cloud');
const view = bpfView(kernel);
const judged = compileProbe(
  view,
  'f vfs_read name=+0($arg1):string u32=$arg2:u32 u8=$arg2:u8 s16=$arg3:s16 bits=$arg3:b5@3/16 s64=+0($arg4):s64 c=$comm k=\\"abc"',
);
if (!judged.accepted || judged.event === undefined) throw new Error('the definition is refused');
const { event } = judged;
const ability = bpfAbility(event, view, bpfFacts(kernel));
if (!ability.can) throw new Error(ability.reason);
const { place } = ability;

/** A hit: what the function's arguments are or point to; `undefined`: to nothing. */
interface Hit {
  readonly name: string | undefined;
  readonly second: bigint;
  readonly third: bigint;
  readonly fourth: bigint | undefined;
  readonly comm: string;
}

const texts = ['', 'a', 'ab', 'abc', 'abcd', 'some task', 'x'.repeat(15), 'sxa', '1a'];
const longTexts = [...texts, 'x'.repeat(16), 'x'.repeat(40)];
const number = fc
  .oneof(
    fc.bigInt(-5n, 5n),
    fc.constantFrom(
      ...[7n, 8n, 15n, 16n, 31n, 32n, 63n, 64n].flatMap(bits => [
        1n << bits,
        (1n << bits) - 1n,
        -(1n << bits),
      ]),
    ),
  )
  .filter(value => value < 1n << 63n && value >= -(1n << 63n));
const hits: fc.Arbitrary<Hit> = fc.record({
  name: fc.option(fc.constantFrom(...longTexts), { nil: undefined }),
  second: number,
  third: number,
  fourth: fc.option(number, { nil: undefined }),
  comm: fc.constantFrom(...texts),
});

const operators = fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '&');
const unsigned = number.map(value => (value < 0n ? -value - 1n : value));
const terms = fc.oneof(
  fc
    .tuple(fc.constantFrom('s16', 's64', 'CPU', 'common_pid'), operators, number)
    .map(words => words.join(' ')),
  fc.tuple(fc.constantFrom('u32', 'u8', 'bits'), operators, unsigned).map(words => words.join(' ')),
  fc
    .tuple(
      fc.constantFrom('name', 'c', 'comm', 'k'),
      fc.constantFrom('==', '!=', '~'),
      fc.constantFrom(...longTexts, 'a*', '!a*', '!abc', 'xxxx*', '*c', '*x', '*'),
    )
    .map(([field, operator, text]) => `${field} ${operator} "${text}"`),
);
const { filter: filters } = fc.letrec<{ filter: string }>(tie => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    terms,
    tie('filter').map(inside => `!(${inside})`),
    fc
      .tuple(tie('filter'), fc.constantFrom('&&', '||'), tie('filter'))
      .map(([left, connective, right]) => `(${left}) ${connective} (${right})`),
  ),
}));

/** The value of a number's field, its bits and its sign. */
function numberOf(field: string, { second, third, fourth }: Hit): [bigint | undefined, number, boolean] {
  switch (field) {
    case 'u32':
      return [second, 32, false];
    case 'u8':
      return [second, 8, false];
    case 's16':
      return [third, 16, true];
    case 'bits':
      return [(third >> 3n) & 31n, 16, false];
    case 's64':
      return [fourth, 64, true];
    // What the machine of these tests runs on, and as.
    case 'CPU':
      return [1n, 32, true];
    default:
      return [78n, 32, true];
  }
}

/** What the kernel would say of the hit; nothing is true of what cannot be read. */
function passes(filter: FilterExpression, hit: Hit): boolean {
  switch (filter.kind) {
    case 'not':
      return !passes(filter.operand, hit);
    case 'and':
      return passes(filter.left, hit) && passes(filter.right, hit);
    case 'or':
      return passes(filter.left, hit) || passes(filter.right, hit);
    case 'number': {
      const [value, bits, signed] = numberOf(filter.field, hit);
      if (value === undefined) return false;
      const [left, right] = [value, filter.value].map(one =>
        signed ? BigInt.asIntN(bits, one) : BigInt.asUintN(bits, one),
      ) as [bigint, bigint];
      return {
        '==': left === right,
        '!=': left !== right,
        '<': left < right,
        '<=': left <= right,
        '>': left > right,
        '>=': left >= right,
        '&': (left & right) !== 0n,
      }[filter.operator];
    }
    case 'text': {
      const text = { name: hit.name, k: 'abc' }[filter.field as 'name' | 'k'];
      const value = filter.field === 'name' || filter.field === 'k' ? text : hit.comm;
      if (value === undefined) return false;
      if (filter.operator !== '~') return (value === filter.value) === (filter.operator === '==');
      const pattern = filter.value.replace(/^!/, '');
      // A number is compared whole.
      const isLike = /^\d/.test(pattern) ? value === pattern : matchesGlob(pattern, value);
      return isLike !== filter.value.startsWith('!');
    }
    case 'special':
      throw new Error(`not of these tests: ${filter.text}`);
  }
}

test('a filter lets the hits through that it says', () => {
  let [asked, passed] = [0, 0];
  fc.assert(
    fc.property(filters, fc.array(hits, { minLength: 4, maxLength: 4 }), (filter, some) => {
      const compiled = compileFilter(filter, event.layout.fields, view);
      if (!compiled.accepted) throw new Error(`${filter}: ${compiled.diagnostic.message}`);
      // The end of a task's name is beyond eBPF.
      fc.pre(!/\b(c|comm) ~ "\*/.test(filter));
      const { instructions } = planProgram(event, 0, place, compiled.expression);
      for (const hit of some) {
        const machine = new TestMachine();
        machine.name = hit.comm;
        if (hit.name !== undefined) machine.put(kernelBase, `${hit.name}\0`);
        const behind = kernelBase + 0x10000n;
        if (hit.fourth !== undefined) machine.put(behind, [BigInt.asUintN(64, hit.fourth)]);
        const words = [kernelBase, BigInt.asUintN(64, hit.second), BigInt.asUintN(64, hit.third), behind];
        const isSent = new BpfMachine(machine).run(instructions, words) !== undefined;
        expect({ filter, hit, isSent }).toEqual({ filter, hit, isSent: passes(compiled.expression, hit) });
        asked++;
        if (isSent) passed++;
      }
    }),
    { numRuns: 1000 },
  );
  expect(passed).toBeGreaterThan(asked / 20);
  expect(asked - passed).toBeGreaterThan(asked / 20);
});
