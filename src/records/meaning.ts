import { errnoName, type FieldType, type ResolvedAddress, type ValueType } from '../kernel/index.js';
import { bitsAt } from './bits.js';
import type { SymbolNames } from './record.js';
import { decodeText } from './utf8.js';

/** What a value means, where its type tells more than the number does. */
export type ValueMeaning =
  | { readonly kind: 'bool'; readonly value: boolean }
  /** `undefined`: no enumerator has this value. */
  | { readonly kind: 'enum'; readonly name: string | undefined }
  /** The bits that are set, and those of them without a name. */
  | { readonly kind: 'flags'; readonly names: readonly string[]; readonly rest: bigint }
  /** An error that a function returned, also as a pointer. */
  | { readonly kind: 'errno'; readonly name: string }
  | { readonly kind: 'symbol'; readonly symbol: ResolvedAddress }
  /** A number in network byte order, in ours. */
  | { readonly kind: 'host'; readonly value: number | bigint }
  | { readonly kind: 'address'; readonly family: 'ipv4' | 'ipv6'; readonly text: string }
  /** Text up to the first NUL; `latin1`: it is not UTF-8, each character is one byte. */
  | { readonly kind: 'text'; readonly text: string; readonly latin1: boolean }
  | { readonly kind: 'elements'; readonly elements: readonly MeantValue[] }
  | { readonly kind: 'members'; readonly members: ReadonlyMap<string, MeantValue> };

/** A value inside of another one. */
export interface MeantValue {
  /** Numbers of 64 bits as `bigint`; `null` for what is no number. */
  readonly value: number | bigint | null;
  readonly isPointer: boolean;
  readonly meaning: ValueMeaning | undefined;
}

const noField = { result: false };
const wide = new Set<ValueType['kind']>(['ipv4', 'ipv6', 'text', 'array', 'struct']);

/** Is a value of this type more than one number? */
export function isWide({ kind }: ValueType): boolean {
  return wide.has(kind);
}

/** What the bytes from `start` to `end` mean; `undefined` when their type says nothing beyond the number. */
export function meaningOf(
  field: FieldType,
  view: DataView,
  start: number,
  end: number,
  symbols: SymbolNames,
): ValueMeaning | undefined {
  const { type, bits } = field;
  if (type === undefined) return undefined;
  if (isWide(type)) return wideMeaning(type, view, start, end, symbols);
  const width = bits?.width ?? type.size * 8;
  const number = bitsAt(view, start, end, bits?.offset ?? 0, width);
  return number === undefined ? undefined : numberMeaning(type, number, width, field, symbols);
}

/** The number that a field of this type holds, sign included; `undefined` when the type says nothing of the stored bits. */
export function numberOf(field: FieldType, view: DataView, start: number, end: number): bigint | undefined {
  const { type, bits } = field;
  if (type === undefined || isWide(type)) return undefined;
  const width = bits?.width ?? type.size * 8;
  const number = bitsAt(view, start, end, bits?.offset ?? 0, width);
  return number === undefined ? undefined : withSign(type, number, width);
}

function withSign(type: ValueType, number: bigint, width: number): bigint {
  const signed = (type.kind === 'int' || type.kind === 'enum') && type.signed;
  return signed ? BigInt.asIntN(width, number) : number;
}

function numberMeaning(
  type: ValueType,
  number: bigint,
  width: number,
  { result }: Pick<FieldType, 'result'>,
  symbols: SymbolNames,
): ValueMeaning | undefined {
  switch (type.kind) {
    case 'bool':
      return { kind: 'bool', value: number !== 0n };
    case 'enum':
      return { kind: 'enum', name: type.names.get(withSign(type, number, width)) };
    case 'flags':
      return flagsMeaning(type, number);
    case 'int':
      return result && type.signed ? errorMeaning(BigInt.asIntN(width, number)) : undefined;
    case 'pointer': {
      if (result && width === 64) {
        const error = errorMeaning(BigInt.asIntN(width, number));
        if (error !== undefined) return error;
      }
      const symbol = symbols.resolve(number);
      return symbol && { kind: 'symbol', symbol };
    }
    case 'big-endian':
      return { kind: 'host', value: numeric(swapped(number, type.size), type.size) };
    default:
      return undefined;
  }
}

