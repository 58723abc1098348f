import { Attribute, cString } from './attribute.js';

// Attributes of bpf(2) by command (spec 15.3). Pure: `addressOf` is a parameter, so that tests need no foreign functions.

type AddressOf = (bytes: Uint8Array) => bigint;

export const BpfCommand = {
  mapCreate: 0,
  mapLookup: 1,
  programLoad: 5,
  objectInfo: 15,
  rawTracepointOpen: 17,
  btfGetFd: 19,
  btfNextId: 23,
  linkCreate: 28,
} as const;

export const MapType = { array: 2, perCpuArray: 6, ringBuffer: 27 } as const;

export const ProgramType = { kprobe: 2, tracing: 26 } as const;

/** What a program is loaded or linked to be attached as. */
export const AttachType = {
  none: 0,
  rawTracepoint: 23,
  functionEntry: 24,
  functionExit: 25,
  kprobeMulti: 42,
} as const;

export interface MapDescription {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly entries: number;
  readonly name: string;
}

export interface ProgramDescription {
  readonly type: number;
  /** `AttachType` it is checked for; 0 for none. */
  readonly attachType: number;
  readonly instructions: Uint8Array;
  readonly name: string;
  /** BTF id of the function or typedef it goes to; 0 for none. */
  readonly attachTo: number;
  /** Descriptor number of the module's BTF that the id is in; 0: vmlinux. */
  readonly attachIn: number;
}

/** Where the verifier writes what it did. */
export interface VerifierLog {
  readonly level: number;
  readonly bytes: Uint8Array;
}

/** Helpers that read kernel memory are only for programs under this licence; it is that of the program, not of its author. */
const licence = cString('GPL');

export function mapCreateAttribute(map: MapDescription, addressOf: AddressOf): Attribute {
  return new Attribute(44, addressOf)
    .u32(0, map.type)
    .u32(4, map.keySize)
    .u32(8, map.valueSize)
    .u32(12, map.entries)
    .name(28, 16, map.name);
}

export function mapElementAttribute(
  map: number,
  key: Uint8Array,
  value: Uint8Array,
  addressOf: AddressOf,
): Attribute {
  return new Attribute(32, addressOf).u32(0, map).pointer(8, key).pointer(16, value);
}

export function programLoadAttribute(
  program: ProgramDescription,
  log: VerifierLog | undefined,
  addressOf: AddressOf,
): Attribute {
  const attribute = new Attribute(116, addressOf)
    .u32(0, program.type)
    .u32(4, program.instructions.length / 8)
    .pointer(8, program.instructions)
    .pointer(16, licence)
    .name(48, 16, program.name)
    .u32(68, program.attachType)
    .u32(108, program.attachTo)
    .u32(112, program.attachIn);
  if (log !== undefined) attribute.u32(24, log.level).u32(28, log.bytes.length).pointer(32, log.bytes);
  return attribute;
}

/** Attaches a tracing program where it was loaded for. Older kernels know no links for these, this works on all. */
export function rawTracepointOpenAttribute(program: number, addressOf: AddressOf): Attribute {
  return new Attribute(16, addressOf).u32(8, program);
}

/** Functions for one program, by addresses or by names. */
export interface MultiLink {
  readonly program: number;
  readonly isReturn: boolean;
  readonly functions: { readonly addresses: readonly bigint[] } | { readonly symbols: readonly string[] };
}

/** A link of a kprobe program to many functions at once. */
export function multiLinkAttribute(
  { program, isReturn, functions }: MultiLink,
  addressOf: AddressOf,
): Attribute {
  const attribute = new Attribute(48, addressOf)
    .u32(0, program)
    .u32(8, AttachType.kprobeMulti)
    .u32(16, isReturn ? 1 : 0);
  if ('addresses' in functions) {
    const { addresses } = functions;
    return attribute.u32(20, addresses.length).pointer(32, words(addresses));
  }
  const texts = functions.symbols.map(cString);
  return attribute
    .u32(20, texts.length)
    .keep(texts)
    .pointer(24, words(texts.map(addressOf)));
}

function words(values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer);
}

export function objectInfoAttribute(object: number, info: Uint8Array, addressOf: AddressOf): Attribute {
  return new Attribute(16, addressOf).u32(0, object).u32(4, info.length).pointer(8, info);
}

/** `BTF_GET_NEXT_ID` and `BTF_GET_FD_BY_ID`; the next id is written at offset 4. */
export function idAttribute(id: number, addressOf: AddressOf): Attribute {
  return new Attribute(12, addressOf).u32(0, id);
}
