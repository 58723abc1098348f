import { FixedText } from './byte-text.js';
import type { SymbolNames } from './record.js';

interface Entry {
  readonly high: number;
  readonly low: number;
  readonly text: FixedText;
  readonly next: Entry | undefined;
}

const MOST_ENTRIES = 1 << 16;

/** Bytes written for an address, made once per address. */
export class AddressText {
  readonly #describe: (address: bigint) => FixedText;
  readonly #entries = new Map<number, Entry>();

  constructor(describe: (address: bigint) => FixedText) {
    this.#describe = describe;
  }

  /** What is written for the address with these halves, signed or unsigned 32-bit integers. */
  of(addressHigh: number, addressLow: number): FixedText {
    const high = addressHigh | 0;
    const low = addressLow | 0;
    const key = Math.imul(high, 0x9e3779b1) ^ low;
    let entry = this.#entries.get(key);
    while (entry !== undefined && (entry.low !== low || entry.high !== high)) entry = entry.next;
    return entry === undefined ? this.#remember(key, high, low) : entry.text;
  }

  #remember(key: number, high: number, low: number): FixedText {
    if (this.#entries.size >= MOST_ENTRIES) this.#entries.clear();
    const text = this.#describe((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
    this.#entries.set(key, { high, low, text, next: this.#entries.get(key) });
    return text;
  }
}

/** `name+0xoff/0xsize [module]`, as `%pS`; `0x...` when no symbol covers the address (spec 12 R12-15). */
export function symbolsWithOffset(symbols: SymbolNames): AddressText {
  return new AddressText(address => {
    const symbol = symbols.resolve(address);
    if (symbol === undefined) return FixedText.of(`0x${address.toString(16)}`);
    const place = `${symbol.name}+0x${symbol.offset.toString(16)}/0x${symbol.size.toString(16)}`;
    return FixedText.of(symbol.module === undefined ? place : `${place} [${symbol.module}]`);
  });
}

/** Where functions with a return probe seem to return to, and what the kernel prints for it instead of the symbol. */
const trampolines = new Set(['arch_rethook_trampoline', '__kretprobe_trampoline', 'kretprobe_trampoline']);
const hiddenByProbe = FixedText.of("[unknown/kretprobe'd]");

/** The place of a record, as in `(PLACE)` and `(PLACE <- FUNCTION)`: `symbolsWithOffset` but for the trampoline. */
export function recordPlaces(symbols: SymbolNames, withOffset: AddressText): AddressText {
  return new AddressText(address => {
    const symbol = symbols.resolve(address);
    if (symbol !== undefined && symbol.offset === 0 && trampolines.has(symbol.name)) return hiddenByProbe;
    return withOffset.of(Number(address >> 32n), Number(address & 0xffffffffn));
  });
}

/** The bare name behind `<-`; where no symbol covers the address, it has at least eight hexadecimal digits. */
export function symbolNames(symbols: SymbolNames): AddressText {
  return new AddressText(address =>
    FixedText.of(symbols.resolve(address)?.name ?? `0x${address.toString(16).padStart(8, '0')}`),
  );
}

/** The name with its module, as `%ps`; `0x...` when no symbol covers the address. */
export function symbolsWithoutOffset(symbols: SymbolNames): AddressText {
  return new AddressText(address => {
    const symbol = symbols.resolve(address);
    if (symbol === undefined) return FixedText.of(`0x${address.toString(16)}`);
    return FixedText.of(symbol.module === undefined ? symbol.name : `${symbol.name} [${symbol.module}]`);
  });
}
