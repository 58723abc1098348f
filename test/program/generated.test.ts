import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBundle } from '../../src/host/index.js';
import { compileProbe, type FetchOp, type FetchProgram } from '../../src/language/index.js';
import {
  type AttachedRecord,
  compileProgram,
  type DirectMemory,
  type Fault,
  interpretProgram,
  type Machine,
  type RecordTarget,
} from '../../src/program/index.js';

import { type Corpus, corpora } from '../conformance/agreement.js';
import { readCorpus } from '../conformance/recorded.js';

/** What a machine was asked, for comparison: both ways of running a program must ask the same in the same order. */
type Asked = string[];

interface Choices {
  /** Everything a machine answers is derived from this. */
  readonly seed: number;
  readonly userSpace: boolean;
  readonly taskSize: bigint;
  /** How often, in 64 reads, one fails although it is of good memory. */
  readonly failures: number;
  /** How often, in 64 bytes, one is NUL. */
  readonly nuls: number;
  readonly direct: boolean;
}

const kernelStart = 0xffff_8880_0000_0000n;
const regionBytes = 1n << 20n;

const plain: Choices = {
  seed: 1,
  userSpace: false,
  taskSize: 0x7fff_ffff_f000n,
  failures: 0,
  nuls: 8,
  direct: false,
};

/** Numbers that look random and depend on nothing but their seed. */
function mix(seed: number): number {
  let x = (seed ^ 0x9e3779b9) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * A machine made of a seed: loads give addresses of its two regions of memory, or edges; memory is made on each read and
 * depends on how many reads there were, so that a read more, less or elsewhere shows.
 */
class RandomMachine implements Machine {
  readonly asked: Asked = [];
  readonly taskSize: bigint;
  readonly userSpace: boolean;
  readonly fileBase: bigint;
  readonly entryData: DataView | undefined;
  readonly attachedRecord: AttachedRecord | undefined;
  readonly direct?: DirectMemory;
  readonly #choices: Choices;
  #reads = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
    const { seed, taskSize, userSpace, direct } = choices;
    this.taskSize = taskSize;
    this.userSpace = userSpace;
    this.fileBase = this.#word(seed + 1);
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => mix(seed + i));
    if (seed % 5 !== 0) this.entryData = new DataView(bytes.buffer);
    if (seed % 3 !== 0) this.attachedRecord = { address: this.#word(seed + 2), bytes };
    if (direct) this.direct = directMemory(this);
  }

  register(name: string): bigint {
    return this.#ask(`register ${name}`, this.#word(this.#choices.seed + name.length));
  }
  argument(index: number): bigint {
    return this.#ask(`argument ${index}`, this.#word(this.#choices.seed + 100 + index));
  }
  stackWord(index: number): bigint {
    return this.#ask(`stack ${index}`, this.#word(this.#choices.seed + 200 + index));
  }
  stackPointer(): bigint {
    return this.#ask('stack pointer', this.#word(this.#choices.seed + 300));
  }
  returnValue(): bigint {
    return this.#ask('return value', this.#word(this.#choices.seed + 400));
  }
  comm(): string {
    return this.#ask('comm', 'a long name of a task'.slice(0, this.#choices.seed % 16));
  }
  commAddress(): bigint {
    return this.#ask('comm address', this.#word(this.#choices.seed + 500));
  }
  textAddress(text: string): bigint {
    return this.#ask(`text ${text}`, this.#word(this.#choices.seed + 600 + text.length));
  }
  readKernel(address: bigint, length: number): Uint8Array | undefined {
    return this.#read('kernel', address, length, kernelStart);
  }
  readUser(address: bigint, length: number): Uint8Array | undefined {
    return this.#read('user', address, length, 0x1000n);
  }
  resolve(address: bigint) {
    const offset = Number(address & 0xfffn);
    const module = offset % 2 === 0 ? undefined : 'mod';
    const found = offset % 7 === 0 ? undefined : { name: 'somewhere', offset, size: 4096, module };
    return this.#ask(`resolve ${address}`, found);
  }

  #ask<T>(what: string, answer: T): T {
    this.asked.push(what);
    return answer;
  }

  #read(what: string, address: bigint, length: number, start: bigint): Uint8Array | undefined {
    this.asked.push(`${what} ${address.toString(16)} ${length}`);
    const { seed, failures, nuls } = this.#choices;
    const read = this.#reads++;
    const inside = address >= start && address + BigInt(length) <= start + regionBytes;
    if (!inside || mix(seed + read) % 64 < failures) return undefined;
    if (length === 8 && mix(seed ^ read) % 4 !== 0) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, this.#word(seed * 3 + read), true);
      return bytes;
    }
    return Uint8Array.from({ length }, (_, i) => {
      const byte = mix(seed * 7 + read * 131 + i);
      return byte % 64 < nuls ? 0 : byte >>> 8;
    });
  }

  #word(seed: number): bigint {
    const random = mix(seed);
    const inRegion = BigInt(random % Number(regionBytes));
    switch (random % 11) {
      case 0:
        return 0n;
      case 1:
        return 0xffff_ffff_ffff_ffffn;
      case 2:
        return this.#choices.taskSize - BigInt(random % 3) + 1n;
      case 3:
        return BigInt.asUintN(64, (BigInt(mix(seed + 1)) << 32n) | BigInt(random));
      case 4:
      case 5:
        return 0x1000n + inRegion;
      case 6:
        return kernelStart + regionBytes - BigInt(random % 80);
      default:
        return kernelStart + inRegion;
    }
  }
}

