import type { TypeId } from '../btf/index.js';
import { BtfKind } from '../btf/index.js';
import type { EventField, Manners } from '../kernel/index.js';
import { type ArgumentContext, inKernel } from './context.js';
import type { Span } from './diagnostic.js';
import type { BtfUse, MemberStep } from './event.js';
import { findMember } from './member.js';
import type { KernelErrorCode } from './messages.js';
import { parseSigned, parseUnsigned } from './numbers.js';
import type { FetchOp } from './program.js';
import type { Prototype } from './prototype.js';
import { Refusal, refuse } from './refusal.js';
import { isRegister } from './registers.js';
import {
  type ChainStep,
  type ChainSyntax,
  type DereferenceSyntax,
  digitAt,
  type FetchSyntax,
  type TextNode,
} from './syntax.js';

/** Words of a kernel stack on x86-64, the largest N of `$stackN` and `$argN`. */
const largestStackWord = 2048n;

/** Stands for a field that the attached event does not have, until that is said. */
const noField: Omit<EventField, 'name'> = { type: '', offset: 0, size: 0, signed: false, array: undefined };

/** The BTF value a fetch expression ends in. */
export interface BtfValue extends BtfUse {
  /** Bits beyond the byte offset of the last dereference. */
  readonly bitRemainder: number;
  readonly bitfieldWidth: number;
}

/**
 * Compiles one fetch expression into load and dereference operations (spec 04 section 2), refusing where and as the
 * kernel does. `offset` is the column that the kernel keeps while it parses, quirks included (spec 05 section 1.2);
 * it is `undefined` where the kernel's own is a stray address.
 */
export class FetchCompiler {
  readonly ops: FetchOp[] = [];
  offset: number | undefined;
  value: BtfValue | undefined;
  readonly context: ArgumentContext;
  private readonly index: number;
  private unknownField: Span | undefined;
  private readonly manners: Manners;

  constructor(context: ArgumentContext, index: number, offset: number) {
    this.context = context;
    this.manners = context.kernel.dialect.manners;
    this.index = index;
    this.offset = offset;
  }

  /** Only END has room left. */
  get isFull(): boolean {
    return this.ops.length === this.context.limits.slots - 1;
  }

  /** Compiles a whole expression; the last operation is the one to store from. */
  compile(fetch: FetchSyntax): void {
    const before = this.ops.length;
    switch (fetch.node) {
      case 'variable':
        this.variable(fetch.text, fetch.chain, fetch.span);
        break;
      case 'name':
        this.name(fetch);
        break;
      case 'register':
        this.register(fetch.register, fetch.span);
        break;
      case 'memory':
        this.memory(fetch.place.text, fetch.span);
        break;
      case 'immediate':
        this.immediate(fetch.value);
        break;
      case 'text':
        if (!fetch.closed) this.refuse('IMMSTR_NO_CLOSE', fetch.content.span, this.moved(fetch.text.length));
        this.load({ op: 'DATA', text: fetch.content.text });
        break;
      case 'dereference':
        this.dereference(fetch);
        break;
      case 'unknown':
        break;
    }
    if (this.ops.length === before) this.refuse('BAD_FETCH_ARG', fetch.span);
  }

  private variable(text: string, chain: ChainSyntax, span: Span): void {
    const { family, site } = this.context;
    const name = text.slice(1);
    if (family === 'eprobe') return this.eventField(name, span);
    if (name === 'retval' || (name.startsWith('retval') && !this.manners.exactRetval)) {
      if (site !== 'return') this.refuse('RETVAL_ON_PROBE', span);
      if (!inKernel(this.context) || !this.context.kernel.dialect.btfArgs) return this.load({ op: 'RETVAL' });
      return this.btfValue(chain, span);
    }
    if (name.startsWith('stack')) return this.stack(name.slice(5), span);
    if (name === 'comm' || name === 'COMM') return this.load({ op: 'COMM' });
    if (name.startsWith('arg') && this.context.kernel.dialect.functionArgs)
      return this.argument(name.slice(3), span);
    this.refuse('BAD_VAR', span);
  }

