import type { FieldType } from '../kernel/index.js';
import { type FetchState, fromByteString } from '../language/index.js';
import {
  AddressText,
  type ByteText,
  FixedText,
  isStored,
  isWide,
  type MeantValue,
  meaningOf,
  needsCorrection,
  numberOf,
  type PageRecord,
  type ShapedField,
  type StoredBits,
  type SymbolNames,
  type ValueMeaning,
} from '../records/index.js';

const nothing = FixedText.of('');
/** Errors are the last 4095 numbers. */
const LOWEST_ERROR = 2n ** 64n - 4095n;
const encoder = new TextEncoder();

/** Writes what is said beside the value of one field: made once per event. */
export class RichField {
  readonly type: FieldType;
  /** `"name":`. */
  readonly label: FixedText;
  /** Is the number another one than the one that is stored? */
  readonly corrected: boolean;
  /** The bits of the right number, where that is known to be stored and has no more than 32. */
  readonly bits: StoredBits | undefined;
  /** Has the value a meaning beyond the number that is read? */
  readonly hasMeaning: boolean;
  /** The JSON of meanings by the number that is stored, '' for none; `undefined` where it takes more than the number. */
  readonly byNumber: AddressText | undefined;
  readonly #field: ShapedField;
  readonly #symbols: SymbolNames;

  constructor(field: ShapedField, type: FieldType, label: FixedText, symbols: SymbolNames) {
    this.type = type;
    this.label = label;
    this.corrected = needsCorrection(type, field);
    this.bits = this.corrected ? storedBits(type, field) : undefined;
    this.#field = field;
    this.#symbols = symbols;
    this.hasMeaning = mayMean(type) && isStored(field);
    const isNumber = this.hasMeaning && type.type !== undefined && !isWide(type.type) && field.size <= 8;
    const view = new DataView(new ArrayBuffer(8));
    const describe = (number: bigint): FixedText => {
      view.setBigUint64(0, number, true);
      return this.#describe(view, 0, field.size) ?? nothing;
    };
    const below = { text: nothing, number: () => meaninglessBelow(type, field, symbols) };
    this.byNumber = isNumber ? new AddressText(describe, below) : undefined;
  }

  /** Writes the right number. */
  putNumber(out: ByteText, { view, start }: PageRecord): void {
    const { offset, size } = this.#field;
    const number = numberOf(this.type, view, start + offset, start + offset + size);
    out.text(number === undefined ? 'null' : size > 4 ? `"${number}"` : `${number}`);
  }

  /** The JSON of what the value means, `undefined` when that is nothing. The record must hold the field. */
  meaningOf({ view, start, end }: PageRecord): FixedText | undefined {
    const { offset, size } = this.#field;
    const at = start + offset;
    if (!this.hasMeaning || at + size > end) return undefined;
    if (this.byNumber === undefined) return this.#describe(view, at, at + size);
    let high = 0;
    let low = 0;
    if (size === 8) high = view.getInt32(at + 4, true);
    if (size >= 4) low = view.getInt32(at, true);
    else low = size === 2 ? view.getUint16(at, true) : view.getUint8(at);
    const text = this.byNumber.of(high, low);
    return text.length === 0 ? undefined : text;
  }

  #describe(view: DataView, start: number, end: number): FixedText | undefined {
    const meaning = meaningOf(this.type, view, start, end, this.#symbols);
    return meaning && new FixedText(encoder.encode(JSON.stringify(meaningJson(meaning))));
  }
}

/** An integer means more only where it may be an error. */
function mayMean({ type, result }: FieldType): boolean {
  return type !== undefined && (type.kind !== 'int' || (type.signed && result));
}

/** A number below which none, as it is stored, has a meaning; `undefined` where none is known. */
function meaninglessBelow(
  { type, bits }: FieldType,
  field: ShapedField,
  symbols: SymbolNames,
): bigint | undefined {
  // Most pointers lead to data, below all symbols; errors are the highest numbers.
  if (type?.kind === 'pointer') return symbols.lowest?.();
  const isWhole = bits === undefined && field.size === 8 && type?.size === 8;
  return type?.kind === 'int' && isWhole ? LOWEST_ERROR : undefined;
}

function storedBits({ type, bits }: FieldType, { size }: ShapedField): StoredBits | undefined {
  if (type === undefined || bits === undefined || isWide(type)) return undefined;
  const { offset, width } = bits;
  if (offset < 0 || width < 1 || width > 32 || offset + width > size * 8) return undefined;
  return { offset, width, signed: (type.kind === 'int' || type.kind === 'enum') && type.signed };
}

/** The member of `typed` for a meaning: docs/json-schema.md. */
function meaningJson(meaning: ValueMeaning): object {
  switch (meaning.kind) {
    case 'bool':
      return { bool: meaning.value };
    case 'enum':
      return { enum: meaning.name ?? null };
    case 'flags':
      return { flags: meaning.names, ...(meaning.rest !== 0n && { rest: `0x${meaning.rest.toString(16)}` }) };
    case 'errno':
      return { errno: meaning.name };
    case 'symbol': {
      const { name, offset, module } = meaning.symbol;
      return {
        symbol: `${fromByteString(name)}+0x${offset.toString(16)}`,
        ...(module !== undefined && { module }),
      };
    }
    case 'host':
      return { host: numberJson(meaning.value) };
    case 'address':
      return { [meaning.family]: meaning.text };
    case 'text':
      return { text: meaning.text, ...(meaning.latin1 && { latin1: true }) };
    case 'elements':
      return { elements: meaning.elements.map(meantJson) };
    case 'members':
      return {
        members: Object.fromEntries([...meaning.members].map(([name, value]) => [name, meantJson(value)])),
      };
    default:
      return meaning satisfies never;
  }
}

function meantJson({ value, isPointer, meaning }: MeantValue): object {
  const number = value === null ? {} : { value: isPointer ? `0x${value.toString(16)}` : numberJson(value) };
  return meaning === undefined ? number : { ...number, ...meaningJson(meaning) };
}

function numberJson(value: number | bigint): number | string {
  return typeof value === 'bigint' ? `${value}` : value;
}

/** The member of `states` for a state that is not `ok`: docs/json-schema.md. A byte string. */
export function stateJson(state: FetchState, type: FieldType | undefined): string {
  const json = {
    ...state,
    ...('address' in state && state.address !== undefined && { address: `0x${state.address.toString(16)}` }),
    ...pointerAt(state, type),
  };
  return String.fromCharCode(...encoder.encode(JSON.stringify(json)));
}

/** The expression whose value was the pointer that failed. */
function pointerAt(state: FetchState, type: FieldType | undefined): { at?: string } {
  if (!('step' in state) || state.step === undefined) return {};
  const expression = type?.pointers[state.step];
  return expression === undefined ? {} : { at: fromByteString(expression) };
}
