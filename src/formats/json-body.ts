import type { EventField } from '../kernel/index.js';
import {
  type AddressText,
  asWide,
  BodyCode,
  type BodyWriter,
  bytesOf,
  type EventShape,
  type FixedText,
  type NumberStyle,
  type Operand,
  type PageRecord,
  type ShapedField,
} from '../records/index.js';
import type { RichField, StoredBits } from './rich-field.js';

/** A field of an event with what its JSON needs. */
export interface FieldJson {
  readonly field: ShapedField;
  /** `"name":`, with a comma before all but the first. */
  readonly label: FixedText;
  /** What is said beside the value. */
  readonly rich: RichField | undefined;
}

/** What the code of an event is made from. */
export interface JsonBodyOptions {
  readonly shape: EventShape;
  readonly fields: readonly FieldJson[];
  readonly littleEndian: boolean;
  readonly addresses: AddressText;
  /** The same for places, of which 0 is none. */
  readonly places: AddressText;
  /** Writes the value of a field that has no code. */
  readonly putField: (record: PageRecord, field: FieldJson) => void;
  /** Writes an address of a process. */
  readonly putPlainAddress: (record: PageRecord, field: EventField) => void;
  /** Writes `typed`, where it has no code. */
  readonly putTyped: (record: PageRecord) => void;
}

/**
 * Makes the code that writes the places, `args` and `typed` of an event's records, from `","ip":` on: for records that hold
 * all fixed fields and of whose fetches none is known to have failed. `undefined` where the host forbids making code from text.
 */
export function generateJsonBody(options: JsonBodyOptions): BodyWriter | undefined {
  const { shape, fields, littleEndian } = options;
  const code = new BodyCode(littleEndian);
  const { ip, func, returnIp } = shape;
  if (ip !== undefined) {
    putPlace(code, options, '","ip":', ip);
    code.label(bytesOf(',"args":{'));
  } else if (func !== undefined && returnIp !== undefined) {
    putPlace(code, options, '","func":', func);
    putPlace(code, options, ',"ret":', returnIp);
    code.label(bytesOf(',"args":{'));
  } else {
    code.label(bytesOf('","args":{'));
  }
  for (const field of fields) {
    code.label(bytesOf(field.label.toString()));
    if (!putNumber(code, options, field)) code.call((_, record) => options.putField(record, field));
  }
  code.label(bytesOf('}'));
  putTyped(code, options);
  return code.compile();
}

function putPlace(code: BodyCode, options: JsonBodyOptions, label: string, field: EventField): void {
  code.label(bytesOf(label));
  if (options.shape.inFile) code.call((_, record) => options.putPlainAddress(record, field));
  else code.text(options.places, code.field(field.size === 8 ? 8 : 4, false, field.offset));
}

/** Writes a plain number; false for all else. */
function putNumber(code: BodyCode, { addresses }: JsonBodyOptions, { field, rich }: FieldJson): boolean {
  const { shape, offset } = field;
  if (shape.kind !== 'number' || shape.count !== undefined) return false;
  const { style, size } = shape;
  if (rich?.corrected === true) {
    if (rich.bits === undefined) return false;
    const number = bitsOf(code, code.field(size, false, offset), rich.bits);
    const mark = bytesOf(size > 4 ? '"' : '');
    code.label(mark);
    code.number('decimal', number);
    code.label(mark);
    return true;
  }
  if (style === 'char') return false;
  const value = code.field(size, style === 'signed', offset);
  if (style === 'symbol') {
    code.text(addresses, value);
    return true;
  }
  const quote = quoteOf(style, size);
  if (quote !== '') code.label(bytesOf(style === 'hex' ? `${quote}0x` : quote));
  code.number(style === 'hex' ? 'hex' : 'decimal', value);
  if (quote !== '') code.label(bytesOf(quote));
  return true;
}

/** Bits of a stored number, as the number they are. */
function bitsOf(code: BodyCode, stored: Operand, { offset, width, signed }: StoredBits): Operand {
  const shifted = offset < 32 ? lowBitsFrom(stored, offset) : `${asWide(stored).high} >>> ${offset - 32}`;
  const rest = 32 - width;
  return { bits: 32, signed, text: code.bind(`${shifted} << ${rest} ${signed ? '>>' : '>>>'} ${rest}`) };
}

/** The lowest 32 bits of a number shifted to the right, not masked. */
function lowBitsFrom(stored: Operand, offset: number): string {
  const { high, low } = asWide(stored);
  return offset === 0 ? low : `(${low} >>> ${offset} | ${high} << ${32 - offset})`;
}

function quoteOf(style: NumberStyle, size: number): string {
  return style === 'hex' || size === 8 ? '"' : '';
}

function putTyped(code: BodyCode, { fields, putTyped: putPlainTyped }: JsonBodyOptions): void {
  const meant = fields.flatMap(({ field, rich }) => (rich?.hasMeaning === true ? [{ field, rich }] : []));
  if (meant.length === 0) return;
  code.line('let typed = 0;');
  for (const { field, rich } of meant) {
    const { size } = field;
    const { byNumber } = rich;
    if (byNumber === undefined || (size !== 1 && size !== 2 && size !== 4 && size !== 8)) {
      code.call((_, record) => putPlainTyped(record));
      return;
    }
  }
  for (const { field, rich } of meant) {
    const size = field.size as 1 | 2 | 4 | 8;
    const text = code.find(rich.byNumber!, code.field(size, false, field.offset));
    code.line(`if (${text}.length > 0) { if (typed++ === 0) {`);
    code.label(bytesOf(',"typed":{'));
    code.line('} else {');
    code.label(bytesOf(','));
    code.line('}');
    code.label(bytesOf(rich.label.toString()));
    code.put(text);
    code.line('}');
  }
  code.line('if (typed > 0) {');
  code.label(bytesOf('}'));
  code.line('}');
}
