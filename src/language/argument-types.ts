import type { Btf, TypeId } from '../btf/index.js';
import { type FieldType, valueTypeOf } from '../kernel/index.js';
import type { BtfUse, ProbeArgument, ProbeEvent } from './event.js';
import { isText } from './fetch-types.js';
import { pointerExpressions } from './pointer-expressions.js';
import type { FetchOp } from './program.js';

/** Operations that read memory: each follows one pointer. */
const memoryOps: ReadonlySet<FetchOp['op']> = new Set([
  ...(['DEREF', 'UDEREF', 'ST_MEM', 'ST_UMEM', 'ST_STRING', 'ST_USTRING'] as const),
]);

/** Does this operation of a fetch program follow a pointer? Steps of a `FetchState` count these. */
export function isMemoryOp({ op }: FetchOp): boolean {
  return memoryOps.has(op);
}

/** What is known of an event's arguments beyond their bytes, by name. Plain data: it does not hold the event's BTF. */
export function argumentTypes(event: ProbeEvent): ReadonlyMap<string, FieldType> {
  return new Map(event.args.map(argument => [argument.name, argumentType(argument)]));
}

function argumentType(argument: ProbeArgument): FieldType {
  const { btf: use, program, body } = argument;
  const written = use === undefined || body.includes(':');
  const meant = use === undefined || isText(argument.type) ? undefined : meantBy(use, argument, written);
  return {
    type: meant?.type,
    spelling: use?.btf.typeName(use.type),
    bits: meant?.bits,
    written,
    result: use?.root === '$retval' && use.steps.length === 0,
    fromMemory: program.some(isMemoryOp),
    pointers: pointerExpressions(body),
  };
}

type Meant = Pick<FieldType, 'type' | 'bits'>;

/** What BTF says of the stored bytes; nothing where they are too few for the type. */
function meantBy(
  { btf, steps, type: id }: BtfUse,
  argument: ProbeArgument,
  written: boolean,
): Meant | undefined {
  const { size, count, type: stored } = argument;
  const type = valueTypeOf(btf, id, size);
  if (type === undefined) return undefined;
  const modified = modification(argument);
  if (type.kind === 'text' || type.kind === 'array' || type.kind === 'struct') {
    return modified === undefined ? { type, bits: undefined } : undefined;
  }
  if (type.kind === 'ipv6') return size >= 16 ? { type, bits: undefined } : undefined;
  const place = bitsOf(btf, id, steps);
  if (count > 0) return place.isBitfield || type.size !== stored.size ? undefined : repeated(type, count);
  if (modified === undefined) {
    if (place.offset + place.width > size * 8) return undefined;
    const isWhole = place.offset === 0 && place.width === size * 8;
    return { type, bits: isWhole ? undefined : { offset: place.offset, width: place.width } };
  }
  if (modified.offset !== place.offset || modified.width !== place.width) return undefined;
  // Bits behind those that were read are not there to be shifted in.
  const read = written ? size * 8 : (btf.sizeOf(id) ?? 0) * 8;
  return place.offset + place.width > read ? undefined : { type, bits: { offset: 0, width: place.width } };
}

/** Elements that were asked for one after another, beginning with a plain value. */
function repeated(element: FieldType['type'] & object, count: number): Meant {
  return { type: { kind: 'array', size: element.size * count, element, count }, bits: undefined };
}

/** Where the value lies in the word that a fetch of it reads, in bits. */
function bitsOf(
  btf: Btf,
  id: TypeId,
  steps: BtfUse['steps'],
): { offset: number; width: number; isBitfield: boolean } {
  const bitfieldWidth = steps.at(-1)?.bitfieldWidth ?? 0;
  if (bitfieldWidth === 0) return { offset: 0, width: (btf.sizeOf(id) ?? 0) * 8, isBitfield: false };
  const pointer = steps.findLastIndex(({ separator }) => separator === '->');
  const bits = steps.slice(Math.max(0, pointer)).reduce((sum, { bitOffset }) => sum + bitOffset, 0);
  return { offset: bits % 8, width: bitfieldWidth, isBitfield: true };
}

/** Which bits the program takes out of the word and stores from bit 0 on. */
function modification({ program }: ProbeArgument): { offset: number; width: number } | undefined {
  const op = program.find(({ op }) => op === 'MOD_BF');
  if (op?.op !== 'MOD_BF') return undefined;
  return { offset: op.right - op.left, width: op.base * 8 - op.right };
}