/** The last 4095 numbers are errors (IS_ERR). */
function errorMeaning(number: bigint): ValueMeaning | undefined {
  const name = number < 0n && number >= -4095n ? errnoName(Number(-number)) : undefined;
  return name === undefined ? undefined : { kind: 'errno', name };
}

function flagsMeaning({ bits, none }: ValueType & { kind: 'flags' }, number: bigint): ValueMeaning {
  if (number === 0n) return { kind: 'flags', names: none === undefined ? [] : [none], rest: 0n };
  const names: string[] = [];
  let rest = number;
  for (const { name, bit } of bits) {
    if ((number & bit) === 0n) continue;
    names.push(name);
    rest &= ~bit;
  }
  return { kind: 'flags', names, rest };
}

function swapped(number: bigint, size: number): bigint {
  let value = 0n;
  for (let index = 0; index < size; index++) value = (value << 8n) | ((number >> BigInt(8 * index)) & 0xffn);
  return value;
}

function numeric(number: bigint, size: number): number | bigint {
  return size > 4 ? number : Number(number);
}

function wideMeaning(
  type: ValueType,
  view: DataView,
  start: number,
  end: number,
  symbols: SymbolNames,
): ValueMeaning | undefined {
  const limit = type.size === 0 ? end : Math.min(end, start + type.size);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, Math.max(0, limit - start));
  switch (type.kind) {
    case 'ipv4':
      return bytes.length < 4 ? undefined : { kind: 'address', family: 'ipv4', text: bytes.join('.') };
    case 'ipv6':
      return bytes.length < 16 ? undefined : { kind: 'address', family: 'ipv6', text: ipv6Text(bytes) };
    case 'text': {
      const nul = bytes.indexOf(0);
      return { kind: 'text', ...decodeText(bytes, 0, nul < 0 ? bytes.length : nul) };
    }
    case 'array': {
      const { element } = type;
      const elements: MeantValue[] = [];
      for (let at = start; at + element.size <= limit; at += element.size) {
        elements.push(valueAt(element, view, at, at + element.size, 0, 0, symbols));
      }
      return { kind: 'elements', elements };
    }
    case 'struct': {
      const members = new Map<string, MeantValue>();
      for (const { name, bitOffset, bitWidth, type: member } of type.members) {
        const last = isWide(member) ? 8 : bitWidth === 0 ? member.size * 8 : bitWidth;
        if (start + Math.ceil((bitOffset + last) / 8) > limit) continue;
        members.set(name, valueAt(member, view, start, limit, bitOffset, bitWidth, symbols));
      }
      return { kind: 'members', members };
    }
    default:
      return undefined;
  }
}

function valueAt(
  type: ValueType,
  view: DataView,
  start: number,
  end: number,
  bitOffset: number,
  bitWidth: number,
  symbols: SymbolNames,
): MeantValue {
  const isPointer = type.kind === 'pointer';
  if (isWide(type)) {
    return { value: null, isPointer, meaning: wideMeaning(type, view, start + bitOffset / 8, end, symbols) };
  }
  const width = bitWidth === 0 ? type.size * 8 : bitWidth;
  const number = bitsAt(view, start, end, bitOffset, width);
  if (number === undefined) return { value: null, isPointer, meaning: undefined };
  const value = numeric(withSign(type, number, width), type.size);
  return { value, isPointer, meaning: numberMeaning(type, number, width, noField, symbols) };
}

/** RFC 5952: lower case, the longest run of zero groups left out. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!);
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = (part: readonly number[]): string => part.map(group => group.toString(16)).join(':');
  if (best.at < 0) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}