/** The same memory, found directly: in the middle of other bytes, which must not be looked at. */
function directMemory(machine: RandomMachine): DirectMemory {
  const memory = {
    bytes: new Uint8Array(0),
    at: 0,
    taskHigh: Number(machine.taskSize >> 32n),
    taskLow: Number(machine.taskSize & 0xffff_ffffn),
    findKernel: find('readKernel'),
    findUser: find('readUser'),
  };
  function find(read: 'readKernel' | 'readUser') {
    return (high: number, low: number, length: number): boolean => {
      const found = machine[read]((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0), length);
      if (found === undefined) return false;
      memory.at = 5;
      memory.bytes = new Uint8Array(length + 9).fill(0xee);
      memory.bytes.set(found, memory.at);
      return true;
    };
  }
  return memory;
}

interface Outcome {
  readonly measured: number;
  readonly used: number;
  readonly bytes: string;
  readonly faults: Fault[];
  readonly asked: Asked;
}

interface Ways {
  measure(machine: Machine): number;
  run(machine: Machine, target: RecordTarget, offset: number, onFault?: (fault: Fault) => void): number;
}

/** Sizes a program's text and runs it on one machine, with `room` for the text whatever its size. */
function outcome(ways: Ways, choices: Choices, offset: number, room: number, isText: boolean): Outcome {
  const machine = new RandomMachine(choices);
  const measured = isText ? ways.measure(machine) : 0;
  const bytes = new Uint8Array(offset + 600 + room).fill(0xa5);
  const view = new DataView(bytes.buffer);
  if (isText) view.setUint32(offset, ((room << 16) | (offset + 600)) >>> 0, true);
  const faults: Fault[] = [];
  const used = ways.run(machine, { bytes, view }, offset, fault => faults.push(fault));
  return { measured, used, bytes: Buffer.from(bytes).toString('hex'), faults, asked: machine.asked };
}

