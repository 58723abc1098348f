import { expect, test } from 'vitest';
import { openDefaultKernel } from '../../src/host/index.js';
import { compileProbe, type ProbeArgument } from '../../src/language/index.js';
import { encodeRecord, maxRecordBytes, saveEntryData } from '../../src/program/index.js';
import { readCorpus } from '../conformance/recorded.js';
import { kernelBase, TestMachine } from './test-machine.js';

const kernel = openDefaultKernel();
const corpus = readCorpus(new URL('../data/conformance/kernel-6.12-cloud.jsonl.gz', import.meta.url));
const accepted = corpus.filter(
  ({ errno, def, setup }) => errno === null && setup === undefined && /^[fptr]/.test(def),
);
const head = {
  id: 1,
  flags: 0,
  preemptCount: 0,
  pid: 1,
  ip: 0xffffffff81000004n,
  returnIp: 0xffffffff81000100n,
};

/** Memory that is a web of pointers into itself, so that chains of dereferences get somewhere. */
function denseMachine(): TestMachine {
  const machine = new TestMachine();
  machine.arguments = Array.from({ length: 12 }, (_, index) => kernelBase + BigInt(0x100 * index));
  machine.stack = [0xffffffff81000010n, kernelBase];
  machine.result = kernelBase;
  for (const register of ['di', 'si', 'dx', 'ax', 'sp']) machine.registers.set(register, kernelBase + 0x80n);
  machine.put(
    kernelBase - 0x8000n,
    Array.from({ length: 0x2000 }, (_, index) => kernelBase + BigInt((index * 0x1238) % 0x4000)),
  );
  machine.put(0x1000n, 'user text\0'.repeat(500));
  machine.symbols = [{ name: 'somewhere', address: kernelBase, size: 0x100000 }];
  return machine;
}

test.each([
  ['readable', denseMachine],
  ['empty', () => new TestMachine()],
])('every definition that the kernel accepted runs on %s memory', (_, makeMachine) => {
  let ran = 0;
  let faulted = 0;
  let clean = 0;
  const broken: string[] = [];
  for (const { def } of accepted) {
    const judgement = compileProbe(kernel, def);
    if (!judgement.accepted || !judgement.event) continue;
    using event = judgement.event;
    const machine = makeMachine();
    machine.entryData = saveEntryData(event.entryProgram, machine);
    const record = encodeRecord(event, machine, head);
    ran++;
    if (!record) continue;
    if (record.states.size > 0) faulted++;
    else clean++;
    const ends = event.layout.fields.map(field => field.offset + field.size);
    const isWhole = record.bytes.length >= Math.max(8, ...ends) && record.bytes.length <= maxRecordBytes;
    // An operation that stands out of place fails at no address.
    const isInPlace = [...record.states.values()].every(
      state => state.state === 'null' || (state.state === 'fault' && state.address !== undefined),
    );
    if (!isWhole || !isInPlace || !textsAreInside(event.args, record.bytes)) broken.push(def);
  }
  expect(broken).toEqual([]);
  expect(ran).toBeGreaterThan(1_000);
  expect(clean).toBeGreaterThan(100);
  expect(faulted).toBeGreaterThan(100);
});

/** Every text that a record tells of lies inside of it. */
function textsAreInside(args: readonly ProbeArgument[], bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer);
  return args.every(({ type, offset, count }) => {
    if (!['string', 'ustring', 'symstr'].includes(type.kind)) return true;
    return Array.from({ length: Math.max(1, count) }, (_, element) => offset + 4 * element).every(at => {
      const length = view.getUint16(at + 2, true);
      return length === 0 || view.getUint16(at, true) + length <= bytes.length;
    });
  });
}
