/**
 * The part of `WebAssembly` that is used. Every engine has it, but TypeScript describes it with the browser's library only,
 * which this room is not to depend on.
 */
export interface WasmHost {
  readonly Module: new (bytes: Uint8Array) => WasmCompiled;
  readonly Instance: new (compiled: WasmCompiled, imports: { readonly host: WasmImports }) => WasmInstance;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum?: number }) => WasmMemory;
  readonly Table: new (size: { readonly element: 'anyfunc'; readonly initial: number }) => WasmTable;
}

export type WasmCompiled = object & { readonly compiled?: never };

/** Functions that the host gives, with the memory and the table. */
export type WasmImports = Readonly<Record<string, WasmMemory | WasmTable | ((...args: never[]) => unknown)>>;

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export interface WasmTable {
  readonly length: number;
  grow(count: number): number;
  set(place: number, value: unknown): void;
}

/** `undefined` where there is none. It may still forbid to compile, as a web page's policy can: that throws. */
export const webAssembly = (globalThis as { readonly WebAssembly?: WasmHost }).WebAssembly;
