import type { Attribute } from './attribute.js';
import {
  BpfCommand,
  idAttribute,
  type MapDescription,
  type MultiLink,
  mapCreateAttribute,
  mapElementAttribute,
  multiLinkAttribute,
  objectInfoAttribute,
  type ProgramDescription,
  programLoadAttribute,
  rawTracepointOpenAttribute,
  type VerifierLog,
} from './bpf-attributes.js';
import { Descriptor } from './descriptor.js';
import { isSysError } from './error.js';
import { addressOf, systemCall } from './ffi.js';

// bpf(2), one function a command. All of them throw a `SysError`.

export function createMap(map: MapDescription): Descriptor {
  return new Descriptor(bpf('mapCreate', 'MAP_CREATE', mapCreateAttribute(map, addressOf)));
}

/** Reads one element of an array map: of a per-CPU array the value of each possible CPU, 8-byte aligned. */
export function readArrayMap(map: Descriptor, index: number, bytes: number): Uint8Array {
  const value = new Uint8Array(new ArrayBuffer(bytes));
  const key = new Uint8Array(new Uint32Array([index]).buffer);
  bpf('mapLookup', 'MAP_LOOKUP_ELEM', mapElementAttribute(map.number, key, value, addressOf));
  return value;
}

export function loadProgram(program: ProgramDescription, log?: VerifierLog): Descriptor {
  const attribute = programLoadAttribute(program, log, addressOf);
  return new Descriptor(bpf('programLoad', 'PROG_LOAD', attribute));
}

/** Attaches a tracing program (fentry, fexit, tp_btf) where it was loaded for. */
export function attachTracing(program: Descriptor): Descriptor {
  const attribute = rawTracepointOpenAttribute(program.number, addressOf);
  return new Descriptor(bpf('rawTracepointOpen', 'RAW_TRACEPOINT_OPEN', attribute));
}

export function linkToFunctions(link: Omit<MultiLink, 'program'>, program: Descriptor): Descriptor {
  const attribute = multiLinkAttribute({ ...link, program: program.number }, addressOf);
  return new Descriptor(bpf('linkCreate', 'LINK_CREATE', attribute));
}

/** Hits while the program already ran on that CPU: it was not entered again. */
export function recursionMisses(program: Descriptor): bigint {
  return info(program, 232).getBigUint64(208, true);
}

/** Opens the types of a loaded module. Needs CAP_SYS_ADMIN; `undefined` when no module of that name has types. */
export function openModuleBtf(module: string): Descriptor | undefined {
  let id = 0;
  for (;;) {
    const attribute = idAttribute(id, addressOf);
    try {
      bpf('btfNextId', 'BTF_GET_NEXT_ID', attribute);
    } catch (error) {
      if (isSysError(error, 'ENOENT')) return undefined;
      throw error;
    }
    id = attribute.getU32(4);
    const btf = openBtf(id);
    if (btf === undefined) continue;
    if (btfName(btf) === module) return btf;
    btf[Symbol.dispose]();
  }
}

/** `undefined` when it went meanwhile. */
function openBtf(id: number): Descriptor | undefined {
  try {
    return new Descriptor(bpf('btfGetFd', 'BTF_GET_FD_BY_ID', idAttribute(id, addressOf)));
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The module's name, `vmlinux`, or '' for types that a user loaded under none. */
function btfName(btf: Descriptor): string {
  const name = new Uint8Array(new ArrayBuffer(64));
  const bytes = new Uint8Array(new ArrayBuffer(32));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, addressOf(name), true);
  view.setUint32(24, name.length, true);
  bpf('objectInfo', 'OBJ_GET_INFO_BY_FD', objectInfoAttribute(btf.number, bytes, addressOf));
  const end = name.indexOf(0);
  return String.fromCharCode(...name.subarray(0, end < 0 ? name.length : end));
}

function info(object: Descriptor, size: number): DataView {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  bpf('objectInfo', 'OBJ_GET_INFO_BY_FD', objectInfoAttribute(object.number, bytes, addressOf));
  return new DataView(bytes.buffer);
}

function bpf(command: keyof typeof BpfCommand, name: string, attribute: Attribute): number {
  const { bytes } = attribute;
  return Number(systemCall('bpf', `bpf(${name})`, BpfCommand[command], addressOf(bytes), bytes.length));
}
