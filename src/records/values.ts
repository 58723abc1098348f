import type { EventField, ResolvedAddress } from '../kernel/index.js';
import { AddressValues, wordOf } from './address-values.js';
import {
  type ByteRange,
  EventShape,
  type FieldProblem,
  type FieldShape,
  type ShapedField,
} from './decode.js';
import { NumberTable } from './number-table.js';
import { PageRecord } from './page-record.js';
import type { SymbolNames, TracedEvent, TraceRecord } from './record.js';
import { decodeText } from './utf8.js';
import { type ArgsReader, fieldsEnd, generateArgs, nothing } from './values-code.js';

/** An address with the symbol that covers it, when there is one. */
export interface AddressValue {
  readonly address: bigint;
  readonly symbol: ResolvedAddress | undefined;
}

/**
 * A field's value: numbers of up to 32 bits as `number`, of 64 bits as `bigint`, text as `string` (a `char` is a string
 * of one character, U+0000 to U+00FF), a `symbol` argument with its symbol, arrays of these; `null` when there is none.
 */
export type FieldValue = number | bigint | string | AddressValue | null | readonly FieldValue[];

/** A record's fields as values. Nothing in it refers to the record's bytes. */
export interface RecordValues {
  /** Where an entry probe was hit; this and the next two are `undefined` where the record does not say. */
  readonly ip: AddressValue | undefined;
  /** The function that a return probe is on. */
  readonly func: AddressValue | undefined;
  /** Where that function returned to. */
  readonly returnIp: AddressValue | undefined;
  /** By field name, in the order of the record. The object inherits no names. */
  readonly args: Readonly<Record<string, FieldValue>>;
  /**
   * Why a field, or an element of it, is `null`. Only strings can tell that their fetch faulted: a number that could not
   * be read is whatever bytes the kernel's buffer held, and kernel records do not show it (spec 03 section 6).
   */
  readonly problems: ReadonlyMap<string, FieldProblem>;
  /** Fields whose text is not UTF-8 and was therefore decoded byte by byte. */
  readonly latin1: readonly string[];
}

/** What `ValueReader` needs beside the records. */
export interface ValueOptions {
  readonly symbols: SymbolNames;
  /** Byte order of the traced machine, default little endian. */
  readonly littleEndian?: boolean;
}

/** What is known of an event. */
interface KnownEvent {
  readonly event: TracedEvent;
  readonly shape: EventShape;
  /** Bytes of a record that holds all fixed fields. */
  readonly end: number;
  /** Records met before its code was made. */
  met: number;
  args: ArgsReader | undefined;
}

/** Making an event's code takes as long as reading some hundred records without. */
const WORTH_CODE = 256;

const noProblems: ReadonlyMap<string, FieldProblem> = new Map();
const none: readonly string[] = Object.freeze([]);

/**
 * Reads typed values from records (spec 11 R11-16 to R11-24), by code made for the layout of each event that is met often where the host
 * allows that.
 */
export class ValueReader {
  readonly #addresses: AddressValues;
  readonly #littleEndian: boolean;
  readonly #events = new Map<TracedEvent, KnownEvent>();
  /** By the number that records have: where it is another event's, `#events` tells. */
  readonly #byType = new NumberTable<KnownEvent>();
  /** Of the record that is read. */
  #problems: Map<string, FieldProblem> | undefined;
  #latin1: string[] | undefined;

  constructor(options: ValueOptions) {
    this.#addresses = new AddressValues(options.symbols);
    this.#littleEndian = options.littleEndian ?? true;
  }

  /** The values of a record. Damage of a field makes that field `null`; it never throws. */
  read(traceRecord: TraceRecord): RecordValues {
    const record = PageRecord.of(traceRecord);
    const known = this.#known(record.type, record.event);
    const { shape } = known;
    this.#problems = this.#latin1 = undefined;
    const args = this.#args(record, known);
    return {
      ip: this.#place(record, shape.ip, shape.inFile),
      func: this.#place(record, shape.func, shape.inFile),
      returnIp: this.#place(record, shape.returnIp, shape.inFile),
      args,
      problems: this.#problems ?? noProblems,
      latin1: this.#latin1 ?? none,
    };
  }

  /** What the records of an event hold. */
  shapeOf(event: TracedEvent): EventShape {
    return this.#eventOf(event).shape;
  }

