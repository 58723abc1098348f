import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordFinisher } from '../../../src/backends/bpf/finisher.js';
import type { GeneratedProgram } from '../../../src/backends/bpf/generate.js';
import { bpfAbility, bpfFacts, bpfView, planProgram } from '../../../src/backends/bpf/index.js';
import { tooLongOffset } from '../../../src/backends/bpf/own-memory.js';
import { openBuiltInKernel } from '../../../src/host/index.js';
import {
  compileFilter,
  compileProbe,
  looseLimits,
  type ProbeEvent,
  ProbeEvents,
} from '../../../src/language/index.js';
import { type EncodedRecord, encodeRecord } from '../../../src/program/index.js';
import type { PageRecord } from '../../../src/records/index.js';
import { kernelBase, TestMachine } from '../../program/test-machine.js';
import { BpfMachine } from './bpf-machine.js';

const kernel = openBuiltInKernel('6.12-cloud');
const view = bpfView(kernel);

function made(definition: string, filter?: string): { event: ProbeEvent; program: GeneratedProgram } {
  const judgement = compileProbe(view, definition);
  if (!judgement.accepted || judgement.event === undefined) throw new Error(`${definition} is refused`);
  const { event } = judgement;
  const ability = bpfAbility(event, view, bpfFacts(kernel));
  if (!ability.can) throw new Error(ability.reason);
  const judged = filter === undefined ? undefined : compileFilter(filter, event.layout.fields, view);
  if (judged?.accepted === false) throw new Error(judged.diagnostic.message);
  return { event, program: planProgram(event, 5, ability.place, judged?.expression) };
}

/** What the reader makes of what a program sent. */
function finish({ event, program }: ReturnType<typeof made>, sent: Uint8Array): PageRecord {
  const { group, name, layout } = event;
  const traced = { group, name, definition: undefined, layout };
  const symbolText = (address: bigint) => `0x${address.toString(16)}`;
  const place = { findAddress: () => 0x1234n, framed: false, symbolText };
  const finisher = new RecordFinisher(traced, event, program, place);
  return finisher.finish(sent, new DataView(sent.buffer, sent.byteOffset), 0, sent.length)!;
}

const definitions = [
  'f:x/numbers vfs_read a=$arg1 b=$arg2:s8 c=+8($arg1):u32 d=+0(+16($arg1)):x64 e=+4(+8(+0($arg1))):s16 f=+u0(+u8($arg2)):x64',
  'f:x/arrays vfs_read a=+0($arg1):x64[3] b=+8(+0($arg1)):u8[5] c=+0($arg3):x16[2] d=\\5 e=$comm f=-8($arg3):s32',
  'f:x/bits vfs_read a=+0($arg1):b3@4/32 b=+8(+0($arg1)):b7@1/16 c=$arg1:b5@3/64 d=+0($arg1):b4@2/8[3]',
  'f:x/symbols vfs_read a=$arg1:symstr b=+8($arg1):symstr c=+0(+8($arg1)):u64',
  'f:x/text vfs_read a=+0(+8($arg1)):string b=$arg2',
  'f:x/texts vfs_read a=+0(+8($arg1)):string b=+16($arg1):string c=+0($arg1):ustring n=+0($arg3):u8 d=+0(+0(+0($arg1))):string e=$comm',
  'f:x/list vfs_read a=+0($arg1):string[3] n=+8($arg1):u16 b=+0(+0($arg1)):string[2] c=+0($arg3):string',
  'f:x/many vfs_read a=+0($arg1):u8 b=+8($arg1):u8 c=+16($arg1):u8 d=+24($arg1):u8 e=+32($arg1):u8 f=+0($arg3):u8 g=+8($arg3):u8 h=+16($arg3):u8 i=+24($arg3):u8 j=+0(+0($arg3)):u8 t=+0($arg3):string',
].map(definition => ({ name: /x\/(\w+)/.exec(definition)![1]!, ...made(definition) }));

