import { type Btf, BtfKind, type TypeId } from '../src/btf/index.js';
import { isText } from './chains.js';
import type { Random, Weighted } from './random.js';

// Small texts that definitions consist of: numbers, type names, argument names, event names.

/** A list of texts without blanks, written with blanks between. */
export function split(text: string): string[] {
  return text.split(' ');
}

export const plainTypes: readonly string[] = [...split('u8 u16 u32 u64 s8 s16 s32 s64 x8 x16 x32 x64 char')];
export const stringTypes: readonly string[] = ['string', 'ustring', 'symstr'];
export const allTypes: readonly string[] = [...plainTypes, 'symbol', ...stringTypes];
export const registers: readonly string[] = [
  ...split('ax bx cx dx si di bp sp r8 r9 r10 r11 r12 r13 r14 r15'),
  ...split('ip flags cs ss orig_ax'),
];
/** Names that no argument may have, and some near them that it may. */
export const reservedNames: readonly string[] = [
  ...split('common_type common_flags common_preempt_count common_pid common_tgid'),
  ...split('__probe_ip __probe_ret_ip __probe_func common_prio ip func id if __data_loc'),
];

export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** A number as a user may write it: any base, any sign, sometimes at a limit, sometimes wrong. */
export function numberText(random: Random): string {
  return random.weighted<() => string>([
    [8, () => String(random.below(300))],
    [4, () => hex(random.below(4096))],
    [2, () => `0${random.between(1, 7)}${random.below(8)}`],
    [1, () => `-${random.below(100)}`],
    [1, () => `+${random.below(100)}`],
    [1, () => hex(random.below(2 ** 31) * 4096 + random.below(4096))],
    [1, () => limitNumber(random)],
    [0.5, () => oddNumber(random)],
  ])();
}

/** A number at the border of a width, on either side of it. */
export function limitNumber(random: Random): string {
  const border = 1n << BigInt(random.pick([7, 8, 15, 16, 31, 32, 63, 64, 12, 6]));
  const value = border + BigInt(random.between(-1, 1));
  const digits = random.weighted<() => string>([
    [3, () => value.toString()],
    [3, () => hex(value)],
    [1, () => `0${value.toString(8)}`],
    [0.5, () => hex(value).toUpperCase()],
  ])();
  return random.pick(['', '', '', '-', '+']) + digits;
}

/** Something near a number. */
export function oddNumber(random: Random): string {
  const digits = String(random.below(100));
  return random.pick([
    ...[...split('- + 0x 0X1f 0x-1 08 019 0b1 1_0 --1 ++1 +-1 -+1 1.5 1e3'), ''],
    ...[...split('0xg 0o7 00 -0 +0 0x0 000000000000000000000012 0x00000000000000000000ff'), "'a'"],
    ...[`${digits}x`, `${digits}u`, `${digits}L`, `x${digits}`, `0${digits}`, `$${digits}`, `-0x${digits}`],
  ]);
}

/** The offset of a dereference, with its sign. */
export function offsetText(random: Random): string {
  const user = random.chance(0.15) ? 'u' : '';
  return random.weighted<() => string>([
    [6, () => `+${user}${random.below(64)}`],
    [3, () => `+${user}${hex(random.below(512))}`],
    [2, () => `-${user}${random.below(64)}`],
    [1, () => `-${user}${hex(random.below(64))}`],
    [0.5, () => `+${user}0${random.between(1, 7)}`],
    [0.5, () => `${random.pick('+-')}${user}${limitNumber(random)}`],
    [0.4, () => `${random.pick('+-')}${user}${oddNumber(random)}`],
  ])();
}

export function arrayType(random: Random, element: string): string {
  const size = random.weighted<() => string>([
    [6, () => String(random.between(1, 8))],
    [2, () => String(random.between(9, 64))],
    [1, () => hex(random.between(1, 64))],
    [0.5, () => `0${random.between(1, 7)}`],
    [0.4, () => random.pick([...split('0 65 64 63 256 -1 +1 4294967297 0x40 0x41 0100'), ''])],
  ])();
  return `${element}[${size}]`;
}

export function bitfieldType(random: Random): string {
  const size = random.pick([8, 16, 32, 64]);
  const width = random.between(1, size);
  const offset = random.below(size - width + 1);
  if (random.chance(0.85)) return `b${width}@${offset}/${size}`;
  const number = (): string =>
    random.pick([String(random.below(70)), oddNumber(random), limitNumber(random)]);
  return random.pick([
    `b${number()}@${offset}/${size}`,
    `b${width}@${number()}/${size}`,
    `b${width}@${offset}/${number()}`,
    `b${width}@${offset}`,
    `b${width}/${size}`,
    `b@${offset}/${size}`,
    `b${width}@${offset}/${size}[${random.between(0, 3)}]`,
    `b${width}@${offset}/${size}${random.pick('x/@ b0')}`,
    `b${hex(width)}@${hex(offset)}/${hex(size)}`,
    `b0${width.toString(8)}@0${offset.toString(8)}/0${size.toString(8)}`,
  ]);
}