  private eventField(name: string, span: Span): void {
    const field = this.context.eventFields.find(candidate => candidate.name === name);
    if (field !== undefined) return this.load({ op: 'TP_ARG', field });
    if (name === 'comm' || name === 'COMM') return this.load({ op: 'COMM' });
    if (!this.manners.unknownField.atWord) this.refuseField(span);
    this.unknownField = span;
    this.load({ op: 'TP_ARG', field: { ...noField, name } });
  }

  /** Where fields are looked up once the argument is read: what else is wrong with it has been said by then. */
  refuseUnknownField(): void {
    if (this.unknownField !== undefined) this.refuseField(this.unknownField);
  }

  private refuseField(span: Span): never {
    const { code, errno, atWord } = this.manners.unknownField;
    this.refuse(code, span, atWord ? 0 : this.offset, errno);
  }

  private stack(digits: string, span: Span): void {
    if (digits === '') return this.load({ op: 'STACKP' });
    const index = digitAt(digits, 0) ? parseUnsigned(digits, 10) : 'EINVAL';
    if (typeof index === 'string') this.refuse('BAD_VAR', span);
    if (inKernel(this.context) && index > largestStackWord) this.refuse('BAD_STACK_NUM', span);
    this.load({ op: 'STACK', index: Number(index & 0xffffffffn) });
  }

  private argument(digits: string, span: Span): void {
    const { site, family, kernel } = this.context;
    // Kernels without arguments at return know `$argN` at function entry alone.
    const elsewhere =
      family === 'uprobe' || site === 'body' || (site === 'return' && !kernel.dialect.returnArgs);
    if (elsewhere && this.manners.argumentElsewhere === 'BAD_VAR') this.refuse('BAD_VAR', span);
    const number = parseUnsigned(digits, 10);
    if (typeof number === 'string') this.refuse('BAD_VAR', span);
    if (number === 0n || number > largestStackWord) this.refuse('BAD_ARG_NUM', span);
    if (elsewhere) this.refuse(this.manners.argumentElsewhere, span);
    this.loadArgument(Number(number) - 1);
  }

  /** The n-th argument, from 0: at entry as it is, at return the copy saved at entry. */
  private loadArgument(index: number): void {
    if (this.context.site === 'return')
      this.load({ op: 'EDATA', offset: this.context.entryArguments.store(index) });
    // A tracepoint's stub has a hidden first parameter.
    else this.load({ op: 'ARG', index: this.context.family === 'tracepoint' ? index + 1 : index });
  }

  private register(register: TextNode, span: Span): void {
    if (
      this.context.family === 'fprobe' ||
      this.context.family === 'tracepoint' ||
      this.context.family === 'eprobe'
    ) {
      const column = { index: this.index, offset: this.offset };
      throw new Refusal(
        'EINVAL',
        [
          { code: 'BAD_VAR', column },
          { code: 'BAD_FETCH_ARG', column },
        ],
        span,
      );
    }
    if (!isRegister(this.context.kernel.arch, register.text)) this.refuse('BAD_REG_NAME', span);
    this.load({ op: 'REG', register: register.text });
  }

  private memory(place: string, span: Span): void {
    if (digitAt(place, 0)) {
      const address = parseUnsigned(place);
      if (typeof address === 'string') this.refuse('BAD_MEM_ADDR', span, this.offset, address);
      this.load({ op: 'IMM', value: address });
    } else if (place.startsWith('+')) {
      if (inKernel(this.context)) this.refuse('FILE_ON_KPROBE', span);
      const offset = parseSigned(place.slice(1));
      if (typeof offset === 'string') this.refuse('BAD_FILE_OFFS', span, this.offset, offset);
      this.load({ op: 'FOFFS', offset });
    } else {
      if (!inKernel(this.context)) this.refuse('SYM_ON_UPROBE', span);
      this.load({ op: 'SYMBOL', ...splitSymbol(place) });
      this.next({ op: 'IMM', value: 0n }, span);
    }
    this.next({ op: 'DEREF', offset: 0 }, span);
  }

