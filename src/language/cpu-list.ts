import { isSpace } from './bytes.js';

/** Numbers of a list are kept in 32 bits. */
const largestNumber = 0xffffffff;

/**
 * Does the kernel read the text as a list of processors out of `cpus`? Regions `all`, `3`, `0-3`, `0-6:1/2`, `N` for
 * the last one, between commas or white space; empty regions count for nothing.
 */
export function isCpuList(text: string, cpus: number): boolean {
  const reader = new ListReader(text, cpus);
  while (reader.findRegion()) if (!reader.region()) return false;
  return true;
}

class ListReader {
  private at = 0;
  private readonly text: string;
  private readonly cpus: number;

  constructor(text: string, cpus: number) {
    // A line feed ends the list.
    this.text = text.split('\n', 1)[0]!;
    this.cpus = cpus;
  }

  /** Moves to where a region begins; false at the end. */
  findRegion(): boolean {
    while (this.at < this.text.length && this.atEndOfRegion()) this.at++;
    return this.at < this.text.length;
  }

  /** Reads a region; what stands behind its last number begins the next one. */
  region(): boolean {
    const { start, end } = this.range();
    if (start === undefined || end === undefined || start > end || end >= this.cpus) return false;
    if (this.atEndOfRegion()) return true;
    if (!this.take(':')) return false;
    const used = this.number();
    if (used === undefined || !this.take('/')) return false;
    const group = this.number();
    return group !== undefined && group > 0 && used <= group;
  }

  private range(): { start?: number | undefined; end?: number | undefined } {
    if (/^all/i.test(this.text.slice(this.at, this.at + 3))) {
      this.at += 3;
      return { start: 0, end: this.cpus - 1 };
    }
    const start = this.number();
    if (start === undefined || this.atEndOfRegion()) return { start, end: start };
    return this.take('-') ? { start, end: this.number() } : {};
  }

  private number(): number | undefined {
    if (this.take('N')) return this.cpus - 1;
    const digits = /^[0-9]+/.exec(this.text.slice(this.at))?.[0];
    if (digits === undefined || Number(digits) > largestNumber) return undefined;
    this.at += digits.length;
    return Number(digits);
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private atEndOfRegion(): boolean {
    const character = this.text.charCodeAt(this.at);
    return this.at >= this.text.length || this.text[this.at] === ',' || isSpace(character);
  }
}
