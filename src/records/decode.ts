import type { EventField } from '../kernel/index.js';
import type { PageRecord } from './page-record.js';
import { type ProbeArgument, parseProbeFormat } from './print-format.js';
import type { TracedEvent } from './record.js';

/** How the values of a field are meant to be read by people. */
export type NumberStyle = 'unsigned' | 'signed' | 'hex' | 'char' | 'symbol';

/** Why a field has no value: the kernel could not read the memory, or the record's bytes contradict themselves. */
export type FieldProblem = 'fault' | 'damaged';

/** What the bytes of a field are. */
export type FieldShape =
  | {
      readonly kind: 'number';
      readonly style: NumberStyle;
      /** Bytes of one number. */
      readonly size: 1 | 2 | 4 | 8;
      /** Numbers in an array, `rest` for as many as the record still has; `undefined` for a plain one. */
      readonly count: number | 'rest' | undefined;
    }
  /** Characters in the record itself, up to a NUL; size 0 = the rest of the record. */
  | { readonly kind: 'text'; readonly size: number }
  /** A location of characters elsewhere in the record, or an array of `count` of them. */
  | { readonly kind: 'string'; readonly relative: boolean; readonly count: number | undefined }
  /** A location of numbers elsewhere in the record. */
  | {
      readonly kind: 'numbers';
      readonly relative: boolean;
      readonly style: NumberStyle;
      readonly size: 1 | 2 | 4 | 8;
    };

/** A field of an event's records with what its bytes are. */
export interface ShapedField {
  readonly name: string;
  readonly offset: number;
  /** Bytes in the fixed part; 0 = the rest of the record. */
  readonly size: number;
  readonly shape: FieldShape;
}

/** Bytes of `PageRecord.source`; `problem` says why there are none. */
export interface ByteRange {
  start: number;
  end: number;
  problem: FieldProblem | undefined;
}

/** `p:` and `r:` lines whose target is a file. */
const UPROBE = /^[pr]\d*(?::\S*)?\s+[^\s:]*\/[^\s]*:\S/;
const DYNAMIC = /^__(data|rel)_loc\s+(.*?)\s*\[\](?:\[(\d+)\])?$/;

/** Whether a definition is a uprobe's: its addresses are a process's, not the kernel's. */
export function isInFile(definition: string | undefined): boolean {
  return definition !== undefined && UPROBE.test(definition);
}

/**
 * What the records of one event hold (spec 03 section 3, spec 11 section 4): the addresses that stand for the place of a
 * probe, and the fields behind them.
 */
export class EventShape {
  /** `__probe_ip`. */
  readonly ip: EventField | undefined;
  /** `__probe_func` of a return event. */
  readonly func: EventField | undefined;
  /** `__probe_ret_ip` of a return event. */
  readonly returnIp: EventField | undefined;
  readonly fields: readonly ShapedField[];
  /** Addresses of the place are a process's. */
  readonly inFile: boolean;
  /** A probe's string always has bytes: without any, its fetch failed. */
  readonly isProbe: boolean;
  /** Of a probe event: offsets of the locations of dynamic data, in the order in which the data were stored. */
  readonly locations: readonly number[];
  readonly #littleEndian: boolean;

  constructor(event: TracedEvent, littleEndian = true) {
    const format = parseProbeFormat(event.layout);
    this.isProbe = format !== undefined && (format.head.kind !== 'none' || event.definition !== undefined);
    this.#littleEndian = littleEndian;
    this.inFile = isInFile(event.definition);
    if (this.isProbe && format !== undefined) {
      const { head } = format;
      this.ip = head.kind === 'entry' ? head.ip : undefined;
      this.func = head.kind === 'return' ? head.func : undefined;
      this.returnIp = head.kind === 'return' ? head.returnIp : undefined;
      this.fields = format.args.map(shapeArgument);
    } else {
      this.ip = this.func = this.returnIp = undefined;
      this.fields = event.layout.fields.map(shapeField);
    }
    this.locations = this.isProbe ? this.fields.flatMap(locationsOf) : [];
  }

  /** True when the field's own bytes lie inside the record. */
  holds(record: PageRecord, field: ShapedField): boolean {
    return record.start + field.offset + field.size <= record.end;
  }

  /**
   * True when the source says that the field's read faulted, so that its bytes mean nothing. The elements of an array of
   * strings tell that one by one.
   */
  isFaulted({ states }: PageRecord, { name, shape }: ShapedField): boolean {
    const state = states?.get(name)?.state;
    if (state !== 'null' && state !== 'fault') return false;
    return shape.kind !== 'string' || shape.count === undefined;
  }

