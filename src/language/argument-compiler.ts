import { BtfKind, type TypeId } from '../btf/index.js';
import { isGoodName } from './bytes.js';
import type { ArgumentContext } from './context.js';
import type { FetchType, ProbeArgument } from './event.js';
import { type BtfValue, FetchCompiler } from './fetch-compiler.js';
import { fetchType, findFetchType, isText } from './fetch-types.js';
import { parseUnsigned32, scanNumber } from './numbers.js';
import type { FetchOp } from './program.js';
import { refuse, refuseSilently } from './refusal.js';
import type { ArgumentSyntax } from './syntax.js';

const longestName = 32;
const longestArray = 64;

const reservedNames = new Set([
  'common_type',
  'common_flags',
  'common_preempt_count',
  'common_pid',
  'common_tgid',
  '__probe_ip',
  '__probe_ret_ip',
  '__probe_func',
]);

/** What earlier arguments of the event took. */
export interface ArgumentsSoFar {
  readonly names: ReadonlySet<string>;
  /** Bytes of the record used by the arguments alone. */
  readonly size: number;
  /** Bytes before the first argument. */
  readonly headSize: number;
}

/** The type part of an argument, judged. */
interface ChosenType {
  readonly type: FetchType;
  /** As written, array suffix removed; `undefined` where no `:` stands. */
  readonly written: string | undefined;
  /** Column of the type in the body, 0 without one. */
  readonly column: number;
  readonly count: number;
}

/**
 * Compiles the argument at position `position` (from 0, after expansion), refusing with the kernel's error in the
 * kernel's order (spec 05 section 5, "one argument").
 */
export function compileArgument(
  syntax: ArgumentSyntax,
  position: number,
  context: ArgumentContext,
  soFar: ArgumentsSoFar,
): ProbeArgument {
  const index = position + 2;
  const name = chooseName(syntax, position, context, soFar);
  const bodyStart = syntax.name === undefined ? 0 : syntax.name.text.length + 1;
  const { text: body, span } = syntax.body;
  const { manners } = context.kernel.dialect;
  if (body.length > context.limits.body)
    refuse('ARG_TOO_LONG', index, bodyStart, manners.longBodyErrno, span);
  if (body.length === 0) refuse('NO_ARG_BODY', index, bodyStart, 'EINVAL', span);

  const chosen = chooseType(syntax, index, bodyStart, context);
  const fetch = new FetchCompiler(context, index, bodyStart);
  fetch.compile(syntax.fetch);
  if (manners.fixedColumn) fetch.offset = bodyStart;
  const type = typeFromBtf(fetch, chosen, index, syntax);
  const size = type.size * (chosen.count || 1);
  if (soFar.size + size > manners.largestRecord)
    refuse('EVENT_TOO_BIG', index, fetch.offset, 'E2BIG', syntax.span);
  const program = new Finisher(fetch, type, chosen, index, syntax, manners.fullProgramErrno).finish();
  fetch.refuseUnknownField();
  return {
    name,
    body,
    type,
    count: chosen.count,
    offset: soFar.headSize + soFar.size,
    size,
    program,
    btf: fetch.value,
  };
}

function chooseName(
  syntax: ArgumentSyntax,
  position: number,
  context: ArgumentContext,
  { names }: ArgumentsSoFar,
): string {
  const index = position + 2;
  const written = syntax.name;
  if (written !== undefined) {
    if (written.text.length > longestName) refuse('ARG_NAME_TOO_LONG', index, 0, 'EINVAL', written.span);
    if (written.text.length === 0) refuse('NO_ARG_NAME', index, 0, 'EINVAL', syntax.span);
    if (!isGoodName(written.text)) refuse('BAD_ARG_NAME', index, 0, 'EINVAL', written.span);
  }
  const name = written?.text ?? automaticName(syntax, position, context);
  if (names.has(name) || reservedNames.has(name)) refuse('USED_ARG_NAME', index, 0, 'EINVAL', syntax.span);
  return name;
}