const objects = 4;
const words = 6;
const userBase = 0x5555_0000_0000n;
const placeOf = (base: bigint) => (index: number) => base + BigInt(index) * 0x1000n;
/** What a word of memory may be: much of it points to other memory, at its start or to some text in it. */
const word = fc.oneof(
  { weight: 4, arbitrary: fc.nat(objects - 1).map(placeOf(kernelBase)) },
  { weight: 2, arbitrary: fc.nat(objects - 1).map(placeOf(userBase)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('abcdefgh', 'ab\0defgh', '\0bcdefgh', 'xyz\0\0\0\0\0').map(textWord),
  },
  { weight: 1, arbitrary: fc.constant(0n) },
  { weight: 1, arbitrary: fc.bigInt(0n, (1n << 64n) - 1n) },
);
const world = fc.record({
  context: fc.array(word, { minLength: 4, maxLength: 4 }),
  inKernel: fc.array(fc.array(word, { minLength: words, maxLength: words }), {
    minLength: objects,
    maxLength: objects,
  }),
  inUser: fc.array(fc.array(word, { minLength: words, maxLength: words }), {
    minLength: objects,
    maxLength: objects,
  }),
});

/** Ends all texts: one that runs into memory that cannot be read is cut by the kernel as other texts leave room. */
const lastWord = 0n;

function textWord(text: string): bigint {
  return Buffer.from(text, 'latin1').readBigUInt64LE();
}

function machineOf({ context, inKernel, inUser }: typeof world extends fc.Arbitrary<infer T> ? T : never) {
  const machine = new TestMachine();
  machine.arguments = context;
  machine.name = 'some task';
  for (const [index, data] of inKernel.entries())
    machine.put(placeOf(kernelBase)(index), [...data, lastWord]);
  for (const [index, data] of inUser.entries()) machine.put(placeOf(userBase)(index), [...data, lastWord]);
  return machine;
}

interface State {
  readonly state: string;
  readonly step?: number | undefined;
  readonly element?: number | undefined;
}

interface Read {
  readonly bytes: Uint8Array;
  readonly states: ReadonlyMap<string, State>;
}

const isList = (value: unknown): value is { readonly texts: readonly string[] } =>
  typeof value === 'object' && value !== null && 'texts' in value;

/** Each argument's bytes, texts by what their places say; what could not be read, by its state alone. */
function valuesOf({ args }: ProbeEvent, { bytes, states }: Read): Record<string, unknown> {
  const records = new DataView(bytes.buffer, bytes.byteOffset);
  const textAt = (at: number): string => {
    const [offset, length] = [records.getUint16(at, true), records.getUint16(at + 2, true)];
    return length === 0 ? '(fault)' : Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
  };
  return Object.fromEntries(
    args.map(({ name, type, count, offset, size }) => {
      const isText = ['string', 'ustring', 'symstr'].includes(type.kind);
      const found = states.get(name);
      const state = found && { state: found.state, step: found.step, element: found.element };
      if (isText && count > 0)
        return [name, { state, texts: Array.from({ length: count }, (_, i) => textAt(offset + 4 * i)) }];
      if (state !== undefined) return [name, state];
      // The kernel's text of a symbol runs on into the next one (docs/kernel-behaviour.md).
      if (type.kind === 'symstr') return [name, /^0x[\da-f]*?(?=0x|\0)/.exec(textAt(offset))?.[0]];
      return [
        name,
        isText ? textAt(offset) : Buffer.from(bytes.subarray(offset, offset + size)).toString('hex'),
      ];
    }),
  );
}

/** Of arrays of texts the elements before the first that could not be read: what the kernel leaves of the others depends on their room. */
function comparable(values: Record<string, unknown>, expected: EncodedRecord): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const state = expected.states.get(name);
      if (!isList(value) || state === undefined) return [name, value];
      return [name, { ...value, texts: value.texts.slice(0, ('element' in state && state.element) || 0) }];
    }),
  );
}

describe('programs read what the interpreter of fetch programs reads', () => {
  test.each(definitions)('$name', ({ event, program }) => {
    const head = { id: 0, flags: 0, preemptCount: 0, pid: 78, ip: 0x1234n, returnIp: 0n };
    const seen = { read: 0, unread: 0 };
    const runs = new Map<string, BpfMachine>();
    fc.assert(
      fc.property(world, drawn => {
        const machine = machineOf(drawn);
        const bpf = new BpfMachine(machine);
        // What a run before left in the memory does not show.
        const before = runs.get('last');
        if (before !== undefined) bpf.own.set(before.own);
        runs.set('last', bpf);
        const sent = bpf.run(program.instructions, drawn.context);
        const record = finish({ event, program }, sent!);
        const { source, start, end, states, cpu, pid, comm } = record;
        expect({ cpu, pid, comm }).toEqual({ cpu: 1, pid: 78, comm: 'some task' });
        const expected = encodeRecord(event, machine, head)!;
        const ours = valuesOf(event, { bytes: source.subarray(start, end), states: states ?? new Map() });
        expect(comparable(ours, expected)).toEqual(comparable(valuesOf(event, expected), expected));
        seen[expected.states.size > 0 ? 'unread' : 'read']++;
      }),
      { numRuns: 1000 },
    );
    expect(seen.read + seen.unread).toBeGreaterThanOrEqual(300);
  });
});

