const decoder = new TextDecoder('utf-8');

/**
 * The text of a kernel file. Names in these files are ASCII, so the text has one unit for each byte and searches in it
 * run at the speed of memory; other bytes become U+FFFD, which no name contains. No bytes: the empty text.
 */
export function kernelText(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : decoder.decode(bytes);
}
