import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bpfAbility, bpfFacts, bpfView } from '../../../src/backends/bpf/index.js';
import { planProgram } from '../../../src/backends/bpf/plan.js';
import { verifierReason } from '../../../src/backends/bpf/verifier-log.js';
import { openBuiltInKernel, openBundle } from '../../../src/host/index.js';
import type { Kernel } from '../../../src/kernel/index.js';
import { compileProbe } from '../../../src/language/index.js';
import { disassemble } from './disassembly.js';

const newest = openBuiltInKernel('6.12-cloud');
const old = openBundle('test/data/kernels/6.1');

function ability(kernel: Kernel, definition: string) {
  const view = bpfView(kernel);
  const judgement = compileProbe(view, definition);
  if (!judgement.accepted || judgement.event === undefined)
    throw new Error(`${definition}: ${judgement.accepted ? 'no event' : judgement.diagnostics[0]?.message}`);
  return { event: judgement.event, ability: bpfAbility(judgement.event, view, bpfFacts(kernel)) };
}

function program(definition: string): string {
  const { event, ability: found } = ability(newest, definition);
  if (!found.can) throw new Error(found.reason);
  return disassemble(planProgram(event, 0, found.place).instructions);
}

test('a number of an argument: one load, one store', () => {
  expect(program('f vfs_read count')).toMatchInlineSnapshot(`
    "; record
       0: r6 = r1
       1: r1 = map ring
       3: r2 = 48
       4: r3 = 0
       5: call ringReserve#131
       6: if r0 == 0 goto pc+17
       7: r7 = r0
       8: call monotonicTime#5
       9: *(u64 *)(r7 +24) = r0
      10: call pidTgid#14
      11: *(u64 *)(r7 +32) = r0
      12: call cpu#8
      13: *(u32 *)(r7 +20) = r0
      14: *(u32 *)(r7 +16) = 0
      15: r1 = r7
      16: r2 = 16
      17: call comm#16
    ; argument count
      18: r1 = *(u64 *)(r6 +16)
      19: *(u64 *)(r7 +40) = r1
    ; record
      20: r1 = r7
      21: r2 = 1
      22: call ringSubmit#132
      23: goto pc+9
      24: *(u32 *)(r10 -16) = 0
      25: r1 = map own
      27: r2 = r10
      28: r2 += -16
      29: call mapLookup#1
      30: if r0 == 0 goto pc+3
      31: r1 = 1
      32: lock *(u64 *)(r0 +0) += r1
      33: r0 = 0
      34: exit
    "
  `);
});

test('a chain: a fault on the way says so where the value is not', () => {
  expect(program('f vfs_read len=file->f_path.dentry->d_name.len')).toMatchInlineSnapshot(`
    "; record
       0: r6 = r1
       1: r1 = map ring
       3: r2 = 52
       4: r3 = 0
       5: call ringReserve#131
       6: if r0 == 0 goto pc+36
       7: r7 = r0
       8: *(u64 *)(r7 +24) = 0
       9: call monotonicTime#5
      10: *(u64 *)(r7 +32) = r0
      11: call pidTgid#14
      12: *(u64 *)(r7 +40) = r0
      13: call cpu#8
      14: *(u32 *)(r7 +20) = r0
      15: *(u32 *)(r7 +16) = 0
      16: r1 = r7
      17: r2 = 16
      18: call comm#16
    ; argument len
      19: r3 = *(u64 *)(r6 +0)
      20: r9 = r3
      21: r3 += 72
      22: r1 = r10
      23: r1 += -8
      24: r2 = 8
      25: call probeRead#4
      26: if r0 != 0 goto pc+9
      27: r3 = *(u64 *)(r10 -8)
      28: r9 = r3
      29: r3 += 36
      30: r1 = r7
      31: r1 += 48
      32: r2 = 4
      33: call probeRead#4
      34: if r0 == 0 goto pc+4
      35: r0 -= 1
      36: if r9 != 0 goto pc+1
      37: r0 -= 64
      38: *(u8 *)(r7 +24) = r0
    ; record
      39: r1 = r7
      40: r2 = 1
      41: call ringSubmit#132
      42: goto pc+9
      43: *(u32 *)(r10 -16) = 0
      44: r1 = map own
      46: r2 = r10
      47: r2 += -16
      48: call mapLookup#1
      49: if r0 == 0 goto pc+3
      50: r1 = 1
      51: lock *(u64 *)(r0 +0) += r1
      52: r0 = 0
      53: exit
    "
  `);
});