/** A type that no kernel knows, or one in a place where it means something else. */
export function oddType(random: Random): string {
  return random.pick([
    ...[...split('unknown_type u1 u128 U8 s x x128 char* int str strings ustr symbols'), ''],
    ...split('symstring u8: u8:u8 :u8 b bool %p %pd %pD %pdd % 8 void u8* xstring'),
    ...split('stringx mystring ustringstring u32\xe9 u8[2]:u8 u8[2][2] u8[2 u8[ u8] u8[2]x [2]'),
    ...split('string[2] ustring[2] symstr[2] symbol[2] char[4] String b1 u8\xa0 s64[0x10] u016'),
  ]);
}

/** A type that suits a value, mostly. */
export function fittingType(random: Random, btf: Btf | undefined, type: TypeId | undefined): string {
  const element = random.pick(plainTypes);
  const odd: Weighted<string>[] = [
    [0.5, random.pick(allTypes)],
    [0.2, oddType(random)],
  ];
  if (btf !== undefined && type !== undefined) {
    if (isText(btf, type)) {
      return random.weighted([
        [6, 'string'],
        [2, 'ustring'],
        [1, arrayType(random, 'string')],
        [1, arrayType(random, 'char')],
        [1, element],
        [0.5, 'symstr'],
        ...odd,
      ]);
    }
    const kind = btf.kind(btf.skipModifiers(type));
    if (kind === BtfKind.Ptr) {
      return random.weighted([
        [3, 'x64'],
        [2, 'symbol'],
        [1.5, 'symstr'],
        [1, 'string'],
        [1, element],
        ...odd,
      ]);
    }
    if (kind === BtfKind.Array) {
      return random.weighted([[4, arrayType(random, element)], [2, element], [1, 'string'], ...odd]);
    }
  }
  return random.weighted([
    [7, element],
    [2, bitfieldType(random)],
    [1, arrayType(random, element)],
    [1, 'symbol'],
    [0.8, 'string'],
    [0.5, 'ustring'],
    [0.5, 'symstr'],
    ...odd,
  ]);
}

/** What stands after the kind letter: nothing, `:EVENT`, `:GROUP/EVENT` and other spellings. */
export function eventText(random: Random): string {
  const event = (): string =>
    random.weighted<() => string>([
      [6, () => random.identifier(random.between(1, 14))],
      [0.5, () => random.identifier(random.pick([62, 63]))],
      [0.15, () => random.identifier(random.pick([64, 65, 100]))],
      [0.5, () => `_${random.below(100)}`],
    ])();
  const group = (): string =>
    random.weighted<() => string>([
      [4, () => random.pick(split('fprobes kprobes uprobes eprobes mygrp g1 probe-grp a- -a'))],
      [2, () => random.identifier(random.between(1, 12))],
      [0.3, () => random.identifier(random.pick([62, 63]))],
      [0.15, () => random.identifier(random.pick([64, 65]))],
    ])();
  return random.weighted<() => string>([
    [9, () => ''],
    [4, () => `:${event()}`],
    [3, () => `:${group()}/${event()}`],
    [1, () => `:${group()}.${event()}`],
    [0.8, () => `:${group()}/`],
    [0.2, () => `:${group()}.`],
    [0.2, () => `${random.pick(split('x probe F -'))}:${event()}`],
    [0.1, () => `${random.pick(split('x probe _ -'))}`],
  ])();
}

export function argumentName(random: Random): string {
  return random.weighted<() => string>([
    [8, () => ''],
    [6, () => random.pick(split('a b v x val ptr name len ret')) + random.pick(['', random.below(20)])],
    [0.5, () => random.identifier(random.between(1, 32))],
    [0.1, () => random.identifier(random.between(31, 34))],
    [0.3, () => `arg${random.between(1, 5)}`],
    [0.2, () => random.pick(reservedNames)],
    [0.15, () => random.pick([...split('1a a.b a-b a:b \xe9 a\xe9 \xd7 _ $a a[0] % A'), '', 'a b'])],
  ])();
}

/** The same text with one character wrong. */
export function misspell(random: Random, text: string): string {
  const at = random.below(Math.max(1, text.length));
  return random.pick([
    text.slice(0, at) + text.slice(at + 1) || 'q',
    text.slice(0, at) + random.pick('xqz_9.') + text.slice(at),
    `${text}_`,
    `${text.slice(0, at)}${text.charAt(at + 1)}${text.charAt(at)}${text.slice(at + 2)}`,
    text.toUpperCase() === text ? text.toLowerCase() : text.toUpperCase(),
  ]);
}
