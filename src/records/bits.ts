/**
 * The unsigned number in `width` bits (1 to 64), `bitOffset` bits behind byte `start`, little endian; `undefined` when
 * they do not all lie before byte `end`.
 */
export function bitsAt(
  view: DataView,
  start: number,
  end: number,
  bitOffset: number,
  width: number,
): bigint | undefined {
  const first = start + Math.floor(bitOffset / 8);
  const shift = bitOffset % 8;
  const bytes = Math.ceil((shift + width) / 8);
  if (width < 1 || width > 64 || bitOffset < 0 || first + bytes > end) return undefined;
  let value = 0n;
  for (let index = bytes - 1; index >= 0; index--)
    value = (value << 8n) | BigInt(view.getUint8(first + index));
  return BigInt.asUintN(width, value >> BigInt(shift));
}
