import { type DirectMemory, findPlain, findUser, isBelowTaskSize, joinHalves } from './direct-memory.js';
import { type FaultListener, symbolText } from './interpreter.js';
import type { Machine } from './machine.js';
import { commToken, maxStringBytes } from './memory.js';
import { fail, failAt } from './tell-fault.js';

/** Bytes read ahead when text is scanned: as the interpreter reads, so that both meet the same faults. */
const chunkBytes = 64;

const noBytes = new Uint8Array(0);

/** Reads the texts of a generated program while that runs. */
export class TextReader {
  machine!: Machine;
  memory!: DirectMemory;
  onFault: FaultListener | undefined;
  userSpace = false;
  /** Where the last scan of a text stopped. */
  #scanEnd: 'nul' | 'limit' | 'fault' = 'nul';

  begin(machine: Machine, memory: DirectMemory, onFault: FaultListener | undefined): void {
    this.machine = machine;
    this.memory = memory;
    this.onFault = onFault;
    this.userSpace = machine.userSpace;
  }

  /** `ST_STRING` and `ST_USTRING` in the sizing pass; as the interpreter's `measureText`. */
  measureText(isUser: boolean, high: number, low: number): number {
    if (this.#isToken(high, low)) return this.machine.comm().length + 1;
    const length = this.#scan(isUser, high, low, noBytes, 0, maxStringBytes);
    if (this.#scanEnd === 'fault') return 0;
    if (this.#scanEnd === 'nul') return length + 1;
    if (this.userSpace) return 0;
    return isUser || isBelowTaskSize(this.memory, high, low) ? maxStringBytes + 1 : maxStringBytes;
  }

  /** `ST_SYMSTR` in the sizing pass. */
  measureSymbol(high: number, low: number): number {
    return symbolText(this.machine, joinHalves(high, low)).length + 1;
  }

  /** `ST_STRING` and `ST_USTRING`: stores a text at the location that is preset at byte `at`. */
  storeText(
    isUser: boolean,
    high: number,
    low: number,
    bytes: Uint8Array,
    view: DataView,
    at: number,
    slot: number,
    element: number,
  ): number {
    const location = view.getUint32(at, true);
    const start = location & 0xffff;
    const room = roomAt(location, bytes.length);
    if (room <= 0) return failAt(this.onFault, 'no-space', high, low, slot, element);
    const length = this.#isToken(high, low)
      ? this.#copyComm(bytes, start, room)
      : this.#scan(isUser, high, low, bytes, start, room);
    bytes[start + Math.min(length, room - 1)] = 0;
    if (this.#scanEnd === 'fault') {
      view.setUint32(at, start, true);
      if (this.onFault === undefined) return 0;
      const address = BigInt.asUintN(64, joinHalves(high, low) + BigInt(length));
      return fail(this.onFault, 'string', address, slot, element);
    }
    const used = Math.min(length + 1, room);
    view.setUint32(at, ((used << 16) | start) >>> 0, true);
    return used;
  }

  /** `ST_SYMSTR`: the location stays as it was preset, and the NUL is not counted. */
  storeSymbol(
    high: number,
    low: number,
    bytes: Uint8Array,
    view: DataView,
    at: number,
    slot: number,
    element: number,
  ): number {
    const location = view.getUint32(at, true);
    const start = location & 0xffff;
    const room = roomAt(location, bytes.length);
    if (room <= 0) return failAt(this.onFault, 'no-space', high, low, slot, element);
    const text = symbolText(this.machine, joinHalves(high, low));
    for (let i = 0; i < room; i++) bytes[start + i] = i < text.length ? text.charCodeAt(i) : 0;
    return Math.min(text.length, room);
  }

  /**
   * Reads up to `limit` bytes of text and stops before a NUL; `#scanEnd` tells why. Answers the length. They go to
   * `into` from `start` on, unless that is empty.
   */
  #scan(isUser: boolean, high: number, low: number, into: Uint8Array, start: number, limit: number): number {
    let length = 0;
    let whole = true;
    const keep = into.length > 0;
    while (length < limit) {
      const sum = (low >>> 0) + length;
      const atLow = sum | 0;
      const atHigh = (high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      const wanted = whole ? Math.min(chunkBytes - (atLow & (chunkBytes - 1)), limit - length) : 1;
      const found = isUser
        ? findUser(this.memory, atHigh, atLow, wanted)
        : findPlain(this.memory, this.userSpace, atHigh, atLow, wanted);
      if (!found) {
        if (wanted > 1) {
          // Memory may end inside the chunk: from here on byte by byte, as the kernel reads.
          whole = false;
          continue;
        }
        this.#scanEnd = 'fault';
        return length;
      }
      const { bytes, at } = this.memory;
      for (let i = 0; i < wanted; i++) {
        const byte = bytes[at + i]!;
        if (byte === 0) {
          this.#scanEnd = 'nul';
          return length;
        }
        if (keep) into[start + length] = byte;
        length++;
      }
    }
    this.#scanEnd = 'limit';
    return length;
  }

  /** In user space the task's name is a token and not an address. */
  #isToken(high: number, low: number): boolean {
    return this.userSpace && joinHalves(high, low) === commToken;
  }

  #copyComm(bytes: Uint8Array, start: number, room: number): number {
    const name = this.machine.comm();
    const length = Math.min(name.length, room);
    for (let i = 0; i < length; i++) bytes[start + i] = name.charCodeAt(i);
    this.#scanEnd = 'nul';
    return length;
  }
}

/** Bytes of a preset location (spec 11 R11-19) that the record has. */
function roomAt(location: number, length: number): number {
  const start = location & 0xffff;
  return Math.min(start + (location >>> 16), length) - start;
}