describe('where an event goes', () => {
  test.each([
    ['f vfs_read count', { kind: 'fentry', symbol: 'vfs_read', slots: 4, opaque: [] }],
    ['f vfs_read%return $retval count', { kind: 'fexit', symbol: 'vfs_read' }],
    ['t sched_switch next->pid', { kind: 'tracepoint', tracepoint: 'sched_switch', slots: 4, opaque: [] }],
    ['p vfs_read count', { kind: 'fentry', symbol: 'vfs_read' }],
    ['r vfs_read $retval', { kind: 'fexit', symbol: 'vfs_read' }],
    ['f vfs_unlink $arg*', { kind: 'fentry', symbol: 'vfs_unlink', opaque: [3] }],
    ['p vfs_read ax=%ax', { kind: 'kprobe', symbol: 'vfs_read', offset: 0n }],
    ['f vfs_read st=$stack1', { kind: 'kprobe', symbol: 'vfs_read' }],
    ['p vfs_read+4 di=%di', { kind: 'kprobe', symbol: 'vfs_read', offset: 4n }],
    ['r vfs_read sp=$stack', { kind: 'kprobe', isReturn: true }],
    ['f vfs_re* a=$arg1', { kind: 'kprobe-multi', isReturn: false }],
    ['f 5 a=$arg1', { kind: 'kprobe-multi', symbols: ['__traceiter_initcall_finish'] }],
    ['f type_show a=$arg1', { kind: 'kprobe-multi', symbols: ['type_show'] }],
  ])('%s', (definition, place) => {
    expect(ability(newest, definition).ability).toMatchObject({ can: true, place });
  });

  test('on 6.1 definitions in the newest dialect work, many functions one by one', () => {
    expect(bpfFacts(old)).toEqual({
      types: true,
      ringBuffer: true,
      trampolines: true,
      multi: false,
      wideArguments: false,
    });
    for (const definition of [
      'f vfs_read name=file->f_path.dentry->d_name.name:string count',
      't sched_switch next->pid',
    ])
      expect(ability(old, definition).ability.can).toBe(true);
    expect(ability(old, 'f vfs_re* a=$arg1').ability).toMatchObject({
      can: true,
      place: { kind: 'kprobes' },
    });
    // Trampolines of that kernel keep the low half alone.
    expect(ability(old, 'f vfs_open flags=+0($arg1):x32').ability).toMatchObject({
      place: { kind: 'fentry' },
    });
    expect(ability(old, 'f type_show a=$arg1').ability).toMatchObject({
      because: 'type_show is the name of several functions',
      place: { kind: 'kprobes' },
    });
    expect(ability(old, 'f ksys_read fd').ability).toMatchObject({ place: { kind: 'fentry' } });
    expect(ability(old, 'f ksys_read fd:u64').ability).toMatchObject({ place: { kind: 'kprobe' } });
    expect(ability(old, 'f ksys_read%return fd').ability).toMatchObject({ place: { kind: 'fexit' } });
    expect(ability(old, 'f ksys_read%return fd:u64').ability).toMatchObject({
      can: false,
      reason: expect.stringContaining('argument fd asks for more'),
    });
  });

  test.each([
    ['t sched_switch a=$stack1', 'does not see'],
    ['f type_show%return a=$arg1', 'at a return registers no longer hold argument a'],
    ['f vfs_read%return a=$arg7', 'argument a is behind the last of vfs_read'],
    ['p:u/x /bin/sh:0x10 %ax', 'uprobes'],
    ['p nosuch:function', 'not loaded'],
    ['t no_such_tracepoint', 'does not wait'],
  ])('%s cannot, and says why', (definition, reason) => {
    const { ability: found } = ability(newest, definition);
    expect(found).toMatchObject({ can: false, reason: expect.stringContaining(reason) });
  });
});

test('a program that is longer than jumps reach is told, not made', () => {
  const texts = (count: number) =>
    `f vfs_read ${Array.from({ length: count }, (_, index) => `a${index}=${'+0('.repeat(9)}$arg1${')'.repeat(9)}:string[64]`).join(' ')}`;
  expect(program(texts(2))).toContain('exit');
  expect(() => program(texts(12))).toThrowError(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('32767') }),
  );
});

test('every definition of the corpus becomes a program or a reason', () => {
  const definitions = readFileSync('test/data/traces/6.12-cloud/definitions', 'latin1')
    .trim()
    .split('\n')
    .filter(line => /^[ftpr]/.test(line) && !/^\S+ \S*\//.test(line));
  expect(definitions.length).toBeGreaterThan(100);
  const refused: string[] = [];
  for (const definition of definitions) {
    const { event, ability: found } = ability(newest, definition);
    if (!found.can) {
      refused.push(`${definition}: ${found.reason}`);
      continue;
    }
    const { instructions, layout } = planProgram(event, 0, found.place);
    expect(instructions.length).toBeGreaterThan(20);
    expect(layout.recordStart % 8).toBe(0);
  }
  // Programs at tracepoints and at returns with arguments see no stack; nothing else is refused.
  expect(
    refused.every(line => /: argument s[t0-3x] asks for (the stack|registers or the stack)/.test(line)),
  ).toBe(true);
  expect(refused.length).toBe(19);
});

test("the verifier's last useful line, and the instruction it speaks of", () => {
  const log = `func#0 @0
0: R1=ctx() R10=fp0
; record
0: (bf) r6 = r1                       ; R1=ctx() R6_w=ctx()
1: (79) r1 = *(u64 *)(r6 +40)
func 'vfs_read' doesn't have 6-th argument
invalid bpf_context access off=40 size=8
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;
  expect(verifierReason(log)).toEqual({ line: 'invalid bpf_context access off=40 size=8', slot: 1 });
  expect(verifierReason('')).toBeUndefined();
});
