import type { EventField, RecordLayout } from '../kernel/index.js';
import type { BodyPrinter } from './body-printer.js';
import type { ByteText } from './byte-text.js';
import type { PageRecord } from './page-record.js';
import type { AddressText } from './symbol-text.js';

/** Stands in a stack for ftrace's own code. */
const TRAMPOLINE_MARK = 0x7fff_ffffn;
const ALL_ONES = 0xffff_ffff_ffff_ffffn;
const NEWLINE = 0x0a;

/** What the texts of the tracers' own records need. */
export interface BuiltInContext {
  /** The bare names of functions. */
  readonly names: AddressText;
  readonly littleEndian: boolean;
  /** The text at an address of the kernel. */
  readonly stringAt: (address: bigint) => string | undefined;
}

type Print = (out: ByteText, record: PageRecord) => void;

/**
 * Prints the records that tracers and `trace_marker` write (group `ftrace`), which the kernel does without the event's
 * name and not by their print format (spec 12 section 6).
 */
export class BuiltInText implements BodyPrinter {
  readonly whole = undefined;
  readonly fixedSize = 0;
  readonly print: Print;

  private constructor(print: Print) {
    this.print = print;
  }

  /** A printer, or `undefined` for events that are none of these. */
  static of(layout: RecordLayout, context: BuiltInContext): BuiltInText | undefined {
    if (layout.group !== 'ftrace') return undefined;
    const make = Object.hasOwn(printers, layout.name) ? printers[layout.name] : undefined;
    const print = make?.(new Fields(layout, context), context);
    return print && new BuiltInText(print);
  }
}

const printers: Readonly<Record<string, (fields: Fields, context: BuiltInContext) => Print | undefined>> = {
  print(fields) {
    const [ip, text] = [fields.word('ip'), fields.rest('buf')];
    if (ip === undefined || text === undefined) return undefined;
    return (out, record) => {
      fields.putName(out, fields.read(record, ip));
      out.text(': ');
      out.putUntilNul(record.source, record.start + text.offset, record.end);
      dropNewline(out);
    };
  },

  bputs(fields, { stringAt }) {
    const [ip, text] = [fields.word('ip'), fields.word('str')];
    if (ip === undefined || text === undefined) return undefined;
    return (out, record) => {
      const address = fields.read(record, text);
      fields.putName(out, fields.read(record, ip));
      out.text(`: ${stringAt(address) ?? `0x${address.toString(16)}`}`);
      dropNewline(out);
    };
  },

  function(fields) {
    const [ip, parent] = [fields.word('ip'), fields.word('parent_ip')];
    if (ip === undefined || parent === undefined) return undefined;
    return (out, record) => {
      fields.putName(out, fields.read(record, ip));
      out.text(' <-');
      fields.putName(out, fields.read(record, parent));
    };
  },

  kernel_stack(fields) {
    const callers = fields.array('caller');
    if (callers === undefined) return undefined;
    return (out, record) => {
      out.text('<stack trace>');
      for (const address of fields.words(record, callers)) {
        if (address === ALL_ONES) break;
        out.text('\n => ');
        if (address === TRAMPOLINE_MARK) out.text('[FTRACE TRAMPOLINE]');
        else fields.putName(out, address);
      }
    };
  },

  user_stack(fields) {
    const callers = fields.array('caller');
    if (callers === undefined) return undefined;
    return (out, record) => {
      out.text('<user stack trace>');
      for (const address of fields.words(record, callers)) {
        if (address === 0n || address === ALL_ONES) break;
        out.text(`\n =>  <${address.toString(16).padStart(16, '0')}>`);
      }
    };
  },

  raw_data(fields) {
    const [id, bytes] = [fields.word('id'), fields.rest('buf')];
    if (id === undefined || bytes === undefined) return undefined;
    return (out, record) => {
      out.text(`# ${fields.read(record, id).toString(16)} buf:`);
      for (let at = record.start + bytes.offset; at < record.end; at++)
        out.text(` ${record.source[at]!.toString(16).padStart(2, '0')}`);
    };
  },
};

/** The kernel's text brings its own end of line. */
function dropNewline(out: ByteText): void {
  if (out.bytes[out.length - 1] === NEWLINE) out.length--;
}

/** The fields of one of these events, found by name. */
class Fields {
  readonly #layout: RecordLayout;
  readonly #context: BuiltInContext;

  constructor(layout: RecordLayout, context: BuiltInContext) {
    this.#layout = layout;
    this.#context = context;
  }

  word(name: string): EventField | undefined {
    return this.#find(name, ({ size }) => size === 4 || size === 8);
  }

  /** What takes the rest of the record. */
  rest(name: string): EventField | undefined {
    return this.#find(name, ({ size }) => size === 0);
  }

  /** Addresses, up to the end of the record whatever the format says of their number. */
  array(name: string): EventField | undefined {
    return this.#find(name, ({ array }) => array !== undefined);
  }

  read(record: PageRecord, { offset, size }: EventField): bigint {
    const at = record.start + offset;
    if (at + size > record.end) return 0n;
    const { littleEndian } = this.#context;
    return size === 8
      ? record.view.getBigUint64(at, littleEndian)
      : BigInt(record.view.getUint32(at, littleEndian));
  }

  *words(record: PageRecord, { offset }: EventField): IterableIterator<bigint> {
    for (let at = record.start + offset; at + 8 <= record.end; at += 8)
      yield record.view.getBigUint64(at, this.#context.littleEndian);
  }

  putName(out: ByteText, address: bigint): void {
    const name = this.#context.names.of(Number(address >> 32n), Number(address & 0xffff_ffffn));
    out.text(name.toString());
  }

  #find(name: string, fits: (field: EventField) => boolean): EventField | undefined {
    return this.#layout.fields.find(field => field.name === name && fits(field));
  }
}
