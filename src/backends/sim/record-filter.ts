import { type EventField, matchesGlob, type RecordLayout } from '../../kernel/index.js';
import { type FilterExpression, type FilterTerm, textPlace } from '../../language/index.js';
import type { EncodedRecord } from '../../program/index.js';
import { BackendError } from '../error.js';
import type { SimHit } from './sim-kernel.js';

/** Does a hit pass, as the kernel asks it of the record (spec 14 section 7)? What could not be read passes no comparison. */
export type RecordFilter = (record: EncodedRecord, hit: SimHit) => boolean;

/** Makes a filter of what it asks of an event's records. Throws a `BackendError` for what is not simulated. */
export function recordFilter(expression: FilterExpression, layout: RecordLayout): RecordFilter {
  switch (expression.kind) {
    case 'not': {
      const operand = recordFilter(expression.operand, layout);
      return (record, hit) => !operand(record, hit);
    }
    case 'and':
    case 'or': {
      const left = recordFilter(expression.left, layout);
      const right = recordFilter(expression.right, layout);
      return expression.kind === 'and'
        ? (record, hit) => left(record, hit) && right(record, hit)
        : (record, hit) => left(record, hit) || right(record, hit);
    }
    case 'number':
      return numberFilter(expression, layout);
    case 'text':
      return textFilter(expression, layout);
    case 'special':
      throw notSimulated(expression.text, layout);
  }
}

function numberFilter(
  { field: name, operator, value }: FilterTerm & { kind: 'number' },
  layout: RecordLayout,
): RecordFilter {
  const { read, bits, signed } = numberOf(name, layout);
  const wanted = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  const compare: (found: bigint) => boolean = {
    '==': (found: bigint) => found === wanted,
    '!=': (found: bigint) => found !== wanted,
    '<': (found: bigint) => found < wanted,
    '<=': (found: bigint) => found <= wanted,
    '>': (found: bigint) => found > wanted,
    '>=': (found: bigint) => found >= wanted,
    '&': (found: bigint) => (found & wanted) !== 0n,
  }[operator];
  return (record, hit) => !record.states.has(name) && compare(read(record, hit));
}

/** What every event has beside its fields: the processor of the hit. */
const processorFields: readonly string[] = ['CPU', 'cpu', 'common_cpu'];

interface NumberInRecord {
  readonly read: (record: EncodedRecord, hit: SimHit) => bigint;
  readonly bits: number;
  readonly signed: boolean;
}

function numberOf(name: string, layout: RecordLayout): NumberInRecord {
  const field = [...layout.fields, ...layout.common].find(one => one.name === name);
  if (field === undefined && processorFields.includes(name))
    return { read: (_, { cpu }) => BigInt(cpu), bits: 32, signed: true };
  if (field === undefined) throw notSimulated(name, layout);
  const { offset, size, signed, array } = field;
  if (array !== undefined || ![1, 2, 4, 8].includes(size)) throw notSimulated(name, layout);
  const bits = 8 * size;
  const read = ({ bytes }: EncodedRecord): bigint => {
    const stored = bytes.subarray(offset, offset + size);
    const value = stored.reduceRight((found, byte) => (found << 8n) | BigInt(byte), 0n);
    return signed ? BigInt.asIntN(bits, value) : value;
  };
  return { read, bits, signed };
}

function textFilter(
  { field: name, operator, value }: FilterTerm & { kind: 'text' },
  layout: RecordLayout,
): RecordFilter {
  const field = layout.fields.find(one => one.name === name);
  const read =
    field === undefined ? (_: EncodedRecord, { machine }: SimHit) => machine.comm() : textOf(field, layout);
  const isSame = operator === '~' ? patternTest(value) : (text: string) => text === value;
  const wanted = operator !== '!=';
  return (record, hit) => !record.states.has(name) && isSame(read(record, hit)) === wanted;
}

function textOf(field: EventField, layout: RecordLayout): (record: EncodedRecord) => string {
  const { offset, size } = field;
  const place = textPlace(field);
  if (place === 'inside') return ({ bytes }) => untilNul(bytes.subarray(offset, offset + size));
  if (place !== 'located') throw notSimulated(field.name, layout);
  return ({ bytes }) => {
    const start = bytes[offset]! | (bytes[offset + 1]! << 8);
    const length = bytes[offset + 2]! | (bytes[offset + 3]! << 8);
    return untilNul(bytes.subarray(start, start + length));
  };
}

function untilNul(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return String.fromCharCode(...(nul < 0 ? bytes : bytes.subarray(0, nul)));
}

/** A pattern that begins with a digit is taken for an index, and compared whole. */
function patternTest(pattern: string): (text: string) => boolean {
  const not = pattern.startsWith('!');
  const wanted = not ? pattern.slice(1) : pattern;
  const isLike = /^\d/.test(wanted)
    ? (text: string) => text === wanted
    : (text: string) => matchesGlob(wanted, text);
  return text => isLike(text) !== not;
}

function notSimulated(what: string, { group, name }: RecordLayout): BackendError {
  return new BackendError('unsupported', `the simulated kernel does not filter by ${what}`, {
    definition: `${group}:${name}`,
  });
}
