import type { Btf } from './btf.js';
import { findCycle } from './cycles.js';
import { BtfError } from './error.js';
import { BtfKind, kindName, type TypeId } from './kinds.js';
import { isModifier } from './layout.js';

type NameRule = 'required' | 'optional' | 'none';

interface KindRules {
  readonly name: NameRule;
  readonly vlen: boolean;
  readonly kindFlag: boolean;
  /** What the word at +8 must be. */
  readonly third: 'size' | 'zero' | 'type' | 'type or void';
}

function rules(name: NameRule, third: KindRules['third'], vlen = false, kindFlag = false): KindRules {
  return { name, vlen, kindFlag, third };
}

/** The table of spec 10 section 4. */
const RULES: Readonly<Record<number, KindRules>> = {
  [BtfKind.Int]: rules('required', 'size'),
  [BtfKind.Ptr]: rules('none', 'type or void'),
  [BtfKind.Array]: rules('none', 'zero'),
  [BtfKind.Struct]: rules('optional', 'size', true, true),
  [BtfKind.Union]: rules('optional', 'size', true, true),
  [BtfKind.Enum]: rules('optional', 'size', true, true),
  [BtfKind.Fwd]: rules('required', 'zero', false, true),
  [BtfKind.Typedef]: rules('required', 'type or void'),
  [BtfKind.Volatile]: rules('none', 'type or void'),
  [BtfKind.Const]: rules('none', 'type or void'),
  [BtfKind.Restrict]: rules('none', 'type or void'),
  [BtfKind.Func]: rules('required', 'type', true),
  [BtfKind.FuncProto]: rules('none', 'type or void', true),
  [BtfKind.Var]: rules('required', 'type'),
  [BtfKind.Datasec]: rules('required', 'size', true),
  [BtfKind.Float]: rules('required', 'size'),
  [BtfKind.DeclTag]: rules('required', 'type', false, true),
  [BtfKind.TypeTag]: rules('required', 'type or void', false, true),
  [BtfKind.Enum64]: rules('optional', 'size', true, true),
};

const IDENTIFIER = /^[A-Za-z_.][A-Za-z0-9_.]*$/;
/** Type names may hold spaces ("long unsigned int") and what Rust puts into its names. */
const PRINTABLE = /^[\x20-\x7e]+$/;
const LONGEST_KERNEL_NAME = 511;
const NOT_A_VALUE: readonly number[] = [
  ...[BtfKind.Func, BtfKind.FuncProto, BtfKind.Var, BtfKind.Datasec, BtfKind.DeclTag],
  ...[BtfKind.LocParam, BtfKind.LocProto, BtfKind.LocSec],
];

type Report = (problem: string) => void;

/**
 * Everything in the own types of a blob that breaks a rule of the format (spec 10 section 7), at most `limit` findings in order of
 * ids. A base is taken as checked. Takes time proportional to the blob.
 */
export function findProblems(btf: Btf, limit = 100): BtfError[] {
  const problems: BtfError[] = [];
  for (let id = btf.firstId; id < btf.typeCount && problems.length < limit; id++) {
    const report: Report = problem => {
      if (problems.length < limit) problems.push(invalid(btf, id, problem));
    };
    try {
      checkType(btf, id, report);
    } catch (error) {
      if (!(error instanceof BtfError)) throw error;
      report(error.message);
    }
  }
  if (problems.length === 0) {
    const id = findCycle(btf);
    if (id !== undefined) problems.push(invalid(btf, id, 'contains itself without a pointer between'));
  }
  return problems;
}

function invalid(btf: Btf, id: TypeId, problem: string): BtfError {
  const offset = btf.blobOffset(id);
  let name = '';
  try {
    name = btf.nameOf(id);
  } catch {
    // The name itself may be the problem.
  }
  const what = `type ${id} (${kindName(btf.kind(id))}${name === '' ? '' : ` '${name}'`}) at byte ${offset}`;
  return new BtfError('invalid', `${what}: ${problem}`, offset, id);
}

function checkType(btf: Btf, id: TypeId, report: Report): void {
  const kind = btf.kind(id);
  const rule = RULES[kind];
  if (rule === undefined) return;
  const name = btf.nameOf(id);
  if (rule.name === 'required' && name === '') report('has no name');
  if (rule.name === 'none' && name !== '') report('has a name');
  const isSymbol = kind === BtfKind.Func || kind === BtfKind.Var;
  if (name !== '') checkName(name, isSymbol ? IDENTIFIER : PRINTABLE, 'name', report);
  if (!rule.vlen && btf.vlen(id) !== 0) report(`has ${btf.vlen(id)} entries, its kind has none`);
  if (!rule.kindFlag && btf.kindFlag(id)) report('has the kind flag set');

  const third = btf.sizeOrType(id);
  if (rule.third === 'zero' && third !== 0) report('has a size');
  if (rule.third === 'type' || rule.third === 'type or void') {
    if (!checkReference(btf, third, rule.third === 'type or void', 'target', report)) return;
  }
  checkKind(btf, id, kind, report);
}