test('a pointer that faults behind hundreds of others is not taken for one that was read', () => {
  const pointers = 300;
  const chain = `${'+0('.repeat(pointers)}$arg1${')'.repeat(pointers)}`;
  using events = new ProbeEvents(view, looseLimits);
  const judgement = events.define(`f:x/deep vfs_read a=${chain} b=$arg2`);
  if (!judgement.accepted || judgement.event === undefined) throw new Error('the definition is refused');
  const { event } = judgement;
  const ability = bpfAbility(event, view, bpfFacts(kernel));
  if (!ability.can) throw new Error(ability.reason);
  const program = planProgram(event, 0, ability.place);
  const states = (faultAt: number, last: bigint) => {
    const machine = new TestMachine();
    const placeAt = (step: number) => kernelBase + BigInt(8 * step);
    const words = Array.from({ length: faultAt }, (_, step) =>
      step === faultAt - 1 ? last : placeAt(step + 1),
    );
    machine.put(kernelBase, words);
    const sent = new BpfMachine(machine).run(program.instructions, [kernelBase, 1n, 0n, 0n]);
    return finish({ event, program }, sent!).states?.get('a');
  };
  for (let faultAt = 1; faultAt < pointers; faultAt++) {
    const step = faultAt < 19 ? { step: faultAt } : {};
    expect(states(faultAt, 0xffff_9999_0000_0000n)).toEqual({ state: 'fault', errno: 'EFAULT', ...step });
    expect(states(faultAt, 0n)).toEqual({ state: 'null', ...step });
  }
});

/** A machine whose first argument points to texts that are too long together. */
function longTexts(): { machine: TestMachine; context: bigint[] } {
  const machine = new TestMachine();
  const text = machine.put(kernelBase, `${'x'.repeat(3000)}\0`);
  return { machine, context: [text, 0n, 0n, 0n] };
}

const countsOf = ({ own }: BpfMachine, { lossesAt }: GeneratedProgram) => {
  const counts = new DataView(own.buffer);
  return {
    full: counts.getBigUint64(lossesAt, true),
    tooLong: counts.getBigUint64(lossesAt + tooLongOffset, true),
  };
};

describe('a hit that is no record is counted', () => {
  test.each([
    ['reserved', 'f vfs_read a=$arg1', true, { full: 2n, tooLong: 0n }],
    ['made apart', 'f vfs_read a=+0($arg1):string', true, { full: 2n, tooLong: 0n }],
    [
      'whose third text has no place',
      'f vfs_read a=+0($arg1):string b=+0($arg1):string c=+0($arg1):string',
      false,
      { full: 0n, tooLong: 2n },
    ],
  ])('%s', (_, definition, full, counted) => {
    const { program } = made(definition);
    const { machine, context } = longTexts();
    const bpf = new BpfMachine(machine);
    bpf.own.fill(0, program.lossesAt, program.lossesAt + 16);
    bpf.full = full;
    for (let hit = 0; hit < 2; hit++) expect(bpf.run(program.instructions, context)).toBeUndefined();
    expect(countsOf(bpf, program)).toEqual(counted);
  });

  test('but for one that does not pass the filter', () => {
    const { program } = made('f vfs_read a=+0($arg1):string b=$arg2', 'b == 1 && a ~ "x*"');
    const { machine, context } = longTexts();
    const bpf = new BpfMachine(machine);
    bpf.own.fill(0, program.lossesAt, program.lossesAt + 16);
    expect(bpf.run(program.instructions, context)).toBeUndefined();
    expect(countsOf(bpf, program)).toEqual({ full: 0n, tooLong: 0n });
    expect(bpf.run(program.instructions, [context[0]!, 1n, 0n, 0n])?.length).toBe(
      program.layout.recordStart + program.layout.fixedBytes + 3001,
    );
  });
});
