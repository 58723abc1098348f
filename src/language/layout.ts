import type { EventField, RecordLayout } from '../kernel/index.js';
import type { ProbeArgument, ProbeKind } from './event.js';
import { isText } from './fetch-types.js';

// Record layout and print format of probe events (spec 03 sections 3 and 4), x86-64 word size.

const commonFields: readonly EventField[] = [
  field('unsigned short', 'common_type', 0, 2, false),
  field('unsigned char', 'common_flags', 2, 1, false),
  field('unsigned char', 'common_preempt_count', 3, 1, false),
  field('int', 'common_pid', 4, 4, true),
];

const entryHead: readonly EventField[] = [field('unsigned long', '__probe_ip', 8, 8, false)];
const returnHead: readonly EventField[] = [
  field('unsigned long', '__probe_func', 8, 8, false),
  field('unsigned long', '__probe_ret_ip', 16, 8, false),
];

function headFields(kind: ProbeKind, isReturn: boolean): readonly EventField[] {
  if (kind === 'e') return [];
  return isReturn ? returnHead : entryHead;
}

/** Bytes of a record before its first argument. */
export function recordHeadSize(kind: ProbeKind, isReturn: boolean): number {
  return 8 + headFields(kind, isReturn).length * 8;
}

/** The layout of an event's records; it has no number until a kernel gives it one. */
export function recordLayout(
  group: string,
  name: string,
  kind: ProbeKind,
  isReturn: boolean,
  args: readonly ProbeArgument[],
): RecordLayout {
  const fields = [...headFields(kind, isReturn), ...args.map(argumentField)];
  return {
    group,
    name,
    id: undefined,
    common: commonFields,
    fields,
    printFmt: printFormat(kind, isReturn, args),
  };
}

function argumentField({ name, type, count, offset, size }: ProbeArgument): EventField {
  const text = isText(type);
  // An array of strings carries its count in the type, other arrays carry none.
  if (count > 0 && text) return field(`${type.formatType}[${count}]`, name, offset, size, type.signed);
  return field(type.formatType, name, offset, size, type.signed, count > 0 ? '' : undefined);
}

function field(
  type: string,
  name: string,
  offset: number,
  size: number,
  signed: boolean,
  array?: string | undefined,
): EventField {
  return { name, type, offset, size, signed, array };
}

function printFormat(kind: ProbeKind, isReturn: boolean, args: readonly ProbeArgument[]): string {
  const head = kind === 'e' ? '' : isReturn ? '(%lx <- %lx)' : '(%lx)';
  const pieces = args.map(({ name, type, count }) => {
    const one = type.printFormat;
    return ` ${name}=${count > 0 ? `{${Array(count).fill(one).join(',')}}` : one}`;
  });
  const headValues = headFields(kind, isReturn).map(({ name }) => `, REC->${name}`);
  const values = args.flatMap(({ name, type, count }) => {
    const one = (element: string): string => (isText(type) ? `, __get_str(${element})` : `, REC->${element}`);
    return count > 0 ? Array.from({ length: count }, (_, i) => one(`${name}[${i}]`)) : [one(name)];
  });
  return `"${head}${pieces.join('')}"${headValues.join('')}${values.join('')}`;
}

/** A field as a line of the `format` file, without the leading tab (spec 03 section 4). */
export function formatFieldLine({ type, name, array, offset, size, signed }: EventField): string {
  const suffix = array === undefined ? '' : `[${array}]`;
  return `field:${type} ${name}${suffix};\toffset:${offset};\tsize:${size};\tsigned:${signed ? 1 : 0};`;
}

/** The whole `format` file. `id` is shown as the kernel's number, 0 while there is none. */
export function formatFile(layout: RecordLayout): string {
  const lines = (fields: readonly EventField[]): string =>
    fields.map(line => `\t${formatFieldLine(line)}\n`).join('');
  const head = `name: ${layout.name}\nID: ${layout.id ?? 0}\nformat:\n`;
  return `${head}${lines(layout.common)}\n${lines(layout.fields)}\nprint fmt: ${layout.printFmt}\n`;
}