  private immediate(value: TextNode): void {
    const parsed = parseImmediate(value.text);
    if (typeof parsed === 'string') this.refuse('BAD_IMM', value.span, this.moved(1), parsed);
    this.load({ op: 'IMM', value: BigInt.asUintN(64, parsed) });
  }

  private dereference(fetch: DereferenceSyntax): void {
    if (!fetch.opened) this.refuse('DEREF_NEED_BRACE', fetch.span);
    const offset = parseSigned(fetch.offset.text);
    if (typeof offset === 'string') this.refuse('BAD_DEREF_OFFS', fetch.offset.span, this.offset, offset);
    // The column moves by the number as it was read: its own sign counts, a `u` does not.
    this.offset = this.moved(fetch.offset.text.length + (fetch.offset.text.startsWith('-') ? 1 : 2));
    const inside = this.offset;
    const inner = fetch.inner;
    if (inner === undefined || !fetch.closed) {
      const rest = inner?.text.length ?? 0;
      return this.refuse('DEREF_OPEN_BRACE', fetch.span, this.moved(rest));
    }
    this.compile(inner);
    this.offset = inside;
    const last = this.ops.at(-1)?.op;
    // Where fields are looked up late, `$comm` of an event is still one of them here.
    const isField = this.context.family === 'eprobe' && this.manners.unknownField.atWord;
    if ((last === 'COMM' && !isField) || last === 'DATA') this.refuse('COMM_CANT_DEREF', inner.span);
    this.next({ op: fetch.user ? 'UDEREF' : 'DEREF', offset: Number(BigInt.asIntN(32, offset)) }, fetch.span);
    this.value = undefined;
  }

  private name(fetch: FetchSyntax & { node: 'name' }): void {
    const { kernel, site, family } = this.context;
    if (!kernel.dialect.btfArgs) return;
    const nameless = site === 'body' || (site === 'return' && !kernel.dialect.returnArgs);
    if (nameless || family === 'uprobe' || family === 'eprobe') this.refuse('NOSUP_BTFARG', fetch.span);
    this.btfValue(fetch.chain, fetch.span);
  }

  /** A parameter or `$retval`, with or without members (spec 02 section 3). */
  private btfValue(chain: ChainSyntax, span: Span): void {
    const first = chain.steps[0];
    const root = chain.root;
    if (first?.separator === '-') this.refuse('BAD_HYPHEN', first.field.span, this.moved(root.text.length));
    if (first?.separator === '.') {
      this.refuse('NOSUP_DAT_ARG', first.field.span, this.moved(root.text.length + 1), 'EOPNOTSUPP');
    }
    const fieldOffset = this.moved(root.text.length + 2);
    if (this.context.site === 'return' && root.text === '$retval') {
      this.load({ op: 'RETVAL' });
      const prototype = this.context.prototype.get();
      if (prototype !== undefined) {
        if (prototype.returns === 0) this.refuse('NO_RETVAL', span, this.offset, 'ENOENT');
        return this.members(prototype, root, prototype.returns, chain.steps);
      }
      if (first !== undefined) this.refuse('NO_BTF_ENTRY', first.field.span, fieldOffset, 'ENOENT');
      return;
    }
    if (this.context.site === 'return' && !this.context.kernel.dialect.returnArgs)
      this.refuse('NO_BTFARG', root.span, this.offset, 'ENOENT');
    const known = this.context.prototype.known;
    const prototype = this.context.prototype.get();
    if (prototype === undefined || (!known && prototype.parameters.length === 0)) {
      this.refuse('NO_BTF_ENTRY', root.span, this.offset, 'ENOENT');
    }
    const index = prototype.parameters.findIndex(parameter => parameter.name === root.text);
    if (index < 0) this.refuse('NO_BTFARG', root.span, this.offset, 'ENOENT');
    this.loadArgument(index);
    this.members(prototype, root, prototype.parameters[index]!.type, chain.steps);
  }

