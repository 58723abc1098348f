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
