import type { EventField, RecordLayout } from '../kernel/index.js';
import { type ByteText, bytesOf } from './byte-text.js';
import { BodyCode, type BodyWriter, fixedSize } from './generated-text.js';
import type { PageRecord } from './page-record.js';
import type { BodyPrinter } from './probe-text.js';

const EVENT = /^sys_(enter|exit)_(\w+)$/;

/**
 * Prints the records of the group `syscalls`, which the kernel does by its own rule: `sys_NAME(ARG: HEX, ...)` and
 * `sys_NAME -> 0xHEX`, without the event's name in front.
 */
export class SyscallText implements BodyPrinter {
  readonly #name: string;
  readonly #isExit: boolean;
  readonly #fields: readonly EventField[];
  readonly #littleEndian: boolean;
  readonly fixedSize: number;
  readonly whole: BodyWriter | undefined;

  private constructor(
    name: string,
    isExit: boolean,
    fields: readonly EventField[],
    littleEndian: boolean,
    generate: boolean,
  ) {
    this.#name = name;
    this.#isExit = isExit;
    this.#fields = fields;
    this.#littleEndian = littleEndian;
    this.fixedSize = fixedSize({ common: [], fields });
    this.whole = generate ? this.#generate() : undefined;
  }

  /** A printer, or `undefined` when the event is none of these. `generate`: whether code may be made from text, for speed. */
  static of(layout: RecordLayout, littleEndian: boolean, generate = true): SyscallText | undefined {
    const match = layout.group === 'syscalls' ? EVENT.exec(layout.name) : null;
    const fields = layout.fields.filter(field => field.name !== '__syscall_nr');
    const isKnown = fields.every(field => field.size === 8 || field.size === 4);
    if (match === null || !isKnown) return undefined;
    return new SyscallText(`sys_${match[2]}`, match[1] === 'exit', fields, littleEndian, generate);
  }

  print(out: ByteText, record: PageRecord): void {
    if (this.whole !== undefined && record.start + this.fixedSize <= record.end) {
      this.whole(out, record);
      return;
    }
    out.text(this.#name);
    const values = this.#fields.map(field => ({ name: field.name, hex: this.#hex(record, field) }));
    if (this.#isExit) out.text(` -> 0x${values[0]?.hex ?? '0'}`);
    else out.text(`(${values.map(({ name, hex }) => `${name}: ${hex}`).join(', ')})`);
  }

  /** The same in straight code for records that hold all fields. */
  #generate(): BodyWriter | undefined {
    const code = new BodyCode(this.#littleEndian);
    const number = ({ offset, size }: EventField) =>
      code.number('hex', code.field(size === 8 ? 8 : 4, false, offset));
    const [first] = this.#fields;
    if (this.#isExit) {
      code.label(bytesOf(`${this.#name} -> 0x${first === undefined ? '0' : ''}`));
      if (first !== undefined) number(first);
      return code.compile();
    }
    for (const [index, field] of this.#fields.entries()) {
      code.label(bytesOf(`${index === 0 ? `${this.#name}(` : ', '}${field.name}: `));
      number(field);
    }
    code.label(bytesOf(this.#fields.length === 0 ? `${this.#name}()` : ')'));
    return code.compile();
  }

  #hex({ view, start, end }: PageRecord, { offset, size }: EventField): string {
    const at = start + offset;
    if (at + size > end) return '<OVERFLOW>';
    const little = this.#littleEndian;
    return (size === 8 ? view.getBigUint64(at, little) : view.getUint32(at, little)).toString(16);
  }
}
