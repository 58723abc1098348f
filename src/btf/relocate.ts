import type { Btf } from './btf.js';
import { BtfError } from './error.js';
import { BtfKind, KIND_MASK, KIND_SHIFT, type TypeId, VLEN_MASK } from './kinds.js';
import { isAggregate, isModifier, MAX_LEVELS } from './layout.js';
import { visitReferences } from './references.js';

const HEADER_LENGTH = 24;

/**
 * Raw split BTF on top of `kernel` with the types of `split`, whose base is the distilled base of its file (spec 10 section 6). Throws
 * `relocation`, naming the type, when one of the base has no single partner in the kernel's BTF.
 */
export function relocateToKernel(split: Btf, kernel: Btf): Uint8Array {
  const distilled = split.base;
  if (distilled === undefined) throw new BtfError('bad-base', 'there is no distilled base to relocate from');
  if (distilled.littleEndian !== kernel.littleEndian) {
    throw new BtfError('bad-base', "the kernel's BTF has another byte order");
  }
  const embedded = embeddedTypes(split, distilled.typeCount);
  const partners = new Uint32Array(distilled.typeCount);
  for (let id = 1; id < distilled.typeCount; id++)
    partners[id] = findPartner(distilled, id, kernel, embedded.has(id));

  const { table } = split;
  const words = table.words.slice();
  const nameShift = kernel.table.strings.end;
  const idShift = kernel.typeCount - distilled.typeCount;
  for (let i = 0; i < table.count; i++) {
    const at = table.starts[i]!;
    const info = words[at + 1]!;
    const kind = (info >>> KIND_SHIFT) & KIND_MASK;
    if (kind > BtfKind.LocSec)
      throw split.wrongKind(distilled.typeCount + i, 'cannot be relocated: it is not known');
    visitReferences(kind, info & VLEN_MASK, at, table.lengths, (role, index) => {
      const value = words[index]!;
      if (role === 'name') {
        // Both string sections go into the new blob one behind the other, so every offset moves by the same amount.
        if (value !== 0) words[index] = value + nameShift;
      } else {
        words[index] = value < distilled.typeCount ? partners[value]! : value + idShift;
      }
    });
  }
  return writeBlob(words, [distilled.table.strings.bytes, table.strings.bytes], split.littleEndian);
}

/** Base types that a struct of the module contains by value: their size must not have changed. */
function embeddedTypes(split: Btf, baseCount: number): Set<TypeId> {
  const embedded = new Set<TypeId>();
  for (let id = baseCount; id < split.typeCount; id++) {
    if (!isAggregate(split.kind(id))) continue;
    for (let i = 0; i < split.memberCount(id); i++) {
      let type = split.memberType(id, i);
      for (let level = 0; type >= baseCount && level < MAX_LEVELS; level++) {
        if (split.kind(type) === BtfKind.Array) type = split.array(type).element;
        else if (isModifier(split.kind(type))) type = split.referenced(type);
        else break;
      }
      if (type !== 0 && type < baseCount) embedded.add(type);
    }
  }
  return embedded;
}

function findPartner(distilled: Btf, id: TypeId, kernel: Btf, isEmbedded: boolean): TypeId {
  const name = distilled.nameOf(id);
  const kind = distilled.kind(id);
  const what = `type ${id} '${name}' of the distilled base`;
  const refuse = (problem: string): BtfError =>
    new BtfError('relocation', `${what} ${problem}`, distilled.blobOffset(id), id);
  if (name === '') throw refuse('has no name');
  const candidates = candidateKinds(distilled, id, kind).flatMap(wanted => kernel.findAll(name, wanted));
  const sizeMatters = !isAggregate(kind) || isEmbedded || candidates.length > 1;
  const partners = candidates.filter(candidate => fits(distilled, id, kernel, candidate, sizeMatters));
  if (partners.length > 1) throw refuse(`fits ${partners.length} types of the kernel`);
  if (partners[0] === undefined) throw refuse('fits no type of the kernel');
  return partners[0];
}

function candidateKinds(distilled: Btf, id: TypeId, kind: BtfKind): BtfKind[] {
  switch (kind) {
    case BtfKind.Int:
    case BtfKind.Float:
    case BtfKind.Struct:
    case BtfKind.Union:
      return [kind];
    case BtfKind.Enum:
    case BtfKind.Enum64:
      return [BtfKind.Enum, BtfKind.Enum64];
    case BtfKind.Fwd:
      return [BtfKind.Fwd, distilled.kindFlag(id) ? BtfKind.Union : BtfKind.Struct];
    default:
      throw distilled.wrongKind(id, 'cannot occur in a distilled base');
  }
}

function fits(distilled: Btf, id: TypeId, kernel: Btf, candidate: TypeId, sizeMatters: boolean): boolean {
  const kind = distilled.kind(id);
  if (kind === BtfKind.Fwd) {
    return kernel.kind(candidate) !== BtfKind.Fwd || kernel.kindFlag(candidate) === distilled.kindFlag(id);
  }
  if (sizeMatters && distilled.sizeOrType(id) !== kernel.sizeOrType(candidate)) return false;
  return kind !== BtfKind.Int || distilled.trailingWord(id) === kernel.trailingWord(candidate);
}

function writeBlob(words: Uint32Array, strings: readonly Uint8Array[], littleEndian: boolean): Uint8Array {
  const typeLength = words.length * 4;
  const stringLength = strings.reduce((sum, section) => sum + section.length, 0);
  const bytes = new Uint8Array(HEADER_LENGTH + typeLength + stringLength);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, littleEndian);
  view.setUint8(2, 1);
  [HEADER_LENGTH, 0, typeLength, typeLength, stringLength].forEach((value, i) => {
    view.setUint32(4 + i * 4, value, littleEndian);
  });
  words.forEach((value, i) => {
    view.setUint32(HEADER_LENGTH + i * 4, value, littleEndian);
  });
  let at = HEADER_LENGTH + typeLength;
  for (const section of strings) {
    bytes.set(section, at);
    at += section.length;
  }
  return bytes;
}