  private members(prototype: Prototype, root: TextNode, rootType: TypeId, steps: readonly ChainStep[]): void {
    const { btf } = prototype;
    let type = btf.skipModifiers(rootType);
    const taken: MemberStep[] = [];
    let bits = 0;
    let bitfieldWidth = 0;
    if (steps.length > 0) this.offset = this.moved(root.text.length + 2);
    steps.forEach((step, at) => {
      const next = steps[at + 1];
      const { field } = step;
      if (step.separator === '->') {
        if (btf.kind(type) !== BtfKind.Ptr) this.refuse('NO_PTR_STRCT', field.span);
        type = btf.skipModifiers(btf.referenced(type));
        bits = 0;
      }
      if (next?.separator === '-') this.refuse('BAD_HYPHEN', next.field.span, this.moved(field.text.length));
      const kind = btf.kind(type);
      if (kind !== BtfKind.Struct && kind !== BtfKind.Union) this.refuse('BAD_BTF_TID', field.span);
      const member = findMember(btf, type, field.text, this.manners, this.context.limits.anonymous);
      if (member === 'no-struct') this.refuse('BAD_BTF_TID', field.span);
      if (member === undefined) this.refuse('NO_BTF_FIELD', field.span, this.offset, 'ENOENT');
      bits = (bits + member.bitOffset) >>> 0;
      bitfieldWidth = member.bitfieldWidth;
      taken.push({
        separator: step.separator as '->' | '.',
        field: field.text,
        container: btf.typeName(type),
        bitOffset: member.bitOffset,
        bitfieldWidth,
        type: member.type,
      });
      type = btf.skipModifiers(member.type);
      // After the last member the kernel subtracts a heap address from its column.
      this.offset = next === undefined ? undefined : this.moved(field.text.length + next.separator.length);
      if (next?.separator !== '.') this.next({ op: 'DEREF', offset: Math.floor(bits / 8) | 0 }, field.span);
    });
    this.value = {
      btf,
      root: root.text,
      rootType,
      steps: taken,
      type: taken.at(-1)?.type ?? rootType,
      bitRemainder: bits % 8,
      bitfieldWidth,
    };
  }

  private load(op: FetchOp): void {
    this.ops.push(op);
  }

  /** Takes the next slot while parsing; the last one is reserved. */
  private next(op: FetchOp, span: Span): void {
    if (this.isFull) this.refuse('TOO_MANY_OPS', span);
    this.ops.push(op);
  }

  private moved(by: number): number | undefined {
    return this.offset === undefined ? undefined : this.offset + by;
  }

  private refuse(code: KernelErrorCode, span: Span, offset = this.offset, errno = 'EINVAL'): never {
    refuse(code, this.index, offset, errno, span);
  }
}

/** `\NUM`, `\-NUM`, `\+NUM` without the backslash. */
function parseImmediate(text: string): bigint | 'EINVAL' | 'ERANGE' {
  if (digitAt(text, 0)) return parseUnsigned(text);
  if (text.startsWith('-')) return parseSigned(text);
  return text.startsWith('+') ? parseSigned(text.slice(1)) : 'EINVAL';
}

/** `SYM[+|-OFF]`; a malformed offset is kept in the symbol, which then is not found when it is looked up. */
function splitSymbol(text: string): { symbol: string; offset: bigint } {
  const at = text.search(/[+-]/);
  if (at < 0) return { symbol: text, offset: 0n };
  const offset = parseSigned(text.slice(at));
  return typeof offset === 'bigint' ? { symbol: text.slice(0, at), offset } : { symbol: text, offset: 0n };
}
