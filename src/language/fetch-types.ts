import type { FetchType } from './event.js';
import { parseUnsigned } from './numbers.js';

// The fetch types of spec 03 section 1.

const plain = (
  name: string,
  size: number,
  kind: 'unsigned' | 'signed' | 'hex',
  formatType = name,
): FetchType => ({
  name,
  size,
  signed: kind === 'signed',
  formatType,
  printFormat: {
    unsigned: size === 8 ? '%Lu' : '%u',
    signed: size === 8 ? '%Ld' : '%d',
    hex: size === 8 ? '0x%Lx' : '0x%x',
  }[kind],
  kind,
});

const text = (name: 'string' | 'ustring' | 'symstr'): FetchType => ({
  name,
  size: 4,
  signed: true,
  formatType: '__data_loc char[]',
  printFormat: '\\"%s\\"',
  kind: name,
});

const table: readonly FetchType[] = [
  text('string'),
  text('ustring'),
  text('symstr'),
  ...[1, 2, 4, 8].flatMap(size => [
    plain(`u${size * 8}`, size, 'unsigned'),
    plain(`s${size * 8}`, size, 'signed'),
    plain(`x${size * 8}`, size, 'hex', `u${size * 8}`),
  ]),
  { name: 'char', size: 1, signed: false, formatType: 'u8', printFormat: "'%c'", kind: 'char' },
  { name: 'symbol', size: 8, signed: false, formatType: 'u64', printFormat: '%pS', kind: 'symbol' },
];

const byName: ReadonlyMap<string, FetchType> = new Map(table.map(type => [type.name, type]));

/** Names that can be written, for hints and completion; bitfields (`bW@O/C`) beside them. */
export const fetchTypeNames: readonly string[] = table.map(type => type.name);

/** The type of that exact text (array suffix removed), or `undefined`. A bitfield is its container's type. */
export function findFetchType(name: string): FetchType | undefined {
  if (!name.startsWith('b')) return byName.get(name);
  const slash = name.indexOf('/');
  if (slash < 0) return undefined;
  const container = parseUnsigned(name.slice(slash + 1));
  if (container !== 8n && container !== 16n && container !== 32n && container !== 64n) return undefined;
  return byName.get(`u${container}`);
}

/** As `findFetchType`, for names that are known to exist. */
export function fetchType(name: string): FetchType {
  const type = byName.get(name);
  if (type === undefined) throw new RangeError(`no fetch type ${name}`);
  return type;
}

/** Is the value stored as text with a `__data_loc`? */
export function isText(type: FetchType): boolean {
  return type.kind === 'string' || type.kind === 'ustring' || type.kind === 'symstr';
}
