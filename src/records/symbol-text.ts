import { bytesOf } from './byte-text.js';
import type { SymbolNames } from './record.js';

interface Entry {
  readonly high: number;
  readonly low: number;
  readonly text: Uint8Array;
  readonly next: Entry | undefined;
}

const MOST_ENTRIES = 1 << 16;

/** Symbols of addresses as the kernel writes them, each looked up once (spec 12 section 7). */
export class SymbolText {
  readonly #symbols: SymbolNames;
  readonly #withOffset = new Map<number, Entry>();
  readonly #names = new Map<number, Entry>();

  constructor(symbols: SymbolNames) {
    this.#symbols = symbols;
  }

  /** `name+0xoff/0xsize [module]`, as `%pS`; `0x...` when no symbol covers the address. The halves are unsigned. */
  withOffset(high: number, low: number): Uint8Array {
    return (
      find(this.#withOffset, high, low) ?? remember(this.#withOffset, high, low, this.#describe(high, low))
    );
  }

  /** The bare name, as behind `<-`; eight hexadecimal digits or more when no symbol covers the address. */
  name(high: number, low: number): Uint8Array {
    const known = find(this.#names, high, low);
    if (known !== undefined) return known;
    const address = join(high, low);
    const text = this.#symbols.resolve(address)?.name ?? `0x${address.toString(16).padStart(8, '0')}`;
    return remember(this.#names, high, low, text);
  }

  #describe(high: number, low: number): string {
    const address = join(high, low);
    const symbol = this.#symbols.resolve(address);
    if (symbol === undefined) return `0x${address.toString(16)}`;
    const place = `${symbol.name}+0x${symbol.offset.toString(16)}/0x${symbol.size.toString(16)}`;
    return symbol.module === undefined ? place : `${place} [${symbol.module}]`;
  }
}

function join(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

function keyOf(high: number, low: number): number {
  return Math.imul(high, 0x9e3779b1) ^ low;
}

function find(cache: Map<number, Entry>, high: number, low: number): Uint8Array | undefined {
  let entry = cache.get(keyOf(high, low));
  while (entry !== undefined && (entry.low !== low || entry.high !== high)) entry = entry.next;
  return entry?.text;
}

function remember(cache: Map<number, Entry>, high: number, low: number, symbol: string): Uint8Array {
  if (cache.size >= MOST_ENTRIES) cache.clear();
  const text = bytesOf(symbol);
  const key = keyOf(high, low);
  cache.set(key, { high, low, text, next: cache.get(key) });
  return text;
}
