import { FixedText } from './byte-text.js';
import type { SymbolNames } from './record.js';

const MOST_ENTRIES = 1 << 14;
/** Of all kept texts: names of flags may be as long as a format likes. */
const MOST_BYTES = 1 << 21;
/** Places of the table of those asked for last; a power of two. */
const RECENT = 1 << 10;

/** One text for all numbers below one; `undefined`: that number is not known. */
export interface TextBelow {
  readonly text: FixedText;
  readonly number: () => bigint | undefined;
}

/** Bytes written for an address or another number of 64 bits, made once for each. */
export class AddressText {
  readonly #describe: (address: bigint, high: number, low: number) => FixedText;
  readonly #below: TextBelow | undefined;
  /** Numbers whose upper halves are below this one have the text of `#below`. */
  #lowestHigh = 0;
  readonly #texts = new Map<bigint, FixedText>();
  /** Bytes of `#texts`. */
  #bytes = 0;
  #recent: (FixedText | undefined)[] = [];
  #highs = new Int32Array(0);
  #lows = new Int32Array(0);

  /** `describe` gets the address whole and as signed halves. `below` spares it, and the table, numbers that are many. */
  constructor(describe: (address: bigint, high: number, low: number) => FixedText, below?: TextBelow) {
    this.#describe = describe;
    this.#below = below;
  }

  /** Numbers whose upper halves are below this one are known to have an empty text. */
  get emptyBelow(): number {
    return this.#below?.text.length === 0 ? this.#lowestHigh : 0;
  }

  /** What is written for the address with these halves, signed or unsigned 32-bit integers. */
  of(addressHigh: number, addressLow: number): FixedText {
    if (addressHigh >>> 0 < this.#lowestHigh) return this.#below!.text;
    const high = addressHigh | 0;
    const low = addressLow | 0;
    const place = (Math.imul(low, 0x9e3779b1) >>> 16) & (RECENT - 1);
    const text = this.#recent[place];
    if (text !== undefined && this.#lows[place] === low && this.#highs[place] === high) return text;
    return this.#find(place, high, low);
  }

  #find(place: number, high: number, low: number): FixedText {
    const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    let text = this.#texts.get(address);
    if (text === undefined) {
      if (this.#texts.size >= MOST_ENTRIES || this.#bytes >= MOST_BYTES) this.#forget();
      text = this.#describe(address, high, low);
      this.#bytes += text.length;
      // Asked for no sooner than symbols were needed.
      if (this.#lowestHigh === 0) this.#lowestHigh = Number((this.#below?.number() ?? 0n) >> 32n);
      this.#texts.set(address, text);
    }
    if (this.#recent.length === 0) {
      this.#recent = new Array<FixedText | undefined>(RECENT).fill(undefined);
      this.#highs = new Int32Array(RECENT);
      this.#lows = new Int32Array(RECENT);
    }
    this.#recent[place] = text;
    this.#highs[place] = high;
    this.#lows[place] = low;
    return text;
  }

  #forget(): void {
    this.#texts.clear();
    this.#bytes = 0;
    this.#recent = [];
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
