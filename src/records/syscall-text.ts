import type { EventField, RecordLayout } from '../kernel/index.js';
import type { BodyEmitter, EmittedNumber } from './body-emitter.js';
import type { BodyPrinter } from './body-printer.js';
import { type ByteText, bytesOf, FixedText } from './byte-text.js';
import { putHex32, putHex64 } from './digits.js';
import type { PageRecord } from './page-record.js';

const OVERFLOW = FixedText.of('<OVERFLOW>');
/** Room for a number, and for what a label overshoots. */
const MOST_ROOM = 32;
const EVENT = /^sys_(enter|exit)_(\w+)$/;

/**
 * Prints the records of the group `syscalls`, which the kernel does by its own rule: `sys_NAME(ARG: HEX, ...)` and
 * `sys_NAME -> 0xHEX`, without the event's name in front.
 */
export class SyscallText implements BodyPrinter {
  // Hundreds of such events would be hundreds of functions of JavaScript to compile: they share this one.
  readonly whole = undefined;
  readonly fixedSize: number;
  /** What stands before each number, and behind the last. */
  readonly #labels: readonly FixedText[];
  readonly #fields: readonly EventField[];
  readonly #room: number;
  readonly #littleEndian: boolean;

  private constructor(labels: readonly string[], fields: readonly EventField[], littleEndian: boolean) {
    this.#labels = labels.map(label => FixedText.of(label));
    this.#fields = fields;
    this.fixedSize = Math.max(0, ...fields.map(({ offset, size }) => offset + size));
    this.#room = labels.reduce((sum, { length }) => sum + length + MOST_ROOM, 0);
    this.#littleEndian = littleEndian;
  }

  /** A printer, or `undefined` when the event is none of these. */
  static of(layout: RecordLayout, littleEndian: boolean): SyscallText | undefined {
    const [, kind, name] = (layout.group === 'syscalls' && EVENT.exec(layout.name)) || [];
    const fields = layout.fields.filter(field => field.name !== '__syscall_nr');
    const isKnown = fields.every(field => field.size === 8 || field.size === 4);
    if (kind === undefined || !isKnown) return undefined;
    if (kind === 'exit') {
      const [result] = fields;
      if (result === undefined) return new SyscallText([`sys_${name} -> 0x0`], [], littleEndian);
      return new SyscallText([`sys_${name} -> 0x`, ''], [result], littleEndian);
    }
    const labels = fields.map((field, index) => `${index === 0 ? `sys_${name}(` : ', '}${field.name}: `);
    if (labels.length === 0) return new SyscallText([`sys_${name}()`], [], littleEndian);
    return new SyscallText([...labels, ')'], fields, littleEndian);
  }

  print(out: ByteText, { view: source, start, end }: PageRecord): void {
    const little = this.#littleEndian;
    out.reserve(this.#room);
    const { view } = out;
    let place = this.#labels[0]!.putAt(view, out.length);
    for (let index = 0; index < this.#fields.length; index++) {
      const { offset, size } = this.#fields[index]!;
      const at = start + offset;
      if (at + size > end) {
        place = OVERFLOW.putAt(view, place);
      } else if (size === 8) {
        const low = source.getInt32(little ? at : at + 4, little);
        place = putHex64(view, place, source.getInt32(little ? at + 4 : at, little), low);
      } else {
        place = putHex32(view, place, source.getUint32(at, little));
      }
      place = this.#labels[index + 1]!.putAt(view, place);
    }
    out.length = place;
  }

  emit<N extends EmittedNumber>(emitter: BodyEmitter<N>): void {
    for (const [index, label] of this.#labels.entries()) {
      emitter.label(bytesOf(label.toString()));
      const field = this.#fields[index];
      if (field !== undefined)
        emitter.number('hex', emitter.field(field.size === 8 ? 8 : 4, false, field.offset));
    }
  }
}
