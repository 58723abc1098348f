import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BtfBuilder, type TypeId } from '../../src/btf/index.js';
import { JsonLines } from '../../src/formats/index.js';
import { type ExtendedKernel, extendKernel } from '../../src/kernel/index.js';
import { argumentTypes, compileProbe, type ProbeEvent } from '../../src/language/index.js';
import { encodeRecord } from '../../src/program/index.js';
import {
  meaningText,
  type TracedEvent,
  type TraceRecord,
  type TypedRecord,
  TypedValueReader,
} from '../../src/records/index.js';
import { kernel as builtIn } from '../language/kernel.js';
import { kernelBase, TestMachine } from '../program/test-machine.js';
import { noSymbols } from '../records/recorded.js';

const head = { id: 7, flags: 0, preemptCount: 0, pid: 42, ip: 0n, returnIp: 0n };
const kernels: ExtendedKernel[] = [];
afterAll(() => {
  for (const kernel of kernels) kernel[Symbol.dispose]();
});

/** A kernel with a function `typed_test(s)`, the pointer being of the type that `make` writes; it returns `returns`. */
function kernelWith(
  make: (builder: BtfBuilder) => { readonly to: TypeId; readonly returns?: TypeId },
): ExtendedKernel {
  const kernel = extendKernel(builtIn);
  kernels.push(kernel);
  kernel.loadModule({
    name: 'typed',
    symbols: [{ name: 'typed_test', address: 0xffffffffc04f0000n, size: 64, type: 't', siteOffset: 4 }],
    types: () => {
      const builder = new BtfBuilder({ base: kernel.types! });
      const { to, returns } = make(builder);
      const pointer = builder.pointer(to);
      builder.func(
        'typed_test',
        builder.funcProto(returns ?? builder.int('int', 4, { signed: true }), [['s', pointer]]),
      );
      return builder.build();
    },
  });
  return kernel;
}

function compiled(kernel: ExtendedKernel, definition: string): ProbeEvent {
  const judgement = compileProbe(kernel, definition);
  if (!judgement.accepted || judgement.event === undefined) throw new Error(`${definition} is refused`);
  return judgement.event;
}

/** One hit of the definition, with that memory behind `s`, recorded as the kernel would. */
function hit(event: ProbeEvent, memory: Uint8Array, result = 0n, tellStates = true): TraceRecord {
  const machine = new TestMachine();
  machine.put(kernelBase, memory);
  machine.arguments = [kernelBase];
  machine.result = result;
  const { bytes, states } = encodeRecord(event, machine, head, 1 << 20)!;
  const traced: TracedEvent = { ...event, definition: 'f x', types: argumentTypes(event) };
  return {
    event: traced,
    cpu: 0,
    time: 1n,
    pid: 42,
    comm: 'sh',
    bytes,
    states: tellStates ? states : undefined,
  };
}

function jsonOf(record: TraceRecord): Record<string, unknown> {
  const lines = new JsonLines({ symbols: noSymbols });
  lines.record(record);
  return JSON.parse(new TextDecoder().decode(lines.take()));
}

const read = (record: TraceRecord): TypedRecord => new TypedValueReader({ symbols: noSymbols }).read(record);

/** `width` bits from bit `offset` of memory, read bit by bit. */
function bitsOf(memory: Uint8Array, offset: number, width: number, signed: boolean): bigint {
  let value = 0n;
  for (let bit = width - 1; bit >= 0; bit--) {
    const at = offset + bit;
    value = (value << 1n) | BigInt((memory[at >> 3]! >> (at & 7)) & 1);
  }
  return signed ? BigInt.asIntN(width, value) : value;
}

