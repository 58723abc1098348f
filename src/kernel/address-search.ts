import { type AddressEntry, moduleOfLine, type OwnedAddress, symbolEnd } from './address-table.js';
import { kernelText } from './text.js';

const digits = 16;
/** Addresses that share this many digits lie within 64 KiB: mostly both neighbours are among them. */
const firstPrefix = 12;
/** Below that, most of the kernel shares the digits, and a table is as fast. */
const lastPrefix = 9;

interface Line extends OwnedAddress {
  readonly lineStart: number;
}

/**
 * Looks an address of the kernel's image up in the text of kallsyms without a table, which takes a twentieth of the time
 * that making one takes. Answers as `AddressTable` does, or `undefined` where it can't: a place outside the image, a neighbour
 * that is far away, addresses that are hidden or written otherwise.
 */
export class AddressSearch {
  readonly #bytes: Uint8Array;
  readonly #text: string;
  readonly #image: { readonly first: bigint; readonly end: bigint } | undefined;

  constructor(kallsyms: Uint8Array) {
    this.#bytes = kallsyms;
    this.#text = kernelText(kallsyms);
    // Of equal length, text and bytes have the same places.
    this.#image = this.#text.length === kallsyms.length ? this.#findImage() : undefined;
  }

  at(address: bigint): AddressEntry | undefined {
    const image = this.#image;
    if (image === undefined || address < image.first || address >= image.end) return undefined;
    const written = address.toString(16).padStart(digits, '0');
    for (let length = firstPrefix; length >= lastPrefix; length--) {
      const lines = this.#linesFrom(written.slice(0, length), image);
      const below = lines.filter(line => line.address <= address);
      const above = lines.filter(line => line.address > address);
      if (below.length === 0 || above.length === 0) continue;
      const highest = below.reduce((highest, line) => (line.address > highest.address ? line : highest));
      const start = highest.address;
      const same = below.filter(line => line.address === start);
      const next = above.reduce((lowest, line) => (line.address < lowest.address ? line : lowest));
      const end = symbolEnd(same[same.length - 1]!, next, image.end);
      if (address >= end) return undefined;
      return { lineStart: highest.lineStart, offset: Number(address - start), size: Number(end - start) };
    }
    return undefined;
  }

  /** All symbols whose addresses begin with these digits, in file order. */
  #linesFrom(prefix: string, { first, end }: { first: bigint; end: bigint }): readonly Line[] {
    const found: Line[] = [];
    const add = (lineStart: number) => {
      const address = this.#addressOf(lineStart);
      if (address === undefined || address === 0n) return;
      const module = moduleOfLine(this.#bytes, lineStart);
      if (module !== '' || (address >= first && address <= end)) found.push({ lineStart, address, module });
    };
    if (this.#text.startsWith(prefix)) add(0);
    const wanted = `\n${prefix}`;
    for (let at = this.#text.indexOf(wanted); at >= 0; at = this.#text.indexOf(wanted, at + 1)) add(at + 1);
    return found;
  }

  #addressOf(lineStart: number): bigint | undefined {
    const written = this.#text.slice(lineStart, lineStart + digits + 1);
    return /^[0-9a-f]{16} $/.test(written) ? BigInt(`0x${written.trimEnd()}`) : undefined;
  }

  #findImage() {
    const first = this.#mark('_stext');
    const end = this.#mark('_end');
    return first === undefined || end === undefined ? undefined : { first, end };
  }

  /** The first line of a name; addresses of zero are hidden ones. */
  #mark(name: string): bigint | undefined {
    const wanted = ` ${name}\n`;
    const at = this.#text.indexOf(wanted);
    const address = at < 0 ? undefined : this.#addressOf(this.#text.lastIndexOf('\n', at) + 1);
    return address === 0n ? undefined : address;
  }
}
