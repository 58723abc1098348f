import type { FieldType } from '../kernel/index.js';
import type { FetchState } from '../language/index.js';
import type { ByteRange, EventShape, FieldProblem, ShapedField } from './decode.js';
import { isWide, meaningOf, numberOf, type ValueMeaning } from './meaning.js';
import { PageRecord } from './page-record.js';
import type { SymbolNames, TraceRecord } from './record.js';
import { type FieldValue, type RecordValues, type ValueOptions, ValueReader } from './values.js';
import { nothing } from './values-code.js';

/** A value, what it means, and how it was had. */
export interface TypedValue {
  /**
   * As in `RecordValues`, but right where the kernel's record is not: a bit field without its neighbours and with its
   * sign, an enum of one byte without the bytes behind it. `null` exactly when `state` is `null`, `fault` or `damaged`;
   * an array of texts holds `null` for elements only.
   */
  readonly value: FieldValue;
  /** The value as it was recorded. */
  readonly recorded: FieldValue;
  /** What the type says of it; `undefined` when that is nothing more. */
  readonly meaning: ValueMeaning | undefined;
  readonly state: FetchState;
}

/** A record's fields as typed values. */
export interface TypedRecord extends Pick<RecordValues, 'ip' | 'func' | 'returnIp' | 'latin1'> {
  /** By field name, in the order of the record. The object inherits no names. */
  readonly args: Readonly<Record<string, TypedValue>>;
}

/** Texts are cut to so many bytes, the NUL included (spec 03 section 6): one that fills them may have had an end there. */
export const longestText = 4096;

const ok: FetchState = { state: 'ok' };
const unknown: FetchState = { state: 'unknown' };

/** Reads records with all that `TracedEvent.types` knows of their fields. */
export class TypedValueReader {
  readonly #values: ValueReader;
  readonly #symbols: SymbolNames;
  readonly #littleEndian: boolean;

  constructor(options: ValueOptions) {
    this.#values = new ValueReader(options);
    this.#symbols = options.symbols;
    this.#littleEndian = options.littleEndian ?? true;
  }

  /** The values of a record; it never throws. */
  read(traceRecord: TraceRecord): TypedRecord {
    const record = PageRecord.of(traceRecord);
    const { ip, func, returnIp, latin1, args: plain, problems } = this.#values.read(record);
    const shape = this.#values.shapeOf(record.event);
    const args: Record<string, TypedValue> = Object.create(nothing);
    for (const field of shape.fields) {
      args[field.name] = this.#typed(record, shape, field, plain[field.name]!, problems.get(field.name));
    }
    return { ip, func, returnIp, latin1, args };
  }

  #typed(
    record: PageRecord,
    shape: EventShape,
    field: ShapedField,
    plain: FieldValue,
    problem: FieldProblem | undefined,
  ): TypedValue {
    const type = record.event.types?.get(field.name);
    const state = stateOf(record, shape, field, type, problem);
    if (plain === null || type === undefined || !this.#littleEndian || !isStored(field)) {
      return { value: plain, recorded: plain, meaning: undefined, state };
    }
    const start = record.start + field.offset;
    const end = start + field.size;
    return {
      value: correctValue(type, field, record, plain),
      recorded: plain,
      meaning: meaningOf(type, record.view, start, end, this.#symbols),
      state,
    };
  }
}

/** Do the field's own bytes hold its value? */
export function isStored({ shape, size }: ShapedField): boolean {
  return shape.kind === 'number' && size > 0;
}

/** Is the number that is stored not the one that the type says? */
export function needsCorrection({ bits, written, type }: FieldType, { shape }: ShapedField): boolean {
  return (
    bits !== undefined &&
    !written &&
    type !== undefined &&
    shape.kind === 'number' &&
    shape.count === undefined
  );
}

function correctValue(
  type: FieldType,
  field: ShapedField,
  { view, start }: PageRecord,
  plain: FieldValue,
): FieldValue {
  if (!needsCorrection(type, field)) return plain;
  const number = numberOf(type, view, start + field.offset, start + field.offset + field.size);
  if (number === undefined) return plain;
  return field.size > 4 ? number : Number(number);
}

/** How the fetch of a field went, by the source's word, else by what the bytes tell. */
export function stateOf(
  record: PageRecord,
  shape: EventShape,
  field: ShapedField,
  type: FieldType | undefined,
  problem: FieldProblem | undefined,
): FetchState {
  if (problem === 'damaged') return { state: 'damaged' };
  const said = record.states?.get(field.name);
  if (said !== undefined && said.state !== 'ok') return said;
  if (problem === 'fault') return { state: 'fault' };
  const cut = cutLength(record, shape, field, type);
  if (cut !== undefined) return { state: 'truncated', length: cut };
  return record.states === undefined && type?.fromMemory === true && isStored(field) ? unknown : ok;
}

/** Bytes that are here of a value that has more. */
function cutLength(
  record: PageRecord,
  shape: EventShape,
  field: ShapedField,
  type: FieldType | undefined,
): number | undefined {
  const at = record.start + field.offset;
  if (field.shape.kind === 'string') {
    if (field.shape.count !== undefined || at + 4 > record.end) return undefined;
    const range: ByteRange = { start: 0, end: 0, problem: undefined };
    shape.locate(record, field.offset, field.shape.relative, true, range);
    const length = range.end - range.start;
    return range.problem === undefined && length >= longestText - 1 ? length : undefined;
  }
  const meant = type?.type;
  if (meant === undefined || !isStored(field) || !isWide(meant) || meant.size <= field.size) return undefined;
  if (meant.kind === 'text' && record.source.subarray(at, at + field.size).includes(0)) return undefined;
  return field.size;
}
