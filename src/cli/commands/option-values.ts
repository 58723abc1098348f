import { InvalidArgumentError } from 'commander';

/** Gathers the values of an option that may be given again and again. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
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