  /**
   * Finds the bytes that the location at `offset` of the record points to. Of text (`isText`) the end is the first NUL,
   * the stored end, or the start of the next field's data, whichever comes first (spec 11 R11-24).
   */
  locate(record: PageRecord, offset: number, relative: boolean, isText: boolean, range: ByteRange): void {
    const at = record.start + offset;
    const location = record.view.getUint32(at, this.#littleEndian);
    const length = location >>> 16;
    const start = (relative ? at + 4 : record.start) + (location & 0xffff);
    range.start = range.end = start;
    range.problem = undefined;
    if (length === 0) {
      if (this.isProbe && isText) range.problem = 'fault';
      return;
    }
    if (start + length > record.end) {
      range.problem = 'damaged';
      return;
    }
    range.end = start + length;
    if (!isText) return;
    if (this.isProbe) this.#endBeforeOthers(record, offset, range);
    if (range.problem !== undefined) return;
    for (let index = range.start; index < range.end; index++) {
      if (record.source[index] === 0) {
        range.end = index;
        break;
      }
    }
  }

  #endBeforeOthers(record: PageRecord, offset: number, range: ByteRange): void {
    let isLater = false;
    for (const other of this.locations) {
      if (other === offset) {
        isLater = true;
        continue;
      }
      if (record.start + other + 4 > record.end) continue;
      const start = record.start + (record.view.getUint32(record.start + other, this.#littleEndian) & 0xffff);
      if (start > range.start && start < range.end) range.end = start;
      // A string that was stored moves the next one on. If it did not, an earlier step of its fetch had failed and the
      // location was left at its preset, which is where the next one's text is (spec 03 section 6).
      if (isLater && start === range.start) range.problem = 'fault';
    }
  }
}

function shapeArgument({ field, conversion, elementSize, count }: ProbeArgument): ShapedField {
  const { name, offset, size } = field;
  const shape: FieldShape =
    conversion === 'string'
      ? { kind: 'string', relative: false, count }
      : { kind: 'number', style: conversion, size: elementSize as 1 | 2 | 4 | 8, count };
  return { name, offset, size, shape };
}

function shapeField(field: EventField): ShapedField {
  const { name, offset, size } = field;
  return { name, offset, size, shape: shapeOf(field) };
}

function shapeOf(field: EventField): FieldShape {
  const { type, size, signed, array } = field;
  const dynamic = DYNAMIC.exec(type);
  if (dynamic !== null && size % 4 === 0 && size > 0) {
    const element = dynamic[2]!;
    const relative = dynamic[1] === 'rel';
    if (isCharacter(element)) return { kind: 'string', relative, count: size === 4 ? undefined : size / 4 };
    if (size === 4) return { kind: 'numbers', relative, ...numberOf(element, signed) };
  }
  if (array !== undefined && isCharacter(type)) return { kind: 'text', size };
  if (array !== undefined) {
    const number = numberOf(type, signed, Number(array) > 0 ? size / Number(array) : undefined);
    const count = size === 0 ? 'rest' : size / number.size;
    if (Number.isInteger(count) || count === 'rest') return { kind: 'number', ...number, count };
  } else if (size === 1 || size === 2 || size === 4 || size === 8) {
    return { kind: 'number', style: styleOf(type, signed), size, count: undefined };
  }
  return { kind: 'number', style: 'unsigned', size: 1, count: size === 0 ? 'rest' : size };
}

const SIZES: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  char: 1,
  bool: 1,
  u8: 1,
  s8: 1,
  __u8: 1,
  __s8: 1,
  uint8_t: 1,
  short: 2,
  u16: 2,
  s16: 2,
  __u16: 2,
  __s16: 2,
  __be16: 2,
  __le16: 2,
  uint16_t: 2,
  int: 4,
  u32: 4,
  s32: 4,
  __u32: 4,
  __s32: 4,
  __be32: 4,
  __le32: 4,
  uint32_t: 4,
  long: 8,
  u64: 8,
  s64: 8,
  __u64: 8,
  __s64: 8,
  __be64: 8,
  __le64: 8,
  uint64_t: 8,
};

/** The numbers of an array, by the size that divides it evenly or by their type's name. */
function numberOf(
  type: string,
  signed: boolean,
  known?: number,
): { style: NumberStyle; size: 1 | 2 | 4 | 8 } {
  const words = type.replace(/^const /, '').replace(/\b(?:unsigned|signed) /, '');
  const named = type.endsWith('*') ? 8 : SIZES[words === 'unsigned' ? 'int' : words];
  const size = known === 1 || known === 2 || known === 4 || known === 8 ? known : (named ?? 1);
  return { style: styleOf(type, signed), size };
}

function styleOf(type: string, signed: boolean): NumberStyle {
  if (type.endsWith('*')) return 'hex';
  return signed ? 'signed' : 'unsigned';
}

function isCharacter(type: string): boolean {
  return type === 'char' || type === 'const char';
}

function locationsOf({ offset, size, shape }: ShapedField): number[] {
  if (shape.kind !== 'string' && shape.kind !== 'numbers') return [];
  return Array.from({ length: size / 4 }, (_, index) => offset + index * 4);
}
