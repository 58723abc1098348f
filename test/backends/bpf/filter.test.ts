import { describe, expect, test } from 'vitest';
import { bpfAbility, bpfFacts, bpfView } from '../../../src/backends/bpf/index.js';
import { planProgram } from '../../../src/backends/bpf/plan.js';
import { openBuiltInKernel } from '../../../src/host/index.js';
import { compileFilter, compileProbe } from '../../../src/language/index.js';
import { disassemble } from './disassembly.js';

const kernel = openBuiltInKernel('6.12-cloud');
const view = bpfView(kernel);
const definition =
  'f vfs_read count low=count:s8 name=file->f_path.dentry->d_name.name:string all=+0($arg1):x64[3] op=file->f_op:symstr c=$comm text=\\"abc"';

/** What the program does between the last argument and the ring buffer. */
function filterCode(filter: string): string {
  const judgement = compileProbe(view, definition);
  if (!judgement.accepted || judgement.event === undefined) throw new Error('the definition is refused');
  const { event } = judgement;
  const ability = bpfAbility(event, view, bpfFacts(kernel));
  if (!ability.can) throw new Error(ability.reason);
  const judged = compileFilter(filter, event.layout.fields, view);
  if (!judged.accepted) throw new Error(judged.diagnostic.message);
  const text = disassemble(planProgram(event, 0, ability.place, judged.expression).instructions);
  const [, made] = /; argument the filter\n(.*?)(?=; record|$)/s.exec(text)!;
  return made!.replace(/^ *\d+: /gm, '');
}

test('a number is compared as wide as it is recorded, with its sign', () => {
  expect(filterCode('count > 0x1ffffffff')).toMatch(
    /^r1 = \*\(u64 \*\)\(r7 \+\d+\)\nr2 = 0x1ffffffff ll\nif r1 > r2 goto pc\+1\ngoto pc\+\d+\n$/,
  );
  expect(filterCode('low < -3')).toMatch(
    /^r1 = \*\(u8 \*\)\(r7 \+\d+\)\nr1 <<= 56\nr1 s>>= 56\nr2 = -3\nif r1 s< r2 goto pc\+1\ngoto pc\+\d+\n$/,
  );
  expect(filterCode('low & 0x180')).toMatch(/\nr2 = -128\nif r1 & r2 /);
});

test('what cannot be filtered by is said', () => {
  for (const [filter, what] of [
    ['all == 1', 'does not filter by all'],
    ['op == "x"', 'op'],
    ['__probe_ip == 1', '__probe_ip'],
    ['common_flags == 1', 'common_flags'],
    ['CPU == CPUS{0}', 'CPUS'],
    ['name ~ "a*b"', 'a*b'],
    ['name ~ "?b"', '?b'],
    ['c ~ "*b"', 'the end of c'],
  ] as const) {
    expect(() => filterCode(filter), filter).toThrowError(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(what) }),
    );
  }
});

describe('a text that is known beforehand is compared beforehand', () => {
  test.each([
    ['text == "abc"', true],
    ['text != "abc"', false],
    ['text ~ "a*"', true],
    ['text ~ "*c"', true],
    ['text ~ "!*c"', false],
    ['text == "abcd"', false],
  ])('%s', (filter, passes) => {
    expect(filterCode(filter)).toMatch(passes ? /^goto pc\+0\n$/ : /^goto pc\+[1-9]\d*\n$/);
  });
});
