import { type Btf, BtfKind, type TypeId } from '../src/btf/index.js';
import type { Random } from './random.js';
import { isStructure, structBehind } from './vocabulary.js';

/** A member that a chain can name, and what is special about it. */
interface Step {
  readonly name: string;
  readonly type: TypeId;
  /** It lies in an anonymous member, so that the kernel has to search. */
  readonly isNested: boolean;
  readonly isBitfield: boolean;
}

/** A chain of members: what stands after the variable, and the type it reaches. */
export interface Chain {
  readonly text: string;
  readonly btf: Btf;
  readonly type: TypeId;
}

export type Wanted = 'anything' | 'bitfield' | 'text' | 'pointer' | 'array' | 'enum';

const known = new WeakMap<Btf, Map<TypeId, readonly Step[]>>();

/** Members of a structure that can be named, those of anonymous ones inside included. */
export function stepsOf(btf: Btf, struct: TypeId): readonly Step[] {
  let ofBlob = known.get(btf);
  if (ofBlob === undefined) {
    ofBlob = new Map();
    known.set(btf, ofBlob);
  }
  let steps = ofBlob.get(struct);
  if (steps === undefined) {
    steps = collectSteps(btf, struct, false);
    ofBlob.set(struct, steps);
  }
  return steps;
}

function collectSteps(btf: Btf, struct: TypeId, isNested: boolean): Step[] {
  const steps: Step[] = [];
  for (let index = 0; index < btf.memberCount(struct); index++) {
    const name = btf.memberName(struct, index);
    const type = btf.memberType(struct, index);
    const inner = btf.skipModifiers(type);
    if (name !== '') {
      const isBitfield = btf.memberBitfieldWidth(struct, index) > 0;
      steps.push({ name, type, isNested, isBitfield });
    } else if (isStructure(btf, inner)) steps.push(...collectSteps(btf, inner, true));
  }
  return steps;
}

/** Walks from a pointer to a structure, `length` members if it can; `undefined` where nothing can be named. */
export function walk(
  random: Random,
  btf: Btf,
  start: TypeId,
  length: number,
  wanted: Wanted,
): Chain | undefined {
  let text = '';
  let type = start;
  let separator = '->';
  let struct = structBehind(btf, start);
  for (let left = length; left > 0 && struct !== undefined && text.length < 56; left--) {
    const steps = stepsOf(btf, struct);
    if (steps.length === 0) break;
    const step = chooseStep(random, btf, steps, left, wanted);
    text += separator + step.name;
    type = step.type;
    const inner = btf.skipModifiers(type);
    const isInside = isStructure(btf, inner);
    separator = isInside ? '.' : '->';
    struct = isInside ? inner : structBehind(btf, type);
    if (isInside && left === 1 && random.chance(0.85)) left++;
  }
  return text === '' ? undefined : { text, btf, type };
}

function chooseStep(random: Random, btf: Btf, steps: readonly Step[], left: number, wanted: Wanted): Step {
  const among = (test: (step: Step) => boolean): Step => {
    const fitting = steps.filter(test);
    return random.pick(fitting.length > 0 ? fitting : steps);
  };
  if (left > 1 && random.chance(0.8)) {
    return among(
      ({ type }) => isStructure(btf, btf.skipModifiers(type)) || structBehind(btf, type) !== undefined,
    );
  }
  if (wanted !== 'anything' && random.chance(0.8)) return among(step => fits(btf, step, wanted));
  return random.chance(0.4) ? among(step => step.isNested || step.isBitfield) : random.pick(steps);
}

function fits(btf: Btf, { type, isBitfield }: Step, wanted: Wanted): boolean {
  const kind = btf.kind(btf.skipModifiers(type));
  switch (wanted) {
    case 'bitfield':
      return isBitfield;
    case 'text':
      return isText(btf, type);
    case 'pointer':
      return kind === BtfKind.Ptr;
    case 'array':
      return kind === BtfKind.Array;
    case 'enum':
      return kind === BtfKind.Enum || kind === BtfKind.Enum64;
    case 'anything':
      return true;
  }
}

/** A pointer to bytes or an array of bytes. */
export function isText(btf: Btf, type: TypeId): boolean {
  const outer = btf.skipModifiers(type);
  const kind = btf.kind(outer);
  if (kind !== BtfKind.Ptr && kind !== BtfKind.Array) return false;
  const inner = btf.skipModifiers(kind === BtfKind.Ptr ? btf.referenced(outer) : btf.array(outer).element);
  return btf.kind(inner) === BtfKind.Int && btf.int(inner).bits === 8;
}
