// Addresses of networks as the kernel prints them. The bytes are a byte string in network order; missing ones are 0.

const byteOf = (bytes: string, index: number) => bytes.charCodeAt(index) || 0;

/** `%pI4`. */
export function ipv4Text(bytes: string, start = 0): string {
  return [0, 1, 2, 3].map(index => byteOf(bytes, start + index)).join('.');
}

/** `%pI6`. */
export function ipv6Text(bytes: string): string {
  return groupsOf(bytes)
    .map(group => group.toString(16).padStart(4, '0'))
    .join(':');
}

/** `%pI6c`: the longest run of zeros as `::`, addresses mapped from the older ones with their dots. */
export function shortIpv6Text(bytes: string): string {
  const groups = groupsOf(bytes);
  const isMapped = groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff;
  const isTunnel = (groups[4]! | 0x0200) === 0x0200 && groups[5] === 0x5efe;
  const words = groups.slice(0, isMapped || isTunnel ? 6 : 8).map(group => group.toString(16));
  if (isMapped || isTunnel) words.push(ipv4Text(bytes, 12));
  const zeros = longestZeros(words);
  if (zeros.length < 2) return words.join(':');
  return `${words.slice(0, zeros.start).join(':')}::${words.slice(zeros.start + zeros.length).join(':')}`;
}

const AF_INET = 2;
const AF_INET6 = 10;

/** `%pIS` with the letters behind it: p port, c short, f flow, s scope. The family is in the byte order of the machine. */
export function socketAddressText(bytes: string, letters: string, littleEndian: boolean): string {
  const two = (index: number) => byteOf(bytes, index) * 256 + byteOf(bytes, index + 1);
  const four = (index: number) => (two(index) * 65536 + two(index + 2)) >>> 0;
  const family = littleEndian ? byteOf(bytes, 0) + byteOf(bytes, 1) * 256 : two(0);
  const port = letters.includes('p') ? `:${two(2)}` : '';
  if (family === AF_INET) return ipv4Text(bytes, 4) + port;
  if (family !== AF_INET6) return '(einval)';
  const address = bytes.slice(8, 24);
  const text = letters.includes('c') ? shortIpv6Text(address) : ipv6Text(address);
  const flow = letters.includes('f') ? `/${four(4) & 0x0fffffff}` : '';
  const scopeBytes = [24, 25, 26, 27].map(index => byteOf(bytes, index));
  if (littleEndian) scopeBytes.reverse();
  const scope = letters.includes('s') ? `%${scopeBytes.reduce((sum, value) => sum * 256 + value, 0)}` : '';
  const isBracketed = port !== '' || flow !== '' || scope !== '';
  return isBracketed ? `[${text}]${port}${flow}${scope}` : text;
}

/** `%pM` (`:`), `%pMF` (`-`), `%pm`. */
export function hardwareAddressText(letter: string, bytes: string): string {
  return hexBytes(bytes.padEnd(6, '\0').slice(0, 6), letter === 'pm' ? '' : letter === 'pMF' ? '-' : ':');
}

/** `%pU` and its forms: `l` and `L` store the first three groups with the lowest byte first; capitals print capitals. */
export function uuidText(letter: string, bytes: string): string {
  const isLittle = /l$/i.test(letter);
  const order = isLittle
    ? [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
    : Array.from({ length: 16 }, (_, index) => index);
  const digits = order.map(index => byteOf(bytes, index).toString(16).padStart(2, '0')).join('');
  const text = digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return /[BL]$/.test(letter) ? text.toUpperCase() : text;
}

/** Bytes as two digits each. */
export function hexBytes(bytes: string, separator: string): string {
  return Array.from(bytes, byte => byte.charCodeAt(0).toString(16).padStart(2, '0')).join(separator);
}

function groupsOf(bytes: string): number[] {
  return Array.from(
    { length: 8 },
    (_, index) => byteOf(bytes, index * 2) * 256 + byteOf(bytes, index * 2 + 1),
  );
}

function longestZeros(words: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  for (const [index, word] of words.entries()) {
    length = word === '0' ? length + 1 : 0;
    if (length > longest.length) longest = { start: index - length + 1, length };
  }
  return longest;
}
