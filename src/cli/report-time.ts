import { CommandError } from './error.js';

/** A time as lines show it, in the clock's unit: seconds with up to nine decimals, or a raw clock's whole number. Throws a `CommandError`. */
export function clockTime(option: string, text: string | undefined, clock: 'ns' | 'raw'): bigint | undefined {
  if (text === undefined) return undefined;
  if (clock === 'raw') {
    if (/^\d{1,20}$/.test(text)) return BigInt(text);
    throw new CommandError('usage', `${option}: this recording's clock counts whole numbers, not "${text}"`);
  }
  const [, seconds, decimals = ''] = /^(\d{1,11})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (seconds !== undefined) return BigInt(seconds) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0'));
  throw new CommandError('usage', `${option}: seconds such as 12.345678 are expected, not "${text}"`);
}
