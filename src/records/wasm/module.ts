import { ModuleBytes } from './bytes.js';
import { Code, type ValueType, valueTypes } from './code.js';

/** Parameters and results of a function. */
export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const FUNCTION = 0x00;
const TABLE = 0x01;
const MEMORY = 0x02;
const FUNCTION_REFERENCE = 0x70;
/** Imports and exports of a module have one name space each here. */
const HOST = 'host';

/**
 * A WebAssembly module while it is put together: the binary format's version 1 with vectors and bulk memory. Memory and
 * table 0 are always imported, as `memory` and `table` of `host`. All functions must be imported before the first is defined.
 */
export class WasmModule {
  readonly #types: string[] = [];
  readonly #typeBytes = new ModuleBytes();
  readonly #imports: { readonly name: string; readonly type: number }[] = [];
  readonly #functions: { readonly type: number; readonly code: Code }[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];

  /** The number of a function type, for `callIndirect`. */
  type({ parameters, results }: FunctionType): number {
    const key = `${parameters.join()}:${results.join()}`;
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#typeBytes.byte(0x60);
    this.#typeBytes.counted(parameters.map(type => valueTypes[type]));
    this.#typeBytes.counted(results.map(type => valueTypes[type]));
    return this.#types.push(key) - 1;
  }

  /** A function of the host; its index. */
  import(name: string, type: FunctionType): number {
    return this.#imports.push({ name, type: this.type(type) }) - 1;
  }

  /** A function with its code; its index. There is none when `write` throws. */
  define(type: FunctionType, write: (code: Code) => void): number {
    const code = new Code(type.parameters.length);
    write(code);
    return this.#imports.length + this.#functions.push({ type: this.type(type), code }) - 1;
  }

  export(name: string, index: number): void {
    this.#exports.push({ name, index });
  }

  encode(): Uint8Array {
    const whole = new ModuleBytes();
    whole.put(MAGIC);
    section(whole, 1, this.#types.length, bytes => bytes.put(this.#typeBytes.written));
    section(whole, 2, this.#imports.length + 2, bytes => {
      imported(bytes, 'memory', MEMORY);
      bytes.put([0x00, 0x01]);
      imported(bytes, 'table', TABLE);
      bytes.put([FUNCTION_REFERENCE, 0x00, 0x01]);
      for (const { name, type } of this.#imports) {
        imported(bytes, name, FUNCTION);
        bytes.unsigned(type);
      }
    });
    section(whole, 3, this.#functions.length, bytes => {
      for (const { type } of this.#functions) bytes.unsigned(type);
    });
    section(whole, 7, this.#exports.length, bytes => {
      for (const { name, index } of this.#exports) {
        bytes.name(name);
        bytes.byte(FUNCTION);
        bytes.unsigned(index);
      }
    });
    section(whole, 10, this.#functions.length, bytes => {
      for (const { code } of this.#functions) bytes.counted(code.encode().written);
    });
    return whole.written.slice();
  }
}

function imported(bytes: ModuleBytes, name: string, kind: number): void {
  bytes.name(HOST);
  bytes.name(name);
  bytes.byte(kind);
}

function section(whole: ModuleBytes, id: number, count: number, write: (bytes: ModuleBytes) => void): void {
  if (count === 0) return;
  const bytes = new ModuleBytes();
  bytes.unsigned(count);
  write(bytes);
  whole.byte(id);
  whole.counted(bytes.written);
}