function automaticName(syntax: ArgumentSyntax, position: number, context: ArgumentContext): string {
  const numbered = `arg${position + 1}`;
  if (!context.kernel.dialect.btfArgs) return numbered;
  return isGoodName(syntax.fetch.text) ? syntax.fetch.text : numbered;
}

function chooseType(
  syntax: ArgumentSyntax,
  index: number,
  bodyStart: number,
  context: ArgumentContext,
): ChosenType {
  const { type: written, array, body } = syntax;
  const count = array === undefined ? 0 : arrayCount(syntax, index, bodyStart);
  const column = written === undefined ? 0 : written.span.start - body.span.start;
  const fetchText = syntax.fetch.text;
  const onlyText = fetchText === '$comm' || fetchText === '$COMM' || fetchText.startsWith('\\"');
  const span = written?.span ?? body.span;
  if (onlyText && context.family !== 'eprobe') {
    if (count > 0 || (written !== undefined && written.text !== 'string')) {
      if (context.kernel.dialect.manners.silentTextType) refuseSilently('EINVAL');
      refuse('NEED_STRING_TYPE', index, bodyStart + column, 'EINVAL', span);
    }
    return { type: fetchType('string'), written: written?.text, column, count };
  }
  const type = written === undefined ? fetchType('x64') : findFetchType(written.text);
  if (type === undefined || !isAllowed(type, context))
    refuse('BAD_TYPE', index, bodyStart + column, 'EINVAL', span);
  return { type, written: written?.text, column, count };
}

function isAllowed(type: FetchType, { family, kernel }: ArgumentContext): boolean {
  const { dialect } = kernel;
  const symbols = family !== 'uprobe' || dialect.manners.userSymbols;
  if (type.kind === 'char') return dialect.charType;
  if (type.kind === 'ustring') return dialect.ustring;
  if (type.kind === 'symstr') return dialect.symstr && symbols;
  return type.kind !== 'symbol' || symbols;
}

function arrayCount({ array, body }: ArgumentSyntax, index: number, bodyStart: number): number {
  if (array === undefined) return 0;
  const column = bodyStart + array.count.span.start - body.span.start;
  const { text, span } = array.count;
  if (!array.closed) refuse('ARRAY_NO_CLOSE', index, column + text.length, 'EINVAL', span);
  if (array.suffix !== undefined) {
    refuse('BAD_ARRAY_SUFFIX', index, column + text.length + 1, 'EINVAL', array.suffix.span);
  }
  const count = parseUnsigned32(text);
  if (typeof count === 'string' || count === 0) refuse('BAD_ARRAY_NUM', index, column, 'EINVAL', span);
  if (count > longestArray) refuse('ARRAY_TOO_BIG', index, column, 'EINVAL', span);
  return count;
}

/** Applies what BTF says of the last value: its type where none was written, the text rule where text was asked for. */
function typeFromBtf(
  fetch: FetchCompiler,
  chosen: ChosenType,
  index: number,
  syntax: ArgumentSyntax,
): FetchType {
  const { value } = fetch;
  if (value === undefined) return chosen.type;
  if (chosen.written === undefined) return inferType(value) ?? chosen.type;
  if (!chosen.written.includes('string')) return chosen.type;
  const { signedText } = fetch.context.limits;
  const shape = textShape(value) ?? (signedText ? signedTextShape(value) : undefined);
  if (shape === undefined) refuse('BAD_TYPE4STR', index, fetch.offset, 'EINVAL', syntax.body.span);
  if (shape === 'pointer') {
    if (fetch.isFull) refuse('TOO_MANY_OPS', index, fetch.offset, 'E2BIG', syntax.body.span);
    fetch.ops.push({ op: chosen.written.startsWith('u') ? 'UDEREF' : 'DEREF', offset: 0 });
  }
  return chosen.type;
}