describe('bit fields', () => {
  interface Field {
    readonly name: string;
    readonly size: number;
    readonly signed: boolean;
    readonly bitOffset: number;
    readonly width: number;
  }
  // Every width at every position of a unit of 1, 2, 4 and 8 bytes, of both signs: one unit each in one large struct.
  const fields: Field[] = [];
  for (const size of [1, 2, 4, 8]) {
    for (const signed of [false, true]) {
      for (let width = 1; width <= size * 8; width++) {
        for (let at = 0; at + width <= size * 8; at++) {
          fields.push({ name: `f${fields.length}`, size, signed, width, bitOffset: fields.length * 64 + at });
        }
      }
    }
  }
  const kernel = kernelWith(builder => {
    const types = new Map<string, TypeId>();
    for (const size of [1, 2, 4, 8]) {
      for (const signed of [false, true]) {
        types.set(`${size}${signed}`, builder.int(`${signed ? 's' : 'u'}${size * 8}_t`, size, { signed }));
      }
    }
    const members = fields.map(({ name, size, signed, bitOffset, width }) => ({
      name,
      type: types.get(`${size}${signed}`)!,
      bitOffset,
      bitfieldWidth: width,
    }));
    return { to: builder.struct('all', fields.length * 8, members, true) };
  });

  it('of every width, position and sign have their value, whatever lies around them and behind the argument', () => {
    const random = fc.sample(fc.uint8Array({ minLength: fields.length * 8, maxLength: fields.length * 8 }), {
      numRuns: 1,
      seed: 64,
    })[0]!;
    const wrong: string[] = [];
    for (const memory of [random, new Uint8Array(fields.length * 8).fill(0xff)]) {
      for (let from = 0; from < fields.length; from += 60) {
        const some = fields.slice(from, from + 60);
        using event = compiled(
          kernel,
          `f typed_test ${some.map(({ name }) => `${name}=s->${name}`).join(' ')}`,
        );
        const record = hit(event, memory);
        const { args } = read(record);
        // Code is made for records without states.
        const jsons = [record, { ...record, states: undefined }].map(
          one => jsonOf(one) as { args: Record<string, unknown> },
        );
        for (const { name, size, signed, bitOffset, width } of some) {
          const expected = bitsOf(memory, bitOffset, width, signed);
          const value = args[name]!.value;
          const isExact = size === 8 ? value === expected : value === Number(expected);
          const inJson = size === 8 ? `${expected}` : Number(expected);
          const isJson = jsons.every(json => json.args[name] === inJson);
          if (!isExact || !isJson)
            wrong.push(`${name} ${signed} ${width}@${bitOffset % 64}/${size * 8}: ${value}, ${expected}`);
        }
      }
    }
    expect(fields.length).toBe(5560);
    expect(wrong).toEqual([]);
  }, 120_000);

  it('of packed structs have their value across bytes and words, as far as the bytes that were read go', () => {
    const member = fc.record({
      width: fc.integer({ min: 1, max: 64 }),
      gap: fc.nat(9),
      signed: fc.boolean(),
    });
    const layout = fc.array(member, { minLength: 1, maxLength: 12 });
    const memory = fc.uint8Array({ minLength: 64, maxLength: 64 });
    const property = fc.property(layout, memory, (parts, bytes) => {
      let end = 0;
      const placed = parts.map(({ width, gap, signed }, index) => {
        const bitOffset = end + gap;
        end = bitOffset + width;
        return { name: `m${index}`, width, signed, bitOffset };
      });
      const packed = kernelWith(builder => {
        const [unsigned, signed] = [false, true].map(sign => builder.int('long', 8, { signed: sign }));
        const members = placed.map(one => ({
          name: one.name,
          type: one.signed ? signed! : unsigned!,
          bitOffset: one.bitOffset,
          bitfieldWidth: one.width,
        }));
        const inner = builder.struct('packed', Math.ceil(end / 8), members, true);
        return {
          to: builder.struct('outer', Math.ceil(end / 8), [{ name: 'x', type: inner, bitOffset: 0 }]),
        };
      });
      using event = compiled(packed, 'f typed_test x=s->x:x8[64]');
      const { typed } = jsonOf(hit(event, bytes)) as { typed: { x: { members: Record<string, unknown> } } };
      const expected = placed
        .filter(({ bitOffset, width }) => bitOffset + width <= 512)
        .map(({ name, bitOffset, width, signed }) => [
          name,
          { value: `${bitsOf(bytes, bitOffset, width, signed)}` },
        ]);
      expect(typed.x.members).toEqual(Object.fromEntries(expected));
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('are left as recorded where the definition says how to read them, or plain values are asked for', () => {
    const field = fields.find(
      ({ size, width, bitOffset }) => size === 4 && width === 8 && bitOffset % 64 === 0,
    )!;
    using event = compiled(kernel, `f typed_test a=s->${field.name}:x32 b=s->${field.name}`);
    const record = hit(event, new Uint8Array(fields.length * 8).fill(0x5a));
    const { a, b } = read(record).args;
    expect([a!.value, b!.value, b!.recorded]).toEqual([0x5a5a5a5a, 0x5a, 0x5a5a5a5a]);
    const plain = new JsonLines({ symbols: noSymbols, values: 'plain' });
    plain.record(record);
    expect(new TextDecoder().decode(plain.take())).toContain('"args":{"a":"0x5a5a5a5a","b":1515870810}}');
  });
});

describe('values of a struct', () => {
  const kernel = kernelWith(builder => {
    const char = builder.int('char', 1);
    const u8 = builder.int('unsigned char', 1);
    const u16 = builder.int('unsigned short', 2);
    const u32 = builder.int('unsigned int', 4);
    const int = builder.int('int', 4, { signed: true });
    const u64 = builder.int('unsigned long', 8);
    const be32 = builder.typedef('__be32', u32);
    const be16 = builder.typedef('__be16', u16);
    const color = builder.enum(
      'color',
      4,
      [
        ['RED', 0],
        ['GREEN', 1],
        ['BLUE', -1],
      ],
      true,
    );
    const tiny = builder.enum('tiny', 1, [
      ['NONE', 0],
      ['SOME', 200],
    ]);
    const flags = builder.enum('modes', 4, [
      ['OFF', 0],
      ['READ', 1],
      ['WRITE', 2],
      ['EXEC', 4],
      ['ALL', 7],
    ]);
    const inAddr = builder.struct('in_addr', 4, [{ name: 's_addr', type: be32, bitOffset: 0 }]);
    const in6 = builder.struct('in6_addr', 16, [
      { name: 'b', type: builder.array(u8, int, 16), bitOffset: 0 },
    ]);
    const inner = builder.struct(
      'inner',
      16,
      [
        { name: 'c', type: color, bitOffset: 0 },
        { name: 'bits', type: int, bitOffset: 32, bitfieldWidth: 3 },
        { name: 'p', type: builder.pointer(u8), bitOffset: 64 },
      ],
      true,
    );
    return {
      returns: int,
      to: builder.struct('outer', 128, [
        { name: 'color', type: color, bitOffset: 0 },
        { name: 'tiny', type: tiny, bitOffset: 32 },
        { name: 'flag', type: builder.int('_Bool', 1, { bool: true }), bitOffset: 40 },
        { name: 'port', type: be16, bitOffset: 48 },
        { name: 'modes', type: flags, bitOffset: 64 },
        { name: 'addr', type: inAddr, bitOffset: 96 },
        { name: 'addr6', type: in6, bitOffset: 128 },
        { name: 'name', type: builder.array(char, int, 16), bitOffset: 256 },
        { name: 'inner', type: inner, bitOffset: 384 },
        { name: 'next', type: builder.pointer(inner), bitOffset: 512 },
        { name: 'big', type: u64, bitOffset: 576 },
        { name: 'net', type: be32, bitOffset: 640 },
        { name: 'text', type: builder.pointer(char), bitOffset: 704 },
      ]),
    };
  });
  const memory = new Uint8Array(128);
  const view = new DataView(memory.buffer);
  view.setInt32(0, -1, true);
  view.setUint8(4, 200);
  view.setUint8(5, 1);
  view.setUint16(6, 8080);
  view.setUint32(8, 0x42 | 1, true);
  memory.set([127, 0, 0, 1], 12);
  memory.set([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 16);
  memory.set(new TextEncoder().encode('dbus-daemon'), 32);
  view.setInt32(48, 1, true);
  view.setUint8(52, 0b11111_101);
  view.setBigUint64(56, kernelBase, true);
  view.setBigUint64(72, 0xffff_ffff_ffff_fffen, true);
  view.setUint32(80, 0x0a000001);

  const typedOf = (args: string, place = 'typed_test', result = 0n): Record<string, unknown> => {
    using event = compiled(kernel, `f ${place} ${args}`);
    return jsonOf(hit(event, memory, result));
  };

  it.each<[string, object, unknown]>([
    ['an enum by number and name', { enum: 'BLUE' }, 'x=s->color'],
    ['an enum of one byte, which the kernel reads with what lies behind it', { enum: 'SOME' }, 'x=s->tiny'],
    ['a bool', { bool: true }, 'x=s->flag'],
    ['a number in network order', { host: 8080 }, 'x=s->port'],
    ['the same as 32 bits', { host: 0x0a000001 }, 'x=s->net'],
    ['flags, and bits that have no name', { flags: ['READ', 'WRITE'], rest: '0x40' }, 'x=s->modes'],
    ['an address', { ipv4: '127.0.0.1' }, 'x=s->addr:u32'],
    ['an address of IPv6', { ipv6: '2001:db8::1' }, 'x=s->addr6:x8[16]'],
    ['characters', { text: 'dbus-daemon' }, 'x=s->name:x8[16]'],
    ['the first of the characters', { text: 'dbus-dae' }, 'x=s->name'],
    [
      'a struct inside',
      {
        members: { c: { value: 1, enum: 'GREEN' }, bits: { value: -3 }, p: { value: '0xffff888000000000' } },
      },
      'x=s->inner:x64[2]',
    ],
  ])('say what they mean: %s', (_name, typed, args) => {
    expect(typedOf(args as string).typed).toEqual({ x: typed });
  });

  it('are numbers without their neighbours', () => {
    expect(typedOf('t=s->tiny b=s->big').args).toEqual({ t: 200, b: '18446744073709551614' });
  });

  it('are named as errors when a function returns them', () => {
    const error = BigInt.asUintN(64, -2n);
    expect(typedOf('r=$retval', 'typed_test%return', error)).toMatchObject({
      args: { r: -2 },
      typed: { r: { errno: 'ENOENT' } },
    });
    expect(typedOf('r=$retval', 'typed_test%return', 2n).typed).toBeUndefined();
    expect(typedOf('r=$retval', 'typed_test%return', BigInt.asUintN(64, -5000n)).typed).toBeUndefined();
  });

  it('tell apart a NULL on the way, memory that cannot be read, and less than all', () => {
    memory.set(new Uint8Array(8), 64);
    const none = typedOf('x=s->next->bits y=s->text:string z=s->name');
    expect(none).toMatchObject({
      args: { x: null, y: null, z: '0x6561642d73756264' },
      states: {
        x: { state: 'null', step: 1, at: 's->next' },
        y: { state: 'null', step: 1, at: 's->text' },
        z: { state: 'truncated', length: 8 },
      },
      faults: { x: 'fault', y: 'fault' },
    });
    view.setBigUint64(64, 0xdead0000_00000000n, true);
    expect(typedOf('x=s->next->bits').states).toEqual({
      x: { state: 'fault', step: 1, address: '0xdead000000000004', at: 's->next' },
    });
    memory.set(new Uint8Array(8), 64);
  });

  it('are said to be unknown where numbers come from memory and the source cannot tell', () => {
    using event = compiled(kernel, 'f typed_test x=s->big s y=s->name:string');
    const record = hit(event, memory, 0n, false);
    expect(read(record).args.x!.state).toEqual({ state: 'unknown' });
    expect(jsonOf(record).states).toEqual({ x: { state: 'unknown' } });
  });

  it('of text that fills what the kernel takes are truncated', () => {
    using event = compiled(kernel, 'f typed_test x=+0(s):string');
    const states = [4094, 4095, 5000].map(length => {
      const long = new Uint8Array(6000).fill(0x61, 0, length);
      return read(hit(event, long)).args.x!.state;
    });
    expect(states).toEqual([
      { state: 'ok' },
      { state: 'truncated', length: 4095 },
      { state: 'truncated', length: 4095 },
    ]);
  });

  it('are text for tables and tracks, too', () => {
    using event = compiled(kernel, 'f typed_test a=s->modes b=s->color c=s->inner:x64[2] d=s->addr6:x8[16]');
    const { args } = read(hit(event, memory));
    expect(Object.values(args).map(({ meaning }) => meaningText(meaning!))).toEqual([
      'READ|WRITE|0x40',
      'BLUE',
      '{c=GREEN, bits=-3, p=0xffff888000000000}',
      '2001:db8::1',
    ]);
  });
});
