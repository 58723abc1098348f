const decoder = new TextDecoder('utf-8');

export const newline = 0x0a;
export const tab = 0x09;
export const blank = 0x20;

/**
 * The text of a kernel file, or of a piece of it. These files are ASCII; other bytes become U+FFFD, which no name
 * contains. No bytes: the empty text.
 */
export function kernelText(bytes: Uint8Array | undefined, start = 0, end = bytes?.length): string {
  return bytes === undefined ? '' : decoder.decode(bytes.subarray(start, end));
}

/** The first place of a byte in `from` .. `to`, else `to`. */
export function findWithin(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== byte) at++;
  return at;
}

/** What a hexadecimal digit stands for; -1 for another character. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  return -1;
}