/** The type of spec 02 section 3.5, or `undefined` where the default applies. */
function inferType({ btf, type }: BtfValue): FetchType | undefined {
  const id = btf.skipModifiers(type);
  switch (btf.kind(id)) {
    case BtfKind.Enum:
      return fetchType('s32');
    case BtfKind.Enum64:
      return fetchType('s64');
    case BtfKind.Ptr:
      return fetchType('x64');
    case BtfKind.Int: {
      const { signed, bits } = btf.int(id);
      const regular = bits === 8 || bits === 16 || bits === 32 || bits === 64;
      if (regular) return fetchType(`${signed ? 's' : 'u'}${bits}`);
      return signed ? undefined : fetchType('u64');
    }
    default:
      return undefined;
  }
}

/**
 * Is the value text in place, or a pointer to text? Reproduces two defects of the kernel (spec 02 section 4): it does
 * not ask whether the type is a pointer, so a size is taken for a type number; and it reads an array element's
 * trailing word as integer data whatever the element is.
 */
function textShape({ btf, type }: BtfValue): 'array' | 'pointer' | undefined {
  const id = btf.skipModifiers(type);
  if (btf.kind(id) === BtfKind.Array) {
    const element = btf.skipModifiers(btf.array(id).element);
    if (isUnsignedByte(btf.trailingWord(element))) return 'array';
  }
  const target = btf.sizeOrType(id);
  if (target >= btf.typeCount) return undefined;
  const pointed = btf.skipModifiers(target);
  if (btf.kind(pointed) !== BtfKind.Int) return undefined;
  return isUnsignedByte(btf.trailingWord(pointed)) ? 'pointer' : undefined;
}

/** The same for kernels whose `char` has a sign: a C compiler's own, not `signed char`. */
function signedTextShape({ btf, type }: BtfValue): 'array' | 'pointer' | undefined {
  const id = btf.skipModifiers(type);
  const isChar = (target: TypeId): boolean => {
    const pointed = btf.skipModifiers(target);
    return btf.kind(pointed) === BtfKind.Int && btf.typeName(pointed) === 'char';
  };
  if (btf.kind(id) === BtfKind.Array) return isChar(btf.array(id).element) ? 'array' : undefined;
  return btf.kind(id) === BtfKind.Ptr && isChar(btf.referenced(id)) ? 'pointer' : undefined;
}

function isUnsignedByte(intData: number | undefined): boolean {
  return intData !== undefined && (intData & 0xff) === 8 && ((intData >>> 24) & 1) === 0;
}

/** The last stages of a program: store, bitfield, array (spec 04 sections 2 and 3). */
class Finisher {
  private readonly ops: FetchOp[];
  private readonly fetch: FetchCompiler;
  private readonly type: FetchType;
  private readonly chosen: ChosenType;
  private readonly index: number;
  private readonly syntax: ArgumentSyntax;
  private readonly fullErrno: string;

  constructor(
    fetch: FetchCompiler,
    type: FetchType,
    chosen: ChosenType,
    index: number,
    syntax: ArgumentSyntax,
    fullErrno: string,
  ) {
    this.fetch = fetch;
    this.ops = fetch.ops;
    this.type = type;
    this.chosen = chosen;
    this.index = index;
    this.syntax = syntax;
    this.fullErrno = fullErrno;
  }

  finish(): readonly FetchOp[] {
    this.store();
    const stored = this.ops.at(-1)!.op;
    this.bitfield();
    this.array(stored);
    this.ops.push({ op: 'END' });
    return this.ops;
  }

  private store(): void {
    const last = this.ops.at(-1)!;
    const { size } = this.type;
    if (this.type.kind === 'symstr') {
      const allowed = ['REG', 'STACK', 'RETVAL', 'ARG', 'DEREF', 'TP_ARG'];
      if (!allowed.includes(last.op)) this.refuseType('BAD_SYMSTRING');
      return this.next({ op: 'ST_SYMSTR', offset: 0, size }, 'EINVAL');
    }
    if (isText(this.type)) return this.storeText(last, size);
    if (last.op === 'DEREF') this.replace({ op: 'ST_MEM', offset: last.offset, size });
    else if (last.op === 'UDEREF') this.replace({ op: 'ST_UMEM', offset: last.offset, size });
    else this.next({ op: 'ST_RAW', size }, this.fullErrno);
  }

