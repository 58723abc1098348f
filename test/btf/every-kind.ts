import type { BtfBuilder } from '../../src/btf/index.js';

/** Adds at least one type of every kind, valid by every rule. Returns the builder. */
export function everyKind(builder: BtfBuilder): BtfBuilder {
  const int = builder.int('int', 4, { signed: true });
  const flag = builder.int('_Bool', 1, { bool: true });
  const long = builder.int('long unsigned int', 8);
  const pointer = builder.pointer(int);
  const array = builder.array(int, long, 4);
  const inner = builder.union('', 8, [
    { name: 'whole', type: long, bitOffset: 0 },
    { name: 'half', type: int, bitOffset: 0 },
  ]);
  const struct = builder.struct('point', 32, [
    { name: 'values', type: array, bitOffset: 0 },
    { name: '', type: inner, bitOffset: 128 },
    { name: 'next', type: builder.nextId + 1, bitOffset: 192 },
  ]);
  builder.pointer(struct);
  builder.struct('bits', 4, [
    { name: 'low', type: int, bitOffset: 0, bitfieldWidth: 3 },
    { name: 'flag', type: flag, bitOffset: 3, bitfieldWidth: 1 },
  ]);
  builder.enum('color', 4, [
    ['RED', 0],
    ['BLUE', 0xf0000000],
  ]);
  builder.enum('sign', 4, [['MINUS', -1]], true);
  builder.enum64('wide', 8, [['HUGE', 1n << 63n]]);
  builder.enum64('wide_sign', 8, [['TINY', -(1n << 40n)]], true);
  builder.forward('later', 'struct');
  builder.forward('either', 'union');
  const named = builder.typedef('number', int);
  builder.volatile(named);
  const constant = builder.const(named);
  builder.restrict(builder.pointer(constant));
  builder.pointer(builder.typeTag('user', int));
  const proto = builder.funcProto(int, [
    ['p', pointer],
    ['', 0],
  ]);
  const func = builder.func('init', proto, 1);
  builder.declTag('tag', func, 0);
  builder.declTag('whole', struct);
  const variable = builder.variable('counter', int, 1);
  builder.datasec('.data', 4, [[variable, 0, 4]]);
  builder.float('double', 8);
  const register = builder.locParam(8, 8, [1]);
  const constantParameter = builder.locParam(4, 3, [0xffffffff]);
  const inlined = builder.locProto([register, 0, constantParameter]);
  builder.locSec('inline.text', [[func, inlined, 0x40]]);
  return builder;
}
