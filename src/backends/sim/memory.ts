import { SimError } from './error.js';

const pageBytes = 4096;
const pageShift = 12n;
const offsetMask = 0xfffn;

/** Pages that `find` remembers; a power of two. */
const rememberedPages = 256;

/**
 * A sparse 64-bit address space: pages that were mapped can be read and written, everything else faults.
 * Page numbers have 52 bits, which a number holds exactly.
 */
export class SimMemory {
  private readonly pages = new Map<number, Uint8Array>();
  /** For integers on their way into memory. */
  private readonly word = new Uint8Array(8);
  private readonly wordView = new DataView(this.word.buffer);
  /** Pages found lately or not (`undefined`), and their numbers or -1, by the low bits of these. */
  private readonly remembered = new Array<Uint8Array | undefined>(rememberedPages).fill(undefined);
  private readonly rememberedNumber = new Float64Array(rememberedPages).fill(-1);
  /** Where in the bytes that `find` gave the range begins. */
  foundAt = 0;

  /** Makes the pages of a range exist, zero-filled where they did not. */
  map(address: bigint, length: number): void {
    const last = pageNumber(address + BigInt(Math.max(1, length)) - 1n);
    for (let page = pageNumber(address); page <= last; page++) {
      if (!this.pages.has(page)) this.pages.set(page, new Uint8Array(pageBytes));
      this.rememberedNumber[page % rememberedPages] = -1;
    }
  }

  /** Bytes of a range, or `undefined` when any page of it is absent. A view where the range lies in one page. */
  read(address: bigint, length: number): Uint8Array | undefined {
    const page = this.pages.get(pageNumber(address));
    if (!page) return undefined;
    const start = Number(address & offsetMask);
    if (start + length <= pageBytes) return page.subarray(start, start + length);
    const rest = this.read(
      BigInt.asUintN(64, address + BigInt(pageBytes - start)),
      length - (pageBytes - start),
    );
    if (!rest) return undefined;
    const bytes = new Uint8Array(length);
    bytes.set(page.subarray(start));
    bytes.set(rest, pageBytes - start);
    return bytes;
  }

  /**
   * As `read`, with the address in halves and without a view: the range is in the bytes given from `foundAt` on. For what
   * reads very often.
   */
  find(high: number, low: number, length: number): Uint8Array | undefined {
    const start = low & (pageBytes - 1);
    if (start + length > pageBytes) return this.findAcross(high, low, length);
    const slot = (low >>> 12) & (rememberedPages - 1);
    const number = (high >>> 0) * 0x10_0000 + (low >>> 12);
    if (this.rememberedNumber[slot] !== number) this.remember(slot, number);
    const page = this.remembered[slot];
    if (page === undefined) return undefined;
    this.foundAt = start;
    return page;
  }

  private remember(slot: number, number: number): void {
    this.remembered[slot] = this.pages.get(number);
    this.rememberedNumber[slot] = number;
  }

  private findAcross(high: number, low: number, length: number): Uint8Array | undefined {
    this.foundAt = 0;
    return this.read((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0), length);
  }

  /** Writes bytes. Throws a `SimError` with code `unmapped` when a page is absent. */
  write(address: bigint, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = address + BigInt(done);
      const page = this.pages.get(pageNumber(at));
      if (!page) throw new SimError('unmapped', `nothing is mapped at 0x${at.toString(16)}`);
      const start = Number(at & offsetMask);
      const part = bytes.subarray(done, done + pageBytes - start);
      page.set(part, start);
      done += part.length;
    }
  }

  /** Writes a little-endian integer of 1 to 8 bytes; higher bits are cut. */
  writeInteger(address: bigint, size: number, value: bigint): void {
    this.wordView.setBigUint64(0, BigInt.asUintN(64, value), true);
    this.write(address, size === 8 ? this.word : this.word.subarray(0, size));
  }

  /** An unsigned little-endian integer. Throws as `write`. */
  readInteger(address: bigint, size: number): bigint {
    const bytes = this.read(address, size);
    if (!bytes) throw new SimError('unmapped', `nothing is mapped at 0x${address.toString(16)}`);
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  /** Writes a text, one byte per character, and its NUL. */
  writeText(address: bigint, text: string): void {
    this.write(
      address,
      Uint8Array.from(`${text}\0`, character => character.charCodeAt(0)),
    );
  }
}

function pageNumber(address: bigint): number {
  return Number(BigInt.asUintN(64, address) >> pageShift);
}
