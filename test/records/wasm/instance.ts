import { expect } from 'vitest';
import { bytesOf } from '../../../src/records/byte-text.js';
import { PageRecord } from '../../../src/records/index.js';
import { webAssembly } from '../../../src/records/wasm/host.js';
import { layout, NOT_WRITTEN, OVERSHOOT } from '../../../src/records/wasm/layout.js';
import { lineType } from '../../../src/records/wasm/line-code.js';
import { WasmModule } from '../../../src/records/wasm/module.js';
import { Runtime } from '../../../src/records/wasm/runtime.js';
import { putTables } from '../../../src/records/wasm/tables.js';
import { type HostNumbers, WasmBody } from '../../../src/records/wasm/wasm-body.js';
import { latin1 } from '../recorded.js';

const { Instance, Memory, Module, Table } = webAssembly!;

export const memory = new Memory({ initial: (layout.streams >> 16) + 8 });
export const bytes = new Uint8Array(memory.buffer);
export const view = new DataView(memory.buffer);
putTables(bytes);

/** Where records lie: at the very end, so that reads behind the memory trap. */
export const RECORDS = bytes.length - 1024;
const GUARD = 0xa5;

export type WasmFunction = (...args: (number | bigint)[]) => number;

export interface Host {
  text(kind: number, value: bigint): number;
  call(number: number, start: number, end: number, place: number): number;
}

const noHost: Host = {
  text: () => 0,
  call: () => -1,
};

const noNumbers: HostNumbers = {
  kindOf: () => 1,
  callOf: () => 0,
};

/** What a module exports; `table` has one place. */
export function instanceOf(module: WasmModule, host: Host = noHost): Record<string, WasmFunction> {
  const table = new Table({ element: 'anyfunc', initial: 1 });
  const text = (kind: number, value: bigint) => host.text(kind, value);
  const call = (...args: [number, number, number, number]) => host.call(...args);
  const imports = { host: { memory, table, text, call } };
  return { ...new Instance(new Module(module.encode()), imports).exports } as Record<string, WasmFunction>;
}

/** All functions of a runtime by their names. */
export function runtimeFunctions(host?: Host): Record<string, WasmFunction> {
  const module = new WasmModule();
  const runtime = new Runtime(module);
  for (const [name, index] of Object.entries({ ...runtime.digits, ...runtime.texts })) {
    module.export(name, index);
  }
  module.export('findText', runtime.findText);
  return instanceOf(module, host);
}

/** What is written at a place; nothing may be written outside of it but the overshoot. */
export function written(write: (place: number) => number, room = 400): string {
  const place = layout.out + 64;
  const area = bytes.subarray(place - 64, place + room);
  area.fill(GUARD);
  const end = write(place);
  expect(end).toBeGreaterThanOrEqual(place);
  expect(end + OVERSHOOT).toBeLessThanOrEqual(place + room);
  expect(isGuard(area.subarray(0, 64))).toBe(true);
  expect(isGuard(area.subarray(end + OVERSHOOT - place + 64))).toBe(true);
  return latin1(bytes.subarray(place, end));
}

function isGuard(area: Uint8Array): boolean {
  return area.every(byte => byte === GUARD);
}

/** Puts a text at an address. */
export function putText(address: number, text: string): number {
  view.setInt32(address, text.length, true);
  bytes.set(bytesOf(text), address + 4);
  return address;
}

export interface MadeBody {
  readonly body: WasmBody;
  /** What is written for a record that lies right before `end`; `undefined` where it cannot. Calls write `more` bytes. */
  of(record: Uint8Array, end?: number, more?: number): string | undefined;
}

/** A body's function; texts and calls have the numbers that `host` knows. */
export function bodyOf(
  fixedSize: number,
  write: (body: WasmBody) => void,
  host?: Host & HostNumbers,
): MadeBody {
  const module = new WasmModule();
  const runtime = new Runtime(module);
  let body: WasmBody | undefined;
  const index = module.define(lineType, code => {
    body = new WasmBody(code, runtime, fixedSize, host ?? noNumbers);
    write(body);
    body.finish();
  });
  module.export('body', index);
  const run = instanceOf(module, host).body!;
  return {
    body: body!,
    of(record, end = bytes.length, more = 200) {
      const start = end - record.length;
      bytes.set(record, start);
      let isWritten = true;
      const most = body!.room + body!.strings * record.length + more;
      const text = written(place => {
        const behind = run(start, end, place, 0n, 0);
        isWritten = behind !== NOT_WRITTEN;
        return isWritten ? behind : place + most;
      }, most + OVERSHOOT);
      return isWritten ? text : undefined;
    },
  };
}

/** The record that lies there, as it is known outside. */
export function recordAt(start: number, end: number): PageRecord {
  const layout = { group: 'g', name: 'e', id: 1, common: [], fields: [], printFmt: '' };
  const event = { group: 'g', name: 'e', definition: undefined, layout };
  return new PageRecord(event, 0, 1, 'cat', bytes, view, start, end, 0, 0);
}
