import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FetchOp } from '../../src/language/index.js';
import { fetchTexts, kernelBase, TestMachine, textBytes } from './test-machine.js';

const stringAt = (address: bigint): FetchOp[] => [
  { op: 'IMM', value: address },
  { op: 'ST_STRING', offset: 0, size: 4 },
];
const stringArray = (pointers: bigint, count: number): FetchOp[] => [
  { op: 'IMM', value: pointers - 0x10n },
  { op: 'DEREF', offset: 0x10 },
  { op: 'ST_STRING', offset: 0, size: 4 },
  { op: 'LP_ARRAY', count },
];
const text = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map(code => String.fromCharCode(code)),
  maxLength: 300,
});

describe('strings', () => {
  test('any text comes through, wherever in memory it starts', () => {
    fc.assert(
      fc.property(text, fc.nat(200), (content, offset) => {
        const machine = new TestMachine();
        const at = machine.put(kernelBase + BigInt(offset), `${content}\0`);
        expect(fetchTexts(stringAt(at), machine)).toEqual({
          texts: [content],
          used: content.length + 1,
          measured: content.length + 1,
          faults: [],
        });
      }),
    );
  });
  test('memory that ends before the NUL is a fault', () => {
    const machine = new TestMachine();
    machine.put(kernelBase, textBytes('no end'));
    const { texts, measured, used, faults } = fetchTexts(stringAt(kernelBase), machine);
    expect({ texts, measured, used }).toEqual({ texts: [undefined], measured: 0, used: 0 });
    expect(faults.map(f => f.kind)).toEqual(['no-space']);
  });
  test('text that became unreadable after it was measured has length 0', () => {
    const machine = new TestMachine();
    machine.put(kernelBase, 'short-lived\0'.padEnd(128, '\0'));
    let reads = 0;
    const read = machine.readKernel.bind(machine);
    machine.readKernel = (address, length) => (reads++ === 0 ? read(address, length) : undefined);
    // First chunk for measuring succeeds, everything after fails.
    const { texts, measured, faults } = fetchTexts(stringAt(kernelBase), machine);
    expect({ texts, measured, kinds: faults.map(f => f.kind) }).toEqual({
      texts: [undefined],
      measured: 12,
      kinds: ['string'],
    });
  });
  test('text that grew after it was measured is cut with a NUL', () => {
    const machine = new TestMachine();
    machine.put(kernelBase, 'abc\0'.padEnd(128, '\0'));
    const longer = textBytes('abcdefgh\0'.padEnd(128, '\0'));
    let reads = 0;
    const read = machine.readKernel.bind(machine);
    machine.readKernel = (address, length) =>
      reads++ === 0 ? read(address, length) : longer.slice(0, length);
    expect(fetchTexts(stringAt(kernelBase), machine).texts).toEqual(['abc']);
  });
  test.each([4094, 4095, 4096, 5000])('a kernel text of %i characters is at most 4096 bytes', length => {
    const machine = new TestMachine();
    machine.put(kernelBase, `${'x'.repeat(length)}\0`);
    const { texts, measured } = fetchTexts(stringAt(kernelBase), machine);
    expect(measured).toBe(Math.min(length + 1, 4096));
    expect(texts[0]?.length).toBe(Math.min(length, 4095));
  });
  test('a user text beyond 4096 bytes counts 4097, in user space 0', () => {
    const machine = new TestMachine();
    machine.put(0x1000n, `${'x'.repeat(5000)}\0`);
    expect(fetchTexts(stringAt(0x1000n), machine).measured).toBe(4097);
    machine.userSpace = true;
    expect(fetchTexts(stringAt(0x1000n), machine)).toMatchObject({ measured: 0, texts: [undefined] });
  });
  test('the empty text is no fault', () => {
    const machine = new TestMachine();
    machine.put(kernelBase, '\0');
    expect(fetchTexts(stringAt(kernelBase), machine)).toMatchObject({ texts: [''], measured: 1, faults: [] });
  });
});

describe('arrays of strings', () => {
  test('any texts come through', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), contents => {
        const machine = new TestMachine();
        const pointers = contents.map((content, i) =>
          machine.put(kernelBase + BigInt(0x1000 * (i + 1)), `${content}\0`),
        );
        machine.put(kernelBase, pointers);
        expect(fetchTexts(stringArray(kernelBase, contents.length), machine, contents.length).texts).toEqual(
          contents,
        );
      }),
    );
  });
  test('a text that faults counts 0 and the loop goes on', () => {
    const machine = new TestMachine();
    machine.put(kernelBase + 0x100n, 'one\0');
    machine.put(kernelBase + 0x200n, 'three\0');
    machine.put(kernelBase, [kernelBase + 0x100n, 0xdeadn, kernelBase + 0x200n]);
    const { texts, faults } = fetchTexts(stringArray(kernelBase, 3), machine, 3);
    expect(texts).toEqual(['one', undefined, 'three']);
    expect(faults.map(f => [f.kind, f.element])).toEqual([['string', 1]]);
  });
  test('a pointer that faults ends the program', () => {
    const machine = new TestMachine();
    machine.put(kernelBase + 0x100n, 'one\0');
    machine.put(kernelBase, [kernelBase + 0x100n]);
    const { measured, used, faults } = fetchTexts(stringArray(kernelBase, 3), machine, 3);
    // The sizing pass fails as well, so no space was reserved for the text that can be read.
    expect({ measured, used }).toEqual({ measured: 0, used: 0 });
    expect(faults.map(f => [f.kind, f.element])).toEqual([
      ['no-space', 0],
      ['dereference', 1],
    ]);
  });
  test('without a pointer to step from the second element is out of place', () => {
    const machine = new TestMachine();
    machine.put(kernelBase, 'one\0');
    const ops: FetchOp[] = [...stringAt(kernelBase), { op: 'LP_ARRAY', count: 2 }];
    expect(fetchTexts(ops, machine, 2).faults.map(f => f.kind)).toEqual(['no-space', 'bad-operation']);
  });
});
