import { type Btf, BtfKind, type TypeId } from '../../btf/index.js';
import type { Span } from '../diagnostic.js';
import { dereferences } from '../lowering/fetch-text.js';
import { fittingType } from '../lowering/value-type.js';
import type { ChainStep, ChainSyntax } from '../syntax.js';
import { type Advice, adviseOnComma } from './advice.js';
import {
  aggregateOf,
  memberNames,
  nearestInside,
  pointedType,
  type Walk,
  walkChain,
  waysTo,
} from './chain.js';
import { blamedStep, type Mistake, separatorSpan } from './mistake.js';
import { nearestNames, surelyNear } from './nearest.js';
import { plainType, textKind } from './plain-form.js';

// Hints about chains of members: NO_BTF_FIELD, NO_PTR_STRCT, BAD_BTF_TID, NOSUP_DAT_ARG, BAD_HYPHEN.

/** A struct has no such member, or the kernel does not see it. */
export function adviseOnMissingField(mistake: Mistake): void {
  const blamed = blamedStep(mistake);
  const walk = blamed && walkChain(mistake.site, blamed.chain, blamed.at);
  if (blamed === undefined || walk?.container === undefined) return;
  const { advice, diagnostic } = mistake;
  const { btf, container } = walk;
  const { text } = blamed.step.field;
  const struct = btf.typeName(container);
  if (text === '') {
    advice.say(`the name of a member of ${struct} is missing behind ${blamed.step.separator}`);
    return;
  }
  if (btf.findMember(container, text) !== undefined) return adviseOnUnseenMember(mistake, blamed, walk);
  const comma = text.indexOf(',');
  if (comma > 0 && btf.findMember(container, text.slice(0, comma)) !== undefined)
    return adviseOnComma(advice, blamed.step.field, comma);
  const bracket = text.indexOf('[');
  if (bracket > 0 && btf.findMember(container, text.slice(0, bracket)) !== undefined) {
    advice.say(
      `${text.slice(0, bracket)} is an array: the kernel has no indexing; read it by its offset, +OFFSET(...)`,
    );
  }
  adviseOnMeant(advice, btf, container, text, diagnostic.span);
  advice.say(`${leftSide(blamed.chain, blamed.at)} is ${walk.declaration}; ${struct} has no member ${text}`);
}

/** Which member may be meant: one of a near name, of the same name elsewhere, or of a near name inside of a member. */
function adviseOnMeant(advice: Advice, btf: Btf, struct: TypeId, name: string, span: Span): void {
  const near = nearestNames(name, memberNames(btf, struct));
  const isNear = (near[0]?.distance ?? 9) <= surelyNear;
  const elsewhere = waysTo(btf, struct, name, 3);
  const inside = isNear || elsewhere.length > 0 ? [] : nearestInside(btf, struct, name, surelyNear);
  if (isNear) advice.near(near, span);
  if (elsewhere.length > 0) {
    advice.say(
      `${btf.typeName(struct)} has no ${name} of its own, but there is one at ${elsewhere.join(', ')}`,
    );
    for (const way of elsewhere) advice.replace(way, span);
  }
  if (inside.length > 0) {
    advice.near(inside, span);
    advice.say(`C code that writes ${name} may mean a macro for that member`);
  }
  if (!isNear) advice.near(near, span);
}

/** The kernel remembers 16 anonymous members of a struct and does not look into further ones. */
function adviseOnUnseenMember(
  { advice, argument }: Mistake,
  { chain, step, at }: { chain: ChainSyntax; step: ChainStep; at: number },
  before: Walk,
): void {
  const { btf, container } = before;
  const member = btf.findMember(container!, step.field.text)!;
  advice.say(
    `${btf.typeName(container!)} has ${step.field.text}, but inside more anonymous members than the 16 that the kernel searches`,
  );
  if (at !== chain.steps.length - 1 || argument === undefined) return;
  const bytes = Math.floor(member.bitOffset / 8);
  const embedded = step.separator === '.' && before.offsets.length > 0;
  const offsets = embedded
    ? [...before.offsets.slice(0, -1), before.offsets.at(-1)! + bytes]
    : [...before.offsets, bytes];
  const value = {
    btf,
    type: member.type,
    bitRemainder: member.bitOffset % 8,
    bitfieldWidth: member.bitfieldWidth,
  };
  const type = argument.type?.text ?? plainType(value, fittingType(btf, member.type));
  const plain = `${dereferences(chain.root.text, offsets)}:${type}`;
  const name = argument.name === undefined ? `${step.field.text}=` : '';
  advice.offer(`by its offset it can be read: ${name}${plain}`, `${name}${plain}`, argument.body.span);
}

