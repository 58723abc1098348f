import type { EventField, RecordLayout } from '../kernel/index.js';
import type { PageRecord } from './page-record.js';
import type { PrintValue } from './print-expression.js';

/** The fields of one record, as the expressions of a `print fmt` read them. */
export interface FieldAccess {
  /** `REC->name`: a number, or all bytes of an array as a byte string. */
  value(name: string): PrintValue;
  /** `REC->name[index]`; 0 outside the array. */
  element(name: string, index: bigint): PrintValue;
  /** `__get_str(name)`: the bytes elsewhere in the record. */
  text(name: string): string;
}

/** Reads the fields of whatever record it is pointed at. What lies outside the record reads as 0 or as empty text. */
export class RecordFields implements FieldAccess {
  record: PageRecord | undefined = undefined;
  readonly #fields: ReadonlyMap<string, EventField>;
  readonly #littleEndian: boolean;

  constructor(layout: RecordLayout, littleEndian: boolean) {
    this.#fields = new Map([...layout.common, ...layout.fields].map(field => [field.name, field]));
    this.#littleEndian = littleEndian;
  }

  value(name: string): PrintValue {
    const field = this.#fields.get(name)!;
    const record = this.record!;
    const at = record.start + field.offset;
    if (field.array !== undefined)
      return bytesAt(record, at, field.size === 0 ? record.end : at + field.size);
    return this.#number(at, field.size, field.signed);
  }

  element(name: string, index: bigint): PrintValue {
    const field = this.#fields.get(name)!;
    const count = Number(field.array);
    const size = count > 0 ? field.size / count : field.size;
    if (index < 0n || index >= BigInt(count > 0 ? count : 1)) return 0n;
    return this.#number(this.record!.start + field.offset + Number(index) * size, size, field.signed);
  }

  text(name: string): string {
    const field = this.#fields.get(name)!;
    const record = this.record!;
    const at = record.start + field.offset;
    if (field.size !== 4 || at + 4 > record.end) return '';
    const location = record.view.getUint32(at, this.#littleEndian);
    const start = (field.type.startsWith('__rel_loc') ? at + 4 : record.start) + (location & 0xffff);
    return bytesAt(record, start, start + (location >>> 16));
  }

  #number(at: number, size: number, signed: boolean): bigint {
    const { view, end } = this.record!;
    const little = this.#littleEndian;
    if (at + size > end) return 0n;
    if (size === 8) return signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little);
    if (size === 4) return BigInt(signed ? view.getInt32(at, little) : view.getUint32(at, little));
    if (size === 2) return BigInt(signed ? view.getInt16(at, little) : view.getUint16(at, little));
    return size === 1 ? BigInt(signed ? view.getInt8(at) : view.getUint8(at)) : 0n;
  }
}

function bytesAt(record: PageRecord, start: number, end: number): string {
  let text = '';
  for (let index = start; index < Math.min(end, record.end); index++) {
    text += String.fromCharCode(record.source[index]!);
  }
  return text;
}
