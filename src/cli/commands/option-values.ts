import { InvalidArgumentError, Option } from 'commander';

/** An option that may be given again and again: its value is all of them. `none` says what it is when not given. */
export function repeatable(flags: string, description: string, none = 'none'): Option {
  return new Option(flags, `${description} (repeatable)`)
    .argParser((value: string, previous: readonly string[]) => [...previous, value])
    .default([], none);
}

/** Adds `NAME=NUMBER` to those before; the number is decimal or `0x...`, of 64 bits. */
export function namedNumbers(text: string, previous?: ReadonlyMap<string, bigint>): Map<string, bigint> {
  const [, name, digits] = /^([A-Za-z_]\w*)=(\d{1,20}|0x[0-9a-f]{1,16})$/i.exec(text) ?? [];
  const value = digits === undefined ? undefined : BigInt(digits);
  if (name !== undefined && value !== undefined && value < 1n << 64n)
    return new Map(previous).set(name, value);
  throw new InvalidArgumentError('NAME=NUMBER is expected, such as vmemmap_base=0xffffea0000000000.');
}

/** A filter in the kernel's language; what it means is for the event to say. */
export function filterText(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError("A filter such as 'count > 100' is expected.");
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('A whole number above 0 is expected.');
}

const unitsInMs = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
/** Timers cannot wait longer. */
const longestDurationMs = 2 ** 31 - 1;

/** Milliseconds of `500ms`, `2s`, `1.5m`, `1h`. */
export function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const value = Number(number) * (unitsInMs.get(unit ?? '') ?? Number.NaN);
  if (value > 0 && value <= longestDurationMs) return value;
  throw new InvalidArgumentError('A time such as 500ms, 2s or 1m is expected, at most 24 days.');
}
