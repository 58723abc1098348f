/**
 * A word on its way into halves: `word[0] = value`, then `halves[lowHalf]` and `halves[highHalf]`. An array takes a bigint in
 * a fraction of the time that a `DataView` does.
 */
export const word = new BigUint64Array(1);
export const halves = new Int32Array(word.buffer);

// Arrays are laid out as the host's processor has it.
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
export const lowHalf = isLittleEndian ? 0 : 1;
export const highHalf = 1 - lowHalf;
