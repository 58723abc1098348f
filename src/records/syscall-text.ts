import type { EventField, RecordLayout } from '../kernel/index.js';
import type { ByteText } from './byte-text.js';
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

  private constructor(name: string, isExit: boolean, fields: readonly EventField[], littleEndian: boolean) {
    this.#name = name;
    this.#isExit = isExit;
    this.#fields = fields;
    this.#littleEndian = littleEndian;
  }

  /** A printer, or `undefined` when the event is none of these. */
  static of(layout: RecordLayout, littleEndian: boolean): SyscallText | undefined {
    const match = layout.group === 'syscalls' ? EVENT.exec(layout.name) : null;
    const fields = layout.fields.filter(field => field.name !== '__syscall_nr');
    const isKnown = fields.every(field => field.size === 8 || field.size === 4);
    if (match === null || !isKnown) return undefined;
    return new SyscallText(`sys_${match[2]}`, match[1] === 'exit', fields, littleEndian);
  }

  print(out: ByteText, record: PageRecord): void {
    out.text(this.#name);
    const values = this.#fields.map(field => ({ name: field.name, hex: this.#hex(record, field) }));
    if (this.#isExit) out.text(` -> 0x${values[0]?.hex ?? '0'}`);
    else out.text(`(${values.map(({ name, hex }) => `${name}: ${hex}`).join(', ')})`);
  }

  #hex({ view, start, end }: PageRecord, { offset, size }: EventField): string {
    const at = start + offset;
    if (at + size > end) return '<OVERFLOW>';
    const little = this.#littleEndian;
    return (size === 8 ? view.getBigUint64(at, little) : view.getUint32(at, little)).toString(16);
  }
}