const word = fc.oneof(
  fc.constantFrom(0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 1n << 32n, (1n << 63n) - 1n, 1n << 63n),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.nat(1 << 19).map(offset => kernelStart + BigInt(offset)),
);
const offset = fc.oneof(
  fc.constantFrom(0, 8, -8, 0x7fff_ffff, -0x8000_0000),
  fc.integer({ min: -300, max: 300 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);
const size = fc.constantFrom(1, 2, 4, 8);
const field = fc.record({
  name: fc.constant('x'),
  type: fc.constantFrom('int', '__data_loc char[]', '__rel_loc char[]', 'char'),
  offset: fc.nat(70),
  size,
  signed: fc.boolean(),
  array: fc.constantFrom(undefined, '16'),
});

const loads: fc.Arbitrary<FetchOp>[] = [
  fc.record({ op: fc.constant('REG' as const), register: fc.constantFrom('di', 'sp', "'x\\\n") }),
  fc.record({ op: fc.constant('STACK' as const), index: fc.nat(9) }),
  fc.constant({ op: 'STACKP' }),
  fc.constant({ op: 'RETVAL' }),
  fc.record({ op: fc.constant('IMM' as const), value: word }),
  fc.constant({ op: 'COMM' }),
  fc.record({ op: fc.constant('ARG' as const), index: fc.nat(9) }),
  fc.record({ op: fc.constant('FOFFS' as const), offset: word }),
  fc.record({ op: fc.constant('DATA' as const), text: fc.constantFrom('', 'text', '"`\\$\n') }),
  fc.record({ op: fc.constant('EDATA' as const), offset: fc.nat(56) }),
  fc.record({ op: fc.constant('TP_ARG' as const), field }),
];
const load = fc.oneof(...loads);
const dereference = fc.record({ op: fc.constantFrom('DEREF' as const, 'UDEREF' as const), offset });
const store: fc.Arbitrary<FetchOp> = fc.oneof(
  fc.record({ op: fc.constant('ST_RAW' as const), size }),
  fc.record({ op: fc.constantFrom('ST_MEM' as const, 'ST_UMEM' as const), offset, size }),
  fc.record({
    op: fc.constantFrom('ST_STRING' as const, 'ST_USTRING' as const, 'ST_SYMSTR' as const),
    offset,
    size: fc.constant(4),
  }),
);
const modify: fc.Arbitrary<FetchOp> = size.chain(base =>
  fc.record({
    op: fc.constant('MOD_BF' as const),
    base: fc.constant(base),
    left: fc.nat(8 * base),
    right: fc.nat(8 * base),
  }),
);
const loop = fc.record({ op: fc.constant('LP_ARRAY' as const), count: fc.integer({ min: 0, max: 64 }) });

const maybe = <T>(one: fc.Arbitrary<T>, freq = 2) => fc.option(one, { nil: undefined, freq });

/** Programs as the compiler makes them: a stage after the other. */
const staged: fc.Arbitrary<FetchProgram> = fc
  .tuple(load, fc.array(dereference, { maxLength: 4 }), store, maybe(modify), maybe(loop))
  .map(([first, chain, put, bits, array]) => [
    ...(first.op === 'IMM' && chain.length === 2 ? [{ op: 'SYMBOL', symbol: 's', offset: 0n } as const] : []),
    first,
    ...chain,
    put,
    ...(bits ? [bits] : []),
    ...(array ? [array] : []),
    { op: 'END' },
  ]);

/** Programs that the compiler does not make: any operation anywhere. */
const anything: fc.Arbitrary<FetchProgram> = fc.array(
  fc.oneof(
    load,
    dereference,
    store,
    modify,
    loop,
    fc.constant<FetchOp>({ op: 'END' }),
    fc.constant<FetchOp>({ op: 'SYMBOL', symbol: 's', offset: 1n }),
  ),
  { maxLength: 8 },
);

const choices: fc.Arbitrary<Choices> = fc.record({
  seed: fc.nat(1_000_000),
  userSpace: fc.boolean(),
  taskSize: fc.constantFrom(0x7fff_ffff_f000n, 0n, 0x1_0000_0000n, 0xffff_8880_0000_0100n),
  failures: fc.constantFrom(0, 0, 1, 8, 40),
  nuls: fc.constantFrom(0, 1, 4, 8, 8, 16),
  direct: fc.boolean(),
});

function isText(program: FetchProgram): boolean {
  const put = program.find(({ op }) => op.startsWith('ST_'));
  return put?.op === 'ST_STRING' || put?.op === 'ST_USTRING' || put?.op === 'ST_SYMSTR';
}

/** Runs a program both ways on equal machines, and gives what they agree on. */
function compare(program: FetchProgram, machine: Choices, at: number, room: number): Outcome {
  const runner = compileProgram(program);
  expect(runner.generated).toBe(true);
  const expected = outcome(interpretProgram(program), machine, at, room, isText(program));
  const got = outcome(runner, machine, at, room, isText(program));
  if (!isDeepStrictEqual(got, expected)) expect(got).toEqual(expected);
  return expected;
}

/** The programs of a corpus' definitions that the kernel accepted, each once. */
function corpusPrograms({ file, bundle }: Corpus): Map<string, FetchProgram> {
  using kernel = openBundle(bundle);
  const programs = new Map<string, FetchProgram>();
  for (const { errno, setup, def } of readCorpus(file)) {
    if (errno !== null || setup !== undefined) continue;
    const judgement = compileProbe(kernel, def);
    if (!judgement.accepted || judgement.event === undefined) continue;
    using event = judgement.event;
    for (const { program } of event.args) programs.set(programKey(program), program);
  }
  return programs;
}

const programKey = (program: FetchProgram): string =>
  JSON.stringify(program, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));

describe('a generated program', () => {
  test.each([
    ['of the stages', staged, 2_500, ['none', 'dereference', 'value', 'string', 'no-space', 'bad-operation']],
    ['of anything', anything, 2_000, ['bad-operation']],
  ])('does what the interpreter does: random programs %s', (_, programs, runs, kinds) => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(
        programs,
        choices,
        fc.nat(20),
        fc.oneof(fc.constant(0), fc.nat(300)),
        (program, machine, at, room) => {
          const expected = compare(program, machine, at, room);
          const met = expected.faults.length === 0 ? ['none'] : expected.faults.map(fault => fault.kind);
          for (const kind of new Set(met)) seen.set(kind, (seen.get(kind) ?? 0) + 1);
        },
      ),
      { numRuns: runs },
    );
    // Every outcome was met often, so that the comparison means something.
    for (const kind of kinds) expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(20);
  });

  test.each(Object.entries(corpora))('does what the interpreter does: all that %s accepted', (_, corpus) => {
    const programs = corpusPrograms(corpus);
    expect(programs.size).toBeGreaterThan(100);
    let seed = 1;
    for (const program of programs.values()) {
      for (const failures of [0, 0, 4]) {
        const machine = { ...plain, seed: seed++, failures, direct: seed % 2 === 0 };
        compare(program, machine, 16, 100);
      }
    }
  });

  test('is interpreted where code may not be made from text', () => {
    const program: FetchProgram = [{ op: 'IMM', value: 7n }, { op: 'ST_RAW', size: 1 }, { op: 'END' }];
    const real = globalThis.Function;
    // What a page with a content security policy meets.
    globalThis.Function = class {
      constructor() {
        throw new EvalError('unsafe-eval');
      }
    } as unknown as FunctionConstructor;
    try {
      const runner = compileProgram(program);
      const bytes = new Uint8Array(1);
      runner.run(new RandomMachine(plain), { bytes, view: new DataView(bytes.buffer) }, 0);
      expect([runner.generated, bytes[0]]).toEqual([false, 7]);
    } finally {
      globalThis.Function = real;
    }
  });
});
