import { latin1 } from './utf8.js';

const LINE = /^0x([\da-f]{1,16}) : "(.*)"\r?$/i;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/**
 * Reads the text of `printk_formats`: texts of the kernel by their address, as byte strings. Records of some events hold
 * such an address only. Lines that are something else are left out.
 */
export function parsePrintkFormats(text: Uint8Array | undefined): ReadonlyMap<bigint, string> {
  const strings = new Map<bigint, string>();
  for (const line of latin1(text ?? new Uint8Array()).split('\n')) {
    const [, address, escaped] = LINE.exec(line) ?? [];
    if (address === undefined || escaped === undefined) continue;
    strings.set(
      BigInt(`0x${address}`),
      escaped.replace(/\\(.)/g, (_, character: string) => ESCAPED[character] ?? character),
    );
  }
  return strings;
}