function checkKind(btf: Btf, id: TypeId, kind: BtfKind, report: Report): void {
  const size = btf.sizeOrType(id);
  switch (kind) {
    case BtfKind.Int:
      checkInt(btf, id, report);
      break;
    case BtfKind.Array:
      checkArray(btf, id, report);
      break;
    case BtfKind.Struct:
    case BtfKind.Union:
      checkMembers(btf, id, report);
      break;
    case BtfKind.Enum:
    case BtfKind.Enum64:
      if (![1, 2, 4, 8].includes(size)) report(`is an enum of ${size} bytes`);
      for (const { name } of btf.enumerators(id)) checkName(name, IDENTIFIER, 'enumerator', report);
      break;
    case BtfKind.Float:
      if (![2, 4, 8, 12, 16].includes(size)) report(`is a float of ${size} bytes`);
      break;
    case BtfKind.Func:
      if (btf.kind(btf.referenced(id)) !== BtfKind.FuncProto) report('is a function of no FUNC_PROTO');
      if (btf.vlen(id) > 2) report(`has linkage ${btf.vlen(id)}`);
      break;
    case BtfKind.FuncProto:
      checkParameters(btf, id, report);
      break;
    case BtfKind.Var:
      checkValue(btf, btf.referenced(id), 'type', report);
      if ((btf.trailingWord(id) ?? 0) > 2) report(`has linkage ${btf.trailingWord(id)}`);
      break;
    case BtfKind.Datasec:
      for (const { type } of btf.sectionVariables(id)) {
        if (!checkReference(btf, type, false, 'variable', report)) continue;
        const target = btf.kind(type);
        if (target !== BtfKind.Var && target !== BtfKind.Func) report(`lists type ${type}, which is no VAR`);
      }
      break;
    case BtfKind.DeclTag:
      if (btf.componentIndex(id) < -1) report(`tags component ${btf.componentIndex(id)}`);
      break;
    default:
      if (isModifier(kind)) btf.skipModifiers(id);
  }
}

function checkInt(btf: Btf, id: TypeId, report: Report): void {
  const data = btf.trailingWord(id) ?? 0;
  const { bits, bitOffset } = btf.int(id);
  if ((data & 0xf000ff00) !== 0) report('has reserved bits set');
  if (![0, 1, 2, 4].includes(data >>> 24)) report(`has encoding ${data >>> 24}`);
  if (bits > 128 || bits === 0) report(`is ${bits} bits wide`);
  if (bitOffset + bits > btf.sizeOrType(id) * 8) report(`has ${bits} bits at bit ${bitOffset} of its bytes`);
}

function checkArray(btf: Btf, id: TypeId, report: Report): void {
  const { element, index, count } = btf.array(id);
  checkReference(btf, index, false, 'index type', report);
  const size = checkValue(btf, element, 'element', report);
  if (size !== undefined && size * count > 0xffffffff) report('is larger than 2^32 bytes');
}

function checkMembers(btf: Btf, id: TypeId, report: Report): void {
  const bits = btf.sizeOrType(id) * 8;
  const count = btf.memberCount(id);
  for (let i = 0; i < count; i++) {
    const name = btf.memberName(id, i);
    if (name !== '') checkName(name, IDENTIFIER, `member ${i}`, report);
    const what = `member ${i}`;
    const type = btf.memberType(id, i);
    const size = checkValue(btf, type, what, report);
    if (size === undefined) continue;
    const width = btf.memberBitfieldWidth(id, i);
    if (width > size * 8) report(`${what} is a bit-field wider than its type`);
    if (width === 0 && isOldBitfield(btf, type)) continue;
    if (btf.memberBitOffset(id, i) + (width || size * 8) > bits) report(`${what} ends behind the struct`);
  }
}

/** Such an INT need not be covered by the struct as a whole. */
function isOldBitfield(btf: Btf, type: TypeId): boolean {
  const id = btf.skipModifiers(type);
  return btf.kind(id) === BtfKind.Int && btf.int(id).bits !== btf.sizeOrType(id) * 8;
}

function checkParameters(btf: Btf, id: TypeId, report: Report): void {
  const parameters = btf.parameters(id);
  parameters.forEach(({ name, type }, i) => {
    if (name !== '') checkName(name, IDENTIFIER, `parameter ${i}`, report);
    const isLast = i === parameters.length - 1;
    if (type === 0 && isLast && name === '') return;
    checkValue(btf, type, `parameter ${i}`, report);
  });
}

/** Reports a type no value can have; its size otherwise. */
function checkValue(btf: Btf, type: TypeId, what: string, report: Report): number | undefined {
  if (!checkReference(btf, type, false, what, report)) return undefined;
  const kind = btf.kind(type);
  if (NOT_A_VALUE.includes(kind)) {
    report(`${what} is of type ${type}, a ${kindName(kind)}`);
    return undefined;
  }
  const size = btf.sizeOf(type);
  if (size === undefined) report(`${what} is of type ${type}, which has no size`);
  return size;
}

function checkReference(btf: Btf, type: TypeId, voidAllowed: boolean, what: string, report: Report): boolean {
  if (type === 0 && !voidAllowed) {
    report(`${what} is void`);
    return false;
  }
  if (type >= btf.typeCount) {
    report(`${what} is type ${type}, ids end at ${btf.typeCount - 1}`);
    return false;
  }
  return true;
}

function checkName(name: string, allowed: RegExp, what: string, report: Report): void {
  if (name.length > LONGEST_KERNEL_NAME) report(`${what} is longer than ${LONGEST_KERNEL_NAME} bytes`);
  else if (!allowed.test(name)) report(`${what} '${name}' has characters that no ${what} has`);
}
