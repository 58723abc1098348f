import type { ResolvedAddress } from '../../src/kernel/index.js';
import type { FetchOp } from '../../src/language/index.js';
import type { AttachedRecord, Machine } from '../../src/program/index.js';
import { type Fault, measureProgram, runProgram } from '../../src/program/index.js';

/** Start of kernel memory in these tests. */
export const kernelBase = 0xffff888000000000n;

/** A machine whose memory is a handful of regions given by the test. */
export class TestMachine implements Machine {
  taskSize = 0x7ffffffff000n;
  userSpace = false;
  entryData: DataView | undefined;
  attachedRecord: AttachedRecord | undefined;
  fileBase = 0n;
  name = 'sh';
  registers = new Map<string, bigint>();
  arguments: bigint[] = [];
  stack: bigint[] = [];
  result = 0n;
  symbols: { name: string; address: bigint; size: number; module?: string }[] = [];
  private readonly regions: { start: bigint; bytes: Uint8Array; user: boolean }[] = [];
  private nextText = 0xffffffffc0000000n;

  put(start: bigint, data: string | Uint8Array | readonly bigint[]): bigint {
    const bytes =
      typeof data === 'string' ? textBytes(data) : data instanceof Uint8Array ? data : wordBytes(data);
    this.regions.push({ start, bytes, user: start < this.taskSize });
    return start;
  }
  register(name: string): bigint {
    return this.registers.get(name) ?? 0n;
  }
  argument(index: number): bigint {
    return this.arguments[index] ?? 0n;
  }
  stackWord(index: number): bigint {
    return this.stack[index] ?? 0n;
  }
  stackPointer(): bigint {
    return 0xffffc90000000000n;
  }
  returnValue(): bigint {
    return this.result;
  }
  comm(): string {
    return this.name;
  }
  commAddress(): bigint {
    return this.textAddress(this.name);
  }
  textAddress(text: string): bigint {
    const at = this.nextText;
    this.nextText += 0x10000n;
    return this.put(at, `${text}\0`);
  }
  readKernel(address: bigint, length: number): Uint8Array | undefined {
    return this.read(address, length, false);
  }
  readUser(address: bigint, length: number): Uint8Array | undefined {
    return this.read(address, length, true);
  }
  resolve(address: bigint): ResolvedAddress | undefined {
    for (const { name, address: start, size, module } of this.symbols) {
      if (address >= start && address < start + BigInt(size)) {
        return { name, offset: Number(address - start), size, module };
      }
    }
    return undefined;
  }
  private read(address: bigint, length: number, user: boolean): Uint8Array | undefined {
    for (const region of this.regions) {
      const offset = address - region.start;
      if (region.user === user && offset >= 0n && offset + BigInt(length) <= BigInt(region.bytes.length)) {
        return region.bytes.slice(Number(offset), Number(offset) + length);
      }
    }
    return undefined;
  }
}

export function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}

function wordBytes(words: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * words.length));
  for (const [index, word] of words.entries()) view.setBigUint64(8 * index, BigInt.asUintN(64, word), true);
  return new Uint8Array(view.buffer);
}

/** Runs one plain program over `size` bytes that hold 0xaa, so that bytes left alone show. */
export function fetchBytes(
  program: readonly FetchOp[],
  machine: Machine,
  size: number,
): { bytes: Uint8Array; faults: Fault[] } {
  const bytes = new Uint8Array(size).fill(0xaa);
  const faults: Fault[] = [];
  const target = { bytes, view: new DataView(bytes.buffer) };
  runProgram([...program, { op: 'END' }], machine, target, 0, fault => faults.push(fault));
  return { bytes, faults };
}

/** The value of one plain program, as unsigned. */
export function fetchValue(program: readonly FetchOp[], machine: Machine, size: 1 | 2 | 4 | 8): bigint {
  const { bytes, faults } = fetchBytes(program, machine, size);
  if (faults.length > 0)
    throw new Error(JSON.stringify(faults, (_, v) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v)));
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Texts of one string program of `count` elements; `undefined` where the length stored is 0. */
export function fetchTexts(
  program: readonly FetchOp[],
  machine: Machine,
  count = 1,
): { texts: (string | undefined)[]; used: number; measured: number; faults: Fault[] } {
  const whole: FetchOp[] = [...program, { op: 'END' }];
  const measured = measureProgram(whole, machine);
  const bytes = new Uint8Array(4 * count + measured);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (measured << 16) | (4 * count), true);
  const faults: Fault[] = [];
  const used = runProgram(whole, machine, { bytes, view }, 0, fault => faults.push(fault));
  const texts = Array.from({ length: count }, (_, index) => {
    const length = view.getUint16(4 * index + 2, true);
    if (length === 0) return undefined;
    const start = view.getUint16(4 * index, true);
    return String.fromCharCode(...bytes.subarray(start, start + length)).replace(/\0$/, '');
  });
  return { texts, used, measured, faults };
}
