import type { EventField, ResolvedAddress } from '../kernel/index.js';
import {
  type ByteRange,
  EventShape,
  type FieldProblem,
  type FieldShape,
  type ShapedField,
} from './decode.js';
import { PageRecord } from './page-record.js';
import type { SymbolNames, TracedEvent, TraceRecord } from './record.js';
import { decodeText } from './utf8.js';

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
  /** By field name, in the order of the record. The object has no prototype. */
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

/** Reads typed values from records (spec 11 R11-16 to R11-24). */
export class ValueReader {
  readonly #symbols: SymbolNames;
  readonly #littleEndian: boolean;
  readonly #shapes = new Map<TracedEvent, EventShape>();

  constructor(options: ValueOptions) {
    this.#symbols = options.symbols;
    this.#littleEndian = options.littleEndian ?? true;
  }

  /** The values of a record. Damage of a field makes that field `null`; it never throws. */
  read(traceRecord: TraceRecord): RecordValues {
    const record = PageRecord.of(traceRecord);
    const shape = this.shapeOf(record.event);
    const args: Record<string, FieldValue> = Object.create(null);
    const reading: Reading = { record, shape, problems: new Map(), latin1: [] };
    for (const field of shape.fields) {
      if (shape.isFaulted(record, field)) {
        args[field.name] = missing(reading, field.name, 'fault');
      } else if (shape.holds(record, field)) {
        args[field.name] = this.#fieldValue(reading, field);
      } else {
        args[field.name] = null;
        reading.problems.set(field.name, 'damaged');
      }
    }
    return {
      ip: this.#place(record, shape.ip, shape.inFile),
      func: this.#place(record, shape.func, shape.inFile),
      returnIp: this.#place(record, shape.returnIp, shape.inFile),
      args,
      problems: reading.problems,
      latin1: reading.latin1,
    };
  }

  /** What the records of an event hold. */
  shapeOf(event: TracedEvent): EventShape {
    let shape = this.#shapes.get(event);
    if (shape === undefined) {
      shape = new EventShape(event, this.#littleEndian);
      this.#shapes.set(event, shape);
    }
    return shape;
  }

  #place(record: PageRecord, field: EventField | undefined, inFile: boolean): AddressValue | undefined {
    if (field === undefined || record.start + field.offset + field.size > record.end) return undefined;
    const at = record.start + field.offset;
    const { view } = record;
    const little = this.#littleEndian;
    const address = field.size === 8 ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little));
    if (address === 0n) return undefined;
    return { address, symbol: inFile ? undefined : this.#symbols.resolve(address) };
  }

  #fieldValue(reading: Reading, { name, offset, size, shape }: ShapedField): FieldValue {
    const { record } = reading;
    const at = record.start + offset;
    const range: ByteRange = { start: at, end: at + size, problem: undefined };
    switch (shape.kind) {
      case 'number':
        if (shape.count === undefined) return this.#number(record, shape, at);
        if (shape.count === 'rest') range.end = record.end;
        return this.#numbers(record, shape, range);
      case 'text':
        if (shape.size === 0) range.end = record.end;
        return text(reading, name, range);
      case 'string':
        if (shape.count === undefined) return located(reading, name, offset, shape.relative);
        return Array.from({ length: shape.count }, (_, index) =>
          located(reading, name, offset + index * 4, shape.relative),
        );
      case 'numbers':
        reading.shape.locate(record, offset, shape.relative, false, range);
        if (range.problem !== undefined) return missing(reading, name, range.problem);
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
      const address = size === 8 ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little));
      return { address, symbol: this.#symbols.resolve(address) };
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
}

type NumberShape = Pick<Extract<FieldShape, { kind: 'number' }>, 'style' | 'size'>;

interface Reading {
  readonly record: PageRecord;
  readonly shape: EventShape;
  readonly problems: Map<string, FieldProblem>;
  readonly latin1: string[];
}

function located(reading: Reading, name: string, offset: number, relative: boolean): string | null {
  const range: ByteRange = { start: 0, end: 0, problem: undefined };
  reading.shape.locate(reading.record, offset, relative, true, range);
  return range.problem === undefined ? text(reading, name, range) : missing(reading, name, range.problem);
}

function text(reading: Reading, name: string, { start, end }: ByteRange): string {
  const { source } = reading.record;
  let stop = start;
  while (stop < end && source[stop] !== 0) stop++;
  const decoded = decodeText(source, start, stop);
  if (decoded.latin1 && !reading.latin1.includes(name)) reading.latin1.push(name);
  return decoded.text;
}

function missing(reading: Reading, name: string, problem: FieldProblem): null {
  reading.problems.set(name, problem);
  return null;
}