  #known(type: number, event: TracedEvent): KnownEvent {
    const last = this.#byType.at(type);
    if (last !== undefined && last.event === event) return last;
    const known = this.#eventOf(event);
    this.#byType.set(type, known);
    return known;
  }

  #eventOf(event: TracedEvent): KnownEvent {
    let known = this.#events.get(event);
    if (known === undefined) {
      const shape = new EventShape(event, this.#littleEndian);
      known = { event, shape, end: fieldsEnd(shape.fields), met: 0, args: undefined };
      this.#events.set(event, known);
    }
    return known;
  }

  #args(record: PageRecord, known: KnownEvent): Readonly<Record<string, FieldValue>> {
    const { states } = record;
    if ((states === undefined || states.size === 0) && record.start + known.end <= record.end) {
      if (known.args !== undefined) return known.args(record);
      if (known.met++ === WORTH_CODE) known.args = this.#generate(known);
    }
    const { shape } = known;
    const args: Record<string, FieldValue> = Object.create(nothing);
    for (const field of shape.fields) {
      if (shape.isFaulted(record, field)) {
        args[field.name] = this.#missing(field.name, 'fault');
      } else if (shape.holds(record, field)) {
        args[field.name] = this.#fieldValue(record, shape, field);
      } else {
        args[field.name] = this.#missing(field.name, 'damaged');
      }
    }
    return args;
  }

  #generate({ shape }: KnownEvent): ArgsReader | undefined {
    return generateArgs(shape.fields, this.#littleEndian, this.#addresses, (record, field) =>
      this.#fieldValue(record, shape, field),
    );
  }

  #place(record: PageRecord, field: EventField | undefined, inFile: boolean): AddressValue | undefined {
    if (field === undefined || record.start + field.offset + field.size > record.end) return undefined;
    const at = record.start + field.offset;
    const { view } = record;
    const little = this.#littleEndian;
    const isWide = field.size === 8;
    const low = view.getInt32(isWide && !little ? at + 4 : at, little);
    const high = isWide ? view.getInt32(little ? at + 4 : at, little) : 0;
    if ((high | low) === 0) return undefined;
    return inFile ? { address: wordOf(high, low), symbol: undefined } : this.#addresses.of(high, low);
  }

  #fieldValue(record: PageRecord, event: EventShape, { name, offset, size, shape }: ShapedField): FieldValue {
    const at = record.start + offset;
    const range: ByteRange = { start: at, end: at + size, problem: undefined };
    switch (shape.kind) {
      case 'number':
        if (shape.count === undefined) return this.#number(record, shape, at);
        if (shape.count === 'rest') range.end = record.end;
        return this.#numbers(record, shape, range);
      case 'text':
        if (shape.size === 0) range.end = record.end;
        return this.#text(record, name, range);
      case 'string':
        if (shape.count === undefined) return this.#located(record, event, name, offset, shape.relative);
        return Array.from({ length: shape.count }, (_, index) =>
          this.#located(record, event, name, offset + index * 4, shape.relative),
        );
      case 'numbers':
        event.locate(record, offset, shape.relative, false, range);
        if (range.problem !== undefined) return this.#missing(name, range.problem);
        return this.#numbers(record, shape, range);
      default:
        return shape satisfies never;
    }
  }

  #numbers(record: PageRecord, shape: NumberShape, range: ByteRange): FieldValue[] {
    const values: FieldValue[] = [];
    for (let at = range.start; at + shape.size <= range.end; at += shape.size) {
      values.push(this.#number(record, shape, at));
    }
    return values;
  }

  #number({ view }: PageRecord, { style, size }: NumberShape, at: number): FieldValue {
    const little = this.#littleEndian;
    if (style === 'char') return String.fromCharCode(view.getUint8(at));
    if (style === 'symbol') {
      const low = view.getInt32(size === 8 && !little ? at + 4 : at, little);
      return this.#addresses.of(size === 8 ? view.getInt32(little ? at + 4 : at, little) : 0, low);
    }
    const signed = style === 'signed';
    switch (size) {
      case 1:
        return signed ? view.getInt8(at) : view.getUint8(at);
      case 2:
        return signed ? view.getInt16(at, little) : view.getUint16(at, little);
      case 4:
        return signed ? view.getInt32(at, little) : view.getUint32(at, little);
      default:
        return signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little);
    }
  }

  #located(
    record: PageRecord,
    event: EventShape,
    name: string,
    offset: number,
    relative: boolean,
  ): string | null {
    const range: ByteRange = { start: 0, end: 0, problem: undefined };
    event.locate(record, offset, relative, true, range);
    return range.problem === undefined ? this.#text(record, name, range) : this.#missing(name, range.problem);
  }

  #text({ source }: PageRecord, name: string, { start, end }: ByteRange): string {
    let stop = start;
    while (stop < end && source[stop] !== 0) stop++;
    const decoded = decodeText(source, start, stop);
    if (decoded.latin1) {
      this.#latin1 ??= [];
      if (!this.#latin1.includes(name)) this.#latin1.push(name);
    }
    return decoded.text;
  }

  #missing(name: string, problem: FieldProblem): null {
    this.#problems ??= new Map();
    this.#problems.set(name, problem);
    return null;
  }
}

type NumberShape = Pick<Extract<FieldShape, { kind: 'number' }>, 'style' | 'size'>;