  private storeText(last: FetchOp, size: number): void {
    const user = this.type.kind === 'ustring';
    const holdsAddress = ['IMM', 'COMM', 'DATA', 'TP_ARG'].includes(last.op);
    if (last.op !== 'DEREF' && last.op !== 'UDEREF') {
      if (!holdsAddress) this.refuseType('BAD_STRING');
      this.next({ op: user ? 'ST_USTRING' : 'ST_STRING', offset: 0, size }, 'EINVAL');
    } else if (this.chosen.count > 0) {
      // An array of pointers to text: the dereference stays, to be done again for each element.
      this.next({ op: user ? 'ST_USTRING' : 'ST_STRING', offset: 0, size }, 'EINVAL');
    } else {
      this.replace({
        op: user || last.op === 'UDEREF' ? 'ST_USTRING' : 'ST_STRING',
        offset: last.offset,
        size,
      });
    }
  }

  private bitfield(): void {
    const { written } = this.chosen;
    if (written !== undefined) {
      if (written.startsWith('b')) this.writtenBitfield(written);
      return;
    }
    const { value } = this.fetch;
    if (value === undefined) return;
    const { bitRemainder, bitfieldWidth } = value;
    if (bitfieldWidth % 8 === 0 && bitRemainder === 0) return;
    // The kernel shifts in a word of 8 bytes, whatever the size of the field (spec 02 section 3.4).
    const left = 64 - (bitfieldWidth + bitRemainder);
    this.next({ op: 'MOD_BF', base: 8, left, right: 64 - bitfieldWidth }, 'EINVAL');
  }

  /** `bW@O/C`, C already judged. */
  private writtenBitfield(written: string): void {
    const bits = this.type.size * 8;
    const width = scanNumber(written, 1, 0);
    if (width.value === 0n || written[width.end] !== '@') this.refuseType('BAD_BITFIELD');
    const offset = scanNumber(written, width.end + 1, 0);
    if (offset.end === width.end + 1 || written[offset.end] !== '/') this.refuseType('BAD_BITFIELD');
    const used = BigInt.asUintN(64, width.value + offset.value);
    if (used > BigInt(bits)) this.refuseType('BAD_BITFIELD');
    const left = bits - Number(used);
    const right = bits - Number(width.value);
    if (this.fetch.isFull) this.refuseType('BAD_BITFIELD');
    this.ops.push({ op: 'MOD_BF', base: this.type.size, left, right });
  }

  private array(stored: FetchOp['op']): void {
    const { count } = this.chosen;
    if (count === 0) return;
    if (stored !== 'ST_MEM' && stored !== 'ST_STRING' && stored !== 'ST_USTRING')
      this.refuseType('BAD_STRING');
    this.next({ op: 'LP_ARRAY', count }, this.fullErrno);
  }

  private replace(op: FetchOp): void {
    this.ops[this.ops.length - 1] = op;
  }

  private next(op: FetchOp, errno: string): void {
    if (this.fetch.isFull)
      refuse('TOO_MANY_OPS', this.index, this.fetch.offset, errno, this.syntax.body.span);
    this.ops.push(op);
  }

  /** Leaves with the caret that errors about the result's type have: the column after parsing plus the type's. */
  private refuseType(code: 'BAD_STRING' | 'BAD_SYMSTRING' | 'BAD_BITFIELD'): never {
    const { offset } = this.fetch;
    const span = this.syntax.type?.span ?? this.syntax.body.span;
    refuse(code, this.index, offset === undefined ? undefined : offset + this.chosen.column, 'EINVAL', span);
  }
}
