import type { FileOption } from './contents.js';
import { Cursor, untilNul } from './cursor.js';

/** Clocks that do not count nanoseconds (spec 12 R12-2). */
const RAW_CLOCKS = new Set(['counter', 'uptime', 'x86-tsc', 'ppc-tb']);

const Option = { date: 1, traceClock: 4, uname: 5, offset: 7, version: 9, tscToNs: 14 } as const;

/** How the numbers in the records become the times that are shown (spec 13 R13-13). */
export interface FileTime {
  readonly clock: 'ns' | 'raw';
  /** The clock's name; `undefined` when it is not told, or times are not those of the clock. */
  readonly clockName: string | undefined;
  /** What is shown for a recorded time, both modulo 2^64; `undefined`: the same. */
  readonly shift: ((time: bigint) => bigint) | undefined;
}

export function readTime(
  options: readonly FileOption[],
  bufferClock: string,
  littleEndian: boolean,
): FileTime {
  const find = (id: number) => options.find(option => option.id === id)?.data;
  const clockText = find(Option.traceClock);
  const named = clockText && /\[([\w-]+)\]/.exec(untilNul(clockText))?.[1];
  const toNs = find(Option.tscToNs);
  const added = numberOf(find(Option.date)) + numberOf(find(Option.offset));
  const multiplied = toNs !== undefined && toNs.length >= 8;
  const name = named ?? bufferClock;
  const clock = !multiplied && RAW_CLOCKS.has(name) ? 'raw' : 'ns';
  const clockName = multiplied || added !== 0n || name === '' ? undefined : name;
  if (!multiplied && added === 0n) return { clock, clockName, shift: undefined };
  if (!multiplied) return { clock, clockName, shift: time => BigInt.asUintN(64, time + added) };
  const cursor = new Cursor(toNs, littleEndian, undefined);
  const factor = BigInt(cursor.u32());
  const bits = BigInt(cursor.u32() & 63);
  return { clock, clockName, shift: time => BigInt.asUintN(64, ((time * factor) >> bits) + added) };
}

/** `uname -r` of the traced machine, '' when not told. */
export function readRelease(options: readonly FileOption[]): string {
  const uname = options.find(({ id }) => id === Option.uname)?.data;
  return uname === undefined ? '' : (untilNul(uname).split(' ')[2] ?? '');
}

/** The program that wrote the file, '' when not told. */
export function readWriter(options: readonly FileOption[]): string {
  const version = options.find(({ id }) => id === Option.version)?.data;
  return version === undefined ? '' : untilNul(version);
}

/** Decimal or `0x` with an optional sign; 0 for anything else. */
function numberOf(data: Uint8Array | undefined): bigint {
  const [, sign, digits] = /^\s*([-+]?)(0x[\da-f]{1,16}|\d{1,20})/i.exec(data ? untilNul(data) : '') ?? [];
  if (digits === undefined) return 0n;
  return sign === '-' ? -BigInt(digits) : BigInt(digits);
}
