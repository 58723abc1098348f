import type { EventField } from '../kernel/index.js';
import {
  type AddressText,
  type BodyEmitter,
  bytesOf,
  type EmittedNumber,
  type EventShape,
  type FieldShape,
  type FixedText,
  longestText,
  type NumberStyle,
  type PageRecord,
  type QuotedCharacters,
  type ShapedField,
} from '../records/index.js';
import type { RichField } from './rich-field.js';

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
  readonly addresses: AddressText;
  /** The same for places, of which 0 is none. */
  readonly places: AddressText;
  /** Writes the value of a field that has no code. */
  readonly putField: (record: PageRecord, field: FieldJson) => void;
  /** Writes `typed`, where it has no code. */
  readonly putTyped: (record: PageRecord) => void;
}

type PlainNumber = Pick<Extract<FieldShape, { kind: 'number' }>, 'style' | 'size'>;
type StoredSize = PlainNumber['size'];

/** Arrays of more numbers are not written one by one. */
const MOST_IN_PLACE = 16;
const OPEN_ARRAY = bytesOf('[');
const COMMA = bytesOf(',');
const CLOSE_ARRAY = bytesOf(']');
const CLOSE_OBJECT = bytesOf('}');
const ARGS = bytesOf(',"args":{');
const TYPED = { opening: bytesOf(',"typed":{'), separator: COMMA, closing: CLOSE_OBJECT };

/**
 * Tells the code that writes the places, `args` and `typed` of an event's records, from `","ip":` on: for records that hold
 * all fixed fields and of whose fetches none is known to have failed.
 */
export function emitJsonBody<N extends EmittedNumber>(
  emitter: BodyEmitter<N>,
  options: JsonBodyOptions,
): void {
  const { shape, fields } = options;
  const { ip, func, returnIp } = shape;
  if (ip !== undefined) {
    putPlace(emitter, options, '","ip":', ip);
    emitter.label(ARGS);
  } else if (func !== undefined && returnIp !== undefined) {
    putPlace(emitter, options, '","func":', func);
    putPlace(emitter, options, ',"ret":', returnIp);
    emitter.label(ARGS);
  } else {
    emitter.label(bytesOf('","args":{'));
  }
  for (const field of fields) {
    emitter.label(bytesOf(field.label.toString()));
    putValue(emitter, options, field);
  }
  emitter.label(CLOSE_OBJECT);
  putTyped(emitter, options);
}

function putPlace<N extends EmittedNumber>(
  emitter: BodyEmitter<N>,
  { shape, places }: JsonBodyOptions,
  label: string,
  field: EventField,
): void {
  emitter.label(bytesOf(label));
  const address = emitter.field(field.size === 8 ? 8 : 4, false, field.offset);
  if (!shape.inFile) {
    emitter.text(places, address);
    return;
  }
  emitter.label(bytesOf('{"address":"0x'));
  emitter.number('hex', address);
  emitter.label(bytesOf('"}'));
}

function putValue<N extends EmittedNumber>(
  emitter: BodyEmitter<N>,
  { shape, addresses, putField }: JsonBodyOptions,
  field: FieldJson,
): void {
  const { field: shaped, rich } = field;
  const { offset, shape: what } = shaped;
  const other = (_: unknown, record: PageRecord) => putField(record, field);
  const characters = charactersOf(shape, shaped);
  if (characters !== undefined) {
    emitter.quoted(characters, other);
  } else if (rich?.corrected === true) {
    if (!putBits(emitter, shaped, rich)) emitter.call(other);
  } else if (what.kind !== 'number' || what.style === 'char' || what.count === 'rest') {
    emitter.call(other);
  } else if (what.count === undefined) {
    putNumber(emitter, addresses, what, offset);
  } else if (what.count <= MOST_IN_PLACE) {
    emitter.label(OPEN_ARRAY);
    for (let index = 0; index < what.count; index++) {
      if (index > 0) emitter.label(COMMA);
      putNumber(emitter, addresses, what, offset + index * what.size);
    }
    emitter.label(CLOSE_ARRAY);
  } else {
    emitter.call(other);
  }
}

/** The characters of a text of its own; `undefined` for all else. */
function charactersOf(
  { isProbe, locations }: EventShape,
  { offset, shape }: ShapedField,
): QuotedCharacters | undefined {
  if (shape.kind === 'text')
    return shape.size === 0 ? { kind: 'rest', offset } : { kind: 'fixed', offset, size: shape.size };
  if (shape.kind !== 'string' || shape.count !== undefined) return undefined;
  return {
    kind: 'located',
    offset,
    relative: shape.relative,
    // Without any, a probe's fetch failed.
    least: isProbe ? 1 : 0,
    // Longer ones may have been cut, which is to be noted.
    most: longestText - 2,
    others: locations.filter(other => other !== offset),
  };
}

function putNumber<N extends EmittedNumber>(
  emitter: BodyEmitter<N>,
  addresses: AddressText,
  { style, size }: PlainNumber,
  offset: number,
): void {
  const value = emitter.field(size, style === 'signed', offset);
  if (style === 'symbol') {
    emitter.text(addresses, value);
    return;
  }
  const isHex = style === 'hex';
  const quote = quoteOf(style, size);
  emitter.label(bytesOf(isHex ? `${quote}0x` : quote));
  emitter.number(isHex ? 'hex' : 'decimal', value);
  emitter.label(bytesOf(quote));
}

function quoteOf(style: NumberStyle, size: number): string {
  return style === 'hex' || size === 8 ? '"' : '';
}

/** Writes the right number; false where that is not known to be in the stored one. */
function putBits<N extends EmittedNumber>(
  emitter: BodyEmitter<N>,
  { offset, size }: ShapedField,
  { bits }: RichField,
): boolean {
  if (bits === undefined || !isStoredSize(size)) return false;
  const mark = bytesOf(size > 4 ? '"' : '');
  emitter.label(mark);
  emitter.number('decimal', emitter.bits(emitter.field(size, false, offset), bits));
  emitter.label(mark);
  return true;
}

function putTyped<N extends EmittedNumber>(
  emitter: BodyEmitter<N>,
  { fields, putTyped: putPlainTyped }: JsonBodyOptions,
): void {
  const meant = fields.flatMap(({ field: { size, offset }, rich }) =>
    rich?.hasMeaning === true ? [{ size, offset, label: rich.label, texts: rich.byNumber }] : [],
  );
  const stored = meant.flatMap(({ size, texts, ...part }) =>
    texts !== undefined && isStoredSize(size) ? [{ ...part, size, texts }] : [],
  );
  if (stored.length < meant.length) {
    emitter.call((_, record) => putPlainTyped(record));
  } else if (stored.length > 0) {
    const members = stored.map(({ size, offset, label, texts }) => ({
      label: bytesOf(label.toString()),
      texts,
      value: emitter.field(size, false, offset),
    }));
    emitter.list(TYPED, members);
  }
}

function isStoredSize(size: number): size is StoredSize {
  return size === 1 || size === 2 || size === 4 || size === 8;
}
