import type { EventField } from '../kernel/index.js';
import {
  AddressText,
  type ByteRange,
  ByteText,
  bytesOf,
  type EventShape,
  type FieldProblem,
  type FieldShape,
  FixedText,
  longestText,
  type PageRecord,
  type ShapedField,
  type SymbolNames,
} from '../records/index.js';
import type { FieldJson } from './json-body.js';
import { JsonText } from './json-text.js';

const IP = FixedText.of('","ip":');
const FUNC = FixedText.of('","func":');
const RETURN = FixedText.of(',"ret":');
const ARGS_BEHIND_FLAGS = FixedText.of('","args":{');
const ARGS = FixedText.of(',"args":{');
const NULL = FixedText.of('null');
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

type NumberShape = Pick<Extract<FieldShape, { kind: 'number' }>, 'style' | 'size'>;

/** What is met while the values of one record are written, and is told behind them. */
export interface ValueNotes {
  /** Why values are `null`, by field. */
  readonly problems: Map<string, FieldProblem>;
  /** Members whose texts are not UTF-8. */
  readonly latin1: Set<string>;
  /** The record has a text that may have been cut. */
  cut: boolean;
}

/** Writes the places and values of records, field for field. */
export class JsonValues {
  readonly addresses: AddressText;
  /** Addresses of places: 0 is none. */
  readonly places: AddressText;
  readonly notes: ValueNotes = { problems: new Map(), latin1: new Set(), cut: false };
  readonly #json: JsonText;
  readonly #littleEndian: boolean;
  readonly #range: ByteRange = { start: 0, end: 0, problem: undefined };

  constructor(json: JsonText, symbols: SymbolNames, littleEndian: boolean) {
    this.#json = json;
    this.#littleEndian = littleEndian;
    this.addresses = new AddressText(address => describeAddress(address, symbols));
    this.places = new AddressText(address =>
      address === 0n ? NULL : this.addresses.of(Number(address >> 32n), Number(address & 0xffffffffn)),
    );
  }

  /** Writes a record's places and `args`, from the end of its flags on. */
  putAll(record: PageRecord, shape: EventShape, fields: readonly FieldJson[]): void {
    const { out } = this.#json;
    this.#putPlace(record, shape);
    for (const field of fields) {
      out.fixed(field.label);
      if (shape.isFaulted(record, field.field)) this.#putMissing(field.field.name, 'fault');
      else if (!shape.holds(record, field.field)) this.#putMissing(field.field.name, 'damaged');
      else this.putValue(record, shape, field);
    }
    out.byte(CLOSE_OBJECT);
  }

  /** Writes the value of a field that the record holds. */
  putValue(record: PageRecord, shape: EventShape, { field, rich }: FieldJson): void {
    if (rich?.corrected === true) rich.putNumber(this.#json.out, record);
    else this.#putField(record, shape, field);
  }

  #putPlace(record: PageRecord, { ip, func, returnIp, inFile }: EventShape): void {
    const { out } = this.#json;
    if (ip !== undefined) {
      out.fixed(IP);
      this.#putPlaceAddress(record, ip, inFile);
    } else if (func !== undefined && returnIp !== undefined) {
      out.fixed(FUNC);
      this.#putPlaceAddress(record, func, inFile);
      out.fixed(RETURN);
      this.#putPlaceAddress(record, returnIp, inFile);
    } else {
      out.fixed(ARGS_BEHIND_FLAGS);
      return;
    }
    out.fixed(ARGS);
  }

  #putPlaceAddress(record: PageRecord, { offset, size }: EventField, inFile: boolean): void {
    const at = record.start + offset;
    if (at + size > record.end) this.#json.out.fixed(NULL);
    else this.#putAddress(record, at, size, inFile, this.places);
  }

  /** Writes an address of `size` bytes; `isPlain`: without its symbol. */
  #putAddress(
    { view }: PageRecord,
    at: number,
    size: number,
    isPlain: boolean,
    addresses = this.addresses,
  ): void {
    const little = this.#littleEndian;
    const low = view.getUint32(size === 8 && !little ? at + 4 : at, little);
    const high = size === 8 ? view.getUint32(little ? at + 4 : at, little) : 0;
    if (isPlain) this.#json.plainAddress(high, low);
    else this.#json.out.fixed(addresses.of(high, low));
  }

  #putField(record: PageRecord, shape: EventShape, field: ShapedField): void {
    const at = record.start + field.offset;
    const range = this.#range;
    const what = field.shape;
    switch (what.kind) {
      case 'number':
        if (what.count === undefined) {
          this.#putNumber(record, what, at);
        } else {
          range.start = at;
          range.end = what.count === 'rest' ? record.end : at + field.size;
          this.#putNumbers(record, what, range);
        }
        return;
      case 'text':
        range.start = at;
        range.end = what.size === 0 ? record.end : at + what.size;
        this.#putText(record, field.name, range);
        return;
      case 'string':
        this.#putStrings(record, shape, field, what);
        return;
      case 'numbers':
        shape.locate(record, field.offset, what.relative, false, range);
        if (range.problem === undefined) this.#putNumbers(record, what, range);
        else this.#putMissing(field.name, range.problem);
        return;
      default:
        what satisfies never;
    }
  }

  #putStrings(
    record: PageRecord,
    shape: EventShape,
    { name, offset }: ShapedField,
    { count, relative }: Extract<FieldShape, { kind: 'string' }>,
  ): void {
    const { out } = this.#json;
    const range = this.#range;
    if (count !== undefined) out.byte(OPEN_ARRAY);
    for (let index = 0; index < (count ?? 1); index++) {
      if (index > 0) out.byte(COMMA);
      shape.locate(record, offset + index * 4, relative, true, range);
      if (range.problem === undefined) this.#putText(record, name, range);
      else this.#putMissing(name, range.problem);
    }
    if (count !== undefined) out.byte(CLOSE_ARRAY);
  }

  #putText(record: PageRecord, name: string, { start, end }: ByteRange): void {
    if (end - start >= longestText - 1) this.notes.cut = true;
    if (!this.#json.string(record.source, start, end)) this.notes.latin1.add(`args.${name}`);
  }

  #putNumbers(record: PageRecord, shape: NumberShape, { start, end }: ByteRange): void {
    const { out } = this.#json;
    out.byte(OPEN_ARRAY);
    for (let at = start; at + shape.size <= end; at += shape.size) {
      if (at > start) out.byte(COMMA);
      this.#putNumber(record, shape, at);
    }
    out.byte(CLOSE_ARRAY);
  }

  #putNumber(record: PageRecord, { style, size }: NumberShape, at: number): void {
    if (style === 'symbol') this.#putAddress(record, at, size, false);
    else this.#json.number(record.view, at, size, style, this.#littleEndian);
  }

  #putMissing(name: string, problem: FieldProblem): void {
    this.#json.out.fixed(NULL);
    this.notes.problems.set(name, problem);
  }
}

function describeAddress(address: bigint, symbols: SymbolNames): FixedText {
  const text = new JsonText(new ByteText(128));
  const { out } = text;
  out.text(`{"address":"0x${address.toString(16)}"`);
  const symbol = symbols.resolve(address);
  if (symbol !== undefined) {
    out.text(',"symbol":');
    const place = bytesOf(`${symbol.name}+0x${symbol.offset.toString(16)}`);
    text.string(place, 0, place.length);
    if (symbol.module !== undefined) {
      out.text(',"module":');
      const module = bytesOf(symbol.module);
      text.string(module, 0, module.length);
    }
  }
  out.byte(CLOSE_OBJECT);
  return new FixedText(out.take());
}
