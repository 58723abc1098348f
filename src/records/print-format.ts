import type { EventField, RecordLayout } from '../kernel/index.js';

/** How the kernel prints one argument of a probe event (spec 03 section 1). */
export type ArgumentConversion = 'unsigned' | 'signed' | 'hex' | 'char' | 'symbol' | 'string';

/** One argument of a probe event: where it is and how it prints. */
export interface ProbeArgument {
  readonly field: EventField;
  readonly conversion: ArgumentConversion;
  /** Bytes of one element: 4 for a string's location. */
  readonly elementSize: number;
  /** Elements of an array; `undefined` for a plain value. */
  readonly count: number | undefined;
}

/** What stands in the parentheses before the arguments: `__probe_ip`, `__probe_func` and `__probe_ret_ip`, or nothing of the record. */
export type ProbeHead =
  | { readonly kind: 'entry'; readonly ip: EventField }
  | { readonly kind: 'return'; readonly func: EventField; readonly returnIp: EventField }
  | { readonly kind: 'none' };

/** A probe event's `print fmt`, understood. */
export interface ProbeFormat {
  readonly head: ProbeHead;
  readonly args: readonly ProbeArgument[];
}

const PIECES: readonly (readonly [text: string, conversion: ArgumentConversion])[] = [
  ['0x%Lx', 'hex'],
  ['0x%lx', 'hex'],
  ['0x%x', 'hex'],
  ['%Lu', 'unsigned'],
  ['%lu', 'unsigned'],
  ['%u', 'unsigned'],
  ['%Ld', 'signed'],
  ['%ld', 'signed'],
  ['%d', 'signed'],
  ["'%c'", 'char'],
  ['%pS', 'symbol'],
  ['\\"%s\\"', 'string'],
];

/**
 * Understands the `print fmt` of a probe event (spec 11 R11-25): the head, then ` NAME=` and a conversion for each field.
 * `undefined` when the event is none: its print format says something else.
 */
export function parseProbeFormat(layout: RecordLayout): ProbeFormat | undefined {
  const { head, fields, text } = splitHead(layout);
  let position = 0;
  const args: ProbeArgument[] = [];
  for (const field of fields) {
    const label = ` ${field.name}=`;
    if (!text.startsWith(label, position)) return undefined;
    position += label.length;
    const piece = readPiece(text, position);
    if (piece === undefined) return undefined;
    position = piece.end;
    const argument = argumentOf(field, piece.conversion, piece.count);
    if (argument === undefined) return undefined;
    args.push(argument);
  }
  return text.startsWith('"', position) ? { head, args } : undefined;
}

function splitHead(layout: RecordLayout): {
  head: ProbeHead;
  fields: readonly EventField[];
  text: string;
} {
  const { fields, printFmt } = layout;
  const [first, second] = fields;
  if (first?.name === '__probe_ip' && isAddress(first.size) && printFmt.startsWith('"(%lx)')) {
    return { head: { kind: 'entry', ip: first }, fields: fields.slice(1), text: printFmt.slice(6) };
  }
  const isReturn = first?.name === '__probe_func' && second?.name === '__probe_ret_ip';
  const isWhole =
    first !== undefined && second !== undefined && isAddress(first.size) && isAddress(second.size);
  if (isReturn && isWhole && printFmt.startsWith('"(%lx <- %lx)')) {
    const head = { kind: 'return', func: first, returnIp: second } as const;
    return { head, fields: fields.slice(2), text: printFmt.slice(13) };
  }
  return { head: { kind: 'none' }, fields, text: printFmt.slice(1) };
}

interface Piece {
  readonly conversion: ArgumentConversion;
  readonly count: number | undefined;
  readonly end: number;
}

function readPiece(text: string, start: number): Piece | undefined {
  if (text[start] !== '{') {
    const piece = PIECES.find(([pattern]) => text.startsWith(pattern, start));
    return piece && { conversion: piece[1], count: undefined, end: start + piece[0].length };
  }
  const piece = PIECES.find(([pattern]) => text.startsWith(pattern, start + 1));
  if (piece === undefined) return undefined;
  let end = start + 1 + piece[0].length;
  let count = 1;
  while (text.startsWith(`,${piece[0]}`, end)) {
    end += 1 + piece[0].length;
    count++;
  }
  return text[end] === '}' ? { conversion: piece[1], count, end: end + 1 } : undefined;
}

function argumentOf(
  field: EventField,
  conversion: ArgumentConversion,
  count: number | undefined,
): ProbeArgument | undefined {
  const elementSize = field.size / (count ?? 1);
  if (!fits(conversion, elementSize)) return undefined;
  if (conversion === 'string' && !field.type.startsWith('__data_loc char[]')) return undefined;
  return { field, conversion, elementSize, count };
}

/** Whether a conversion reads that many bytes. */
function fits(conversion: ArgumentConversion, size: number): boolean {
  switch (conversion) {
    case 'string':
      return size === 4;
    case 'char':
      return size === 1;
    case 'symbol':
      return isAddress(size);
    default:
      return size === 1 || size === 2 || isAddress(size);
  }
}

function isAddress(size: number): boolean {
  return size === 4 || size === 8;
}