/** `->` behind something that is no pointer. */
export function adviseOnArrow(mistake: Mistake): void {
  const blamed = blamedStep(mistake);
  const walk = blamed && walkChain(mistake.site, blamed.chain, blamed.at);
  if (blamed === undefined || walk === undefined) return;
  const { advice } = mistake;
  const left = leftSide(blamed.chain, blamed.at);
  if (aggregateOf(walk.btf, walk.left) !== undefined) {
    if (blamed.at === 0) {
      advice.say(`${left} is ${walk.declaration}, passed by value: the kernel cannot read its members`);
      return;
    }
    advice.offer(
      `${left} is ${walk.declaration}, not a pointer: use . instead of ->`,
      '.',
      separatorSpan(blamed.step),
    );
    return;
  }
  advice.say(`${left} is ${walk.declaration}, not a pointer`);
}

/** A member is looked up in something that has none. */
export function adviseOnNoStruct(mistake: Mistake): void {
  const blamed = blamedStep(mistake);
  const walk = blamed && walkChain(mistake.site, blamed.chain, blamed.at);
  if (blamed === undefined || walk === undefined) return;
  const { advice } = mistake;
  const { btf } = walk;
  const left = leftSide(blamed.chain, blamed.at);
  const pointed = pointedType(btf, walk.left);
  if (blamed.step.separator === '.' && pointed !== undefined && aggregateOf(btf, pointed) !== undefined) {
    advice.offer(
      `${left} is ${walk.declaration}, a pointer: use -> instead of .`,
      '->',
      separatorSpan(blamed.step),
    );
    return;
  }
  advice.say(`${left} is ${walk.declaration}: ${whyNoMembers(btf, pointed ?? walk.left)}`);
  if (pointed !== undefined && textKind(btf, walk.left) === 'pointer')
    advice.say(`what it points to can be read as text: ${left}:string`);
}

function whyNoMembers(btf: Btf, id: TypeId): string {
  const type = btf.skipModifiers(id);
  const name = btf.typeName(type);
  if (btf.kind(type) === BtfKind.Fwd)
    return `the kernel's types only declare ${name}, its members are not known here`;
  if (btf.kind(type) === BtfKind.Void) return 'void has no members; read by offset, +OFFSET(...)';
  return `${name} has no members`;
}

/** `.` directly behind a parameter. */
export function adviseOnDot(mistake: Mistake): void {
  const blamed = blamedStep(mistake);
  if (blamed === undefined) return;
  const { advice, site } = mistake;
  const walk = walkChain(site, blamed.chain, 0);
  const { text: root } = blamed.chain.root;
  if (walk === undefined || pointedType(walk.btf, walk.left) !== undefined) {
    const what = walk === undefined ? 'a parameter' : `${root} is ${walk.declaration}, a pointer`;
    advice.offer(`${what}: use -> instead of .`, '->', separatorSpan(blamed.step));
  } else if (aggregateOf(walk.btf, walk.left) !== undefined) {
    advice.say(`${root} is ${walk.declaration}, passed by value: the kernel cannot read its members`);
  } else {
    advice.say(`${root} is ${walk.declaration}: it has no members`);
  }
}

/** A hyphen that is no arrow. */
export function adviseOnHyphen(mistake: Mistake): void {
  const blamed = blamedStep(mistake);
  if (blamed === undefined) return;
  mistake.advice.offer('an arrow is written ->', '->', separatorSpan(blamed.step));
}

/** The text left of a step. */
function leftSide(chain: ChainSyntax, at: number): string {
  return chain.steps
    .slice(0, at)
    .reduce((text, { separator, field }) => `${text}${separator}${field.text}`, chain.root.text);
}
