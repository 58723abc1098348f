// The kernel's character classes: ASCII plus the Latin-1 letters (spec 01 section 4). Text is one byte per character.

/** Letter as the kernel's ctype table has it: 0xC0-0xFF are letters but for the two arithmetic signs. */
export function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a && code < 0x80) || (code >= 0xc0 && code !== 0xd7 && code !== 0xf7);
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** White space that separates words; 0xA0 is one of them. */
export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0;
}

/** Letter, digit or `_`. False past the end of a text (NaN). */
export function isWordCharacter(code: number): boolean {
  return isLetter(code) || isDigit(code) || code === 0x5f;
}

/** The rule for event and argument names: a C identifier over the kernel's letters (spec 01 section 4). */
export function isGoodName(text: string): boolean {
  const first = text.charCodeAt(0);
  if (!isLetter(first) && first !== 0x5f) return false;
  for (let i = 1; i < text.length; i++) if (!isWordCharacter(text.charCodeAt(i))) return false;
  return true;
}

/** The rule for group names: as `isGoodName`, with `-` allowed anywhere. */
export function isGoodGroupName(text: string): boolean {
  return text.length > 0 && isGoodName(text.replaceAll('-', '_'));
}

/** Text as UTF-8 bytes, one per character: how definitions travel through the language. */
export function toByteString(text: string): string {
  if (isAscii(text)) return text;
  return bytesToString(new TextEncoder().encode(text));
}

/** The reverse of `toByteString`; bytes that are not UTF-8 become U+FFFD. */
export function fromByteString(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  return new TextDecoder().decode(Uint8Array.from(bytes, c => c.charCodeAt(0)));
}

/** Bytes as a string of one character per byte. */
export function bytesToString(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
