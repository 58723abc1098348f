import type { EventField, RecordLayout } from '../kernel/index.js';
import type { BodyPrinter } from './body-printer.js';
import { type ByteText, bytesOf } from './byte-text.js';
import type { PageRecord } from './page-record.js';

const OVERFLOW = bytesOf('<OVERFLOW>');
const INVALID_SIZE = bytesOf('<INVALID-SIZE>');
const COMMA = 0x2c;

interface LabelledField {
  readonly label: Uint8Array;
  readonly field: EventField;
}

/** Prints a record's fields one by one, as the kernel does with the option `fields` (spec 12 section 10). */
export class FieldsText implements BodyPrinter {
  readonly whole = undefined;
  readonly fixedSize = 0;
  readonly #fields: readonly LabelledField[];
  readonly #littleEndian: boolean;

  constructor(layout: RecordLayout, littleEndian: boolean) {
    this.#fields = layout.fields.map((field, index) => ({
      label: bytesOf(`${index === 0 ? '' : ' '}${field.name}=`),
      field,
    }));
    this.#littleEndian = littleEndian;
  }

  print(out: ByteText, record: PageRecord): void {
    for (const { label, field } of this.#fields) {
      out.put(label);
      if (record.start + field.offset + field.size > record.end) out.put(OVERFLOW);
      else this.#printField(out, record, field);
    }
  }

  #printField(out: ByteText, record: PageRecord, field: EventField): void {
    const at = record.start + field.offset;
    const isDynamic = field.type.startsWith('__data_loc ') || field.type.startsWith('__rel_loc ');
    if (isDynamic && field.size === 4) {
      this.#printDynamic(out, record, field, at);
    } else if (isCharacters(field)) {
      out.putUntilNul(record.source, at, field.size === 0 ? record.end : at + field.size);
    } else {
      this.#printNumber(out, record.view, field.size, at);
    }
  }

  #printDynamic(out: ByteText, record: PageRecord, field: EventField, at: number): void {
    const location = record.view.getUint32(at, this.#littleEndian);
    const base = field.type.startsWith('__rel_loc ') ? at + field.size : record.start;
    const start = base + (location & 0xffff);
    const end = start + (location >>> 16);
    if (end > record.end) {
      out.put(OVERFLOW);
    } else if (/\bchar\[\]/.test(field.type)) {
      out.putUntilNul(record.source, start, end);
    } else {
      for (let index = start; index < end; index++) {
        if (index > start) out.byte(COMMA);
        out.text(record.source[index]!.toString(16).padStart(2, '0'));
      }
    }
  }

  #printNumber(out: ByteText, view: DataView, size: number, at: number): void {
    const little = this.#littleEndian;
    if (size === 1) {
      const value = view.getUint8(at);
      const isPrintable = (value >= 0x20 && value < 0x7f) || value >= 0xa0;
      if (isPrintable) {
        out.byte(0x27);
        out.byte(value);
        out.byte(0x27);
      }
      out.text(`(${value})`);
    } else if (size === 2) {
      const value = view.getUint16(at, little);
      out.text(`0x${value.toString(16)} (${value})`);
    } else if (size === 4) {
      out.text(`0x${view.getUint32(at, little).toString(16)} (${view.getInt32(at, little)})`);
    } else if (size === 8) {
      out.text(`0x${view.getBigUint64(at, little).toString(16)} (${view.getBigInt64(at, little)})`);
    } else {
      out.put(INVALID_SIZE);
    }
  }
}

function isCharacters(field: EventField): boolean {
  return field.array !== undefined && /^(?:const )?char$/.test(field.type);
}
