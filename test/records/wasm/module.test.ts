import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WasmModule } from '../../../src/records/wasm/module.js';
import { instanceOf } from './instance.js';

const edges = Array.from({ length: 65 }, (_, bit) => 1n << BigInt(bit)).flatMap(power =>
  [power - 1n, power, power + 1n].flatMap(value => [value, -value]),
);

it('constants of every length arrive', () => {
  const module = new WasmModule();
  for (const [index, value] of edges.entries()) {
    const narrow = { parameters: [], results: ['i32'] } as const;
    const wide = { parameters: [], results: ['i64'] } as const;
    module.export(
      `i32 ${index}`,
      module.define(narrow, code => code.i32(Number(BigInt.asIntN(32, value)))),
    );
    module.export(
      `i64 ${index}`,
      module.define(wide, code => code.i64(value)),
    );
  }
  const functions = instanceOf(module);
  for (const [index, value] of edges.entries()) {
    expect(functions[`i32 ${index}`]!()).toBe(Number(BigInt.asIntN(32, value)));
    expect(functions[`i64 ${index}`]!()).toBe(BigInt.asIntN(64, value));
  }
});

it('blocks, loops and variables work as they are nested', () => {
  const module = new WasmModule();
  const sum = module.define({ parameters: ['i32'], results: ['i32'] }, code => {
    const total = code.local('i32');
    code.block(done => {
      code.loop(again => {
        code.get(0).op('i32.eqz').brIf(done);
        code.get(0).i32(1).op('i32.and');
        code.if(
          () => code.get(total).get(0).op('i32.add').set(total),
          () =>
            code.scratch('i32', twice => {
              code.get(0).i32(2).op('i32.mul').set(twice).get(total).get(twice).op('i32.add').set(total);
            }),
        );
        code.get(0).i32(1).op('i32.sub').set(0).br(again);
      });
    });
    code.get(total);
  });
  module.export('sum', sum);
  const functions = instanceOf(module);
  fc.assert(
    fc.property(fc.nat(50), count => {
      let expected = 0;
      for (let at = 1; at <= count; at++) expected += at % 2 === 1 ? at : at * 2;
      expect(functions.sum!(count)).toBe(expected);
    }),
  );
});
