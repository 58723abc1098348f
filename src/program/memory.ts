import type { Machine } from './machine.js';

/** Longest text fetched, its NUL included (spec 03 section 6). */
export const maxStringBytes = 4096;

/** Which rules a read follows: the operation's, spec 04 section 1. */
export type MemoryRules = 'kernel' | 'user';

/** The value that `COMM` loads in user space, where only a string store understands it. */
export const commToken = 0xffff_ffff_ffff_ffffn;

/** Bytes read ahead when text is scanned; divides a page, so that a chunk never crosses into an absent one. */
const chunkBytes = 64;

/** Address arithmetic of the machine: modulo 2^64. */
export function addressPlus(address: bigint, offset: number): bigint {
  return BigInt.asUintN(64, address + BigInt(offset));
}

/** True where a read by these rules goes to user memory. */
function isUserRead(machine: Machine, rules: MemoryRules, address: bigint): boolean {
  return rules === 'user' || machine.userSpace || address < machine.taskSize;
}

/** Bytes of memory by the operation's rules, or `undefined` on a fault. */
export function readMemory(
  machine: Machine,
  rules: MemoryRules,
  address: bigint,
  length: number,
): Uint8Array | undefined {
  if (!isUserRead(machine, rules, address)) return machine.readKernel(address, length);
  // An explicit user read of a kernel address faults even if something is mapped there.
  if (address >= machine.taskSize && machine.taskSize !== 0n) return undefined;
  return machine.readUser(address, length);
}

/** The machine word at an address, or `undefined` on a fault. */
export function readWord(machine: Machine, rules: MemoryRules, address: bigint): bigint | undefined {
  const bytes = readMemory(machine, rules, address, 8);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}

/** Text read from memory, or where it could not be read. */
interface ScannedText {
  /** Text without its NUL; at most the limit asked for. */
  readonly bytes: Uint8Array;
  /** Whether the scan met the NUL, the limit or an address that cannot be read. */
  readonly end: 'nul' | 'limit' | 'fault';
  /** Where the scan stopped. */
  readonly address: bigint;
}

/** Reads up to `limit` bytes of text; stops before a NUL. */
function scanText(machine: Machine, rules: MemoryRules, address: bigint, limit: number): ScannedText {
  const found = new Uint8Array(limit);
  let length = 0;
  let whole = true;
  while (length < limit) {
    const at = addressPlus(address, length);
    const ahead = Math.min(chunkBytes - Number(at % BigInt(chunkBytes)), limit - length);
    const chunk = readMemory(machine, rules, at, whole ? ahead : 1);
    if (!chunk && whole && ahead > 1) {
      // Memory may end inside the chunk: from here on byte by byte, as the kernel reads.
      whole = false;
      continue;
    }
    if (!chunk) return { bytes: found.subarray(0, length), end: 'fault', address: at };
    const nul = chunk.indexOf(0);
    const use = nul < 0 ? chunk : chunk.subarray(0, nul);
    found.set(use, length);
    length += use.length;
    if (nul >= 0)
      return { bytes: found.subarray(0, length), end: 'nul', address: addressPlus(address, length) };
  }
  return { bytes: found, end: 'limit', address: addressPlus(address, length) };
}

/** In user space the task's name is a token and not an address: its text, else `undefined`. */
function tokenText(machine: Machine, address: bigint): Uint8Array | undefined {
  if (!machine.userSpace || address !== commToken) return undefined;
  return Uint8Array.from(machine.comm(), character => character.charCodeAt(0));
}

/** Bytes that a text needs, its NUL included, as the sizing pass counts them; 0 on a fault (spec 04 section 4). */
export function measureText(machine: Machine, rules: MemoryRules, address: bigint): number {
  const name = tokenText(machine, address);
  if (name) return name.length + 1;
  const text = scanText(machine, rules, address, maxStringBytes);
  if (text.end === 'fault') return 0;
  if (text.end === 'nul') return text.bytes.length + 1;
  if (machine.userSpace) return 0;
  return isUserRead(machine, rules, address) ? maxStringBytes + 1 : maxStringBytes;
}

/**
 * Copies a text into `room`, cut to fit with its NUL. Returns the bytes used, the NUL included, or the address
 * that could not be read; then the readable part is in `room`, ended by a NUL.
 */
export function copyText(
  machine: Machine,
  rules: MemoryRules,
  address: bigint,
  room: Uint8Array,
): number | bigint {
  const name = tokenText(machine, address);
  const text: ScannedText = name
    ? { bytes: name.subarray(0, room.length), end: 'nul', address }
    : scanText(machine, rules, address, room.length);
  room.set(text.bytes);
  if (text.bytes.length < room.length) room[text.bytes.length] = 0;
  else room[room.length - 1] = 0;
  return text.end === 'fault' ? text.address : Math.min(text.bytes.length + 1, room.length);
}
