import { isCode, type Kernel, type KernelSymbol } from '../kernel/index.js';
import { isWordCharacter } from './bytes.js';
import type { Word } from './command.js';
import type { ProbePlace } from './event.js';
import { parseSigned, parseUnsigned } from './numbers.js';
import { refuse } from './refusal.js';

// Where f, t, p and r events go: the second word (spec 01 section 3).

/** A parsed place and what it says about the event. */
export interface JudgedPlace {
  readonly place: ProbePlace;
  readonly isReturn: boolean;
  /** Return flag as the argument parser sees it: not for places given by address. */
  readonly site: 'entry' | 'return' | 'body';
  /** Function whose prototype gives names. */
  readonly functionName: string | undefined;
}

/** Place of an `f`. `args` decide too: `$retval` in one makes it a return event. */
export function judgeFunctionPlace(word: Word, args: readonly Word[]): JudgedPlace {
  const { symbol, suffixed } = splitReturnSuffix(word);
  const isReturn = suffixed || args.some(arg => retvalColumn(arg.text) >= 0);
  return {
    place: { kind: 'function', symbol },
    isReturn,
    site: isReturn ? 'return' : 'entry',
    functionName: symbol,
  };
}

/** Place of a `t`. */
export function judgeTracepointPlace(word: Word, args: readonly Word[], kernel: Kernel): JudgedPlace {
  const tracepoint = word.text;
  const percent = tracepoint.indexOf('%');
  if (percent >= 0) refuse('BAD_ADDR_SUFFIX', 1, percent, 'EINVAL', word.span);
  const { manners } = kernel.dialect;
  for (let i = 0; manners.checksTracepointNames && i < tracepoint.length; i++) {
    if (!isWordCharacter(tracepoint.charCodeAt(i))) refuse('BAD_TP_NAME', 1, i, 'EINVAL', word.span);
  }
  const columns = args.map(arg => retvalColumn(arg.text));
  const returning = columns.findIndex(column => column >= 0);
  const isReturn = returning >= 0;
  if (isReturn && manners.refusesTracepointRetval)
    refuse('RETVAL_ON_PROBE', returning + 2, columns[returning]!, 'EINVAL', args[returning]!.span);
  const stub = isTracepoint(tracepoint, kernel) ? stubOf(tracepoint, kernel) : undefined;
  const place = { kind: 'tracepoint', tracepoint, stub } as const;
  return { place, isReturn, site: isReturn ? 'return' : 'entry', functionName: stub ?? tracepoint };
}

/** Kernels where a `t` does not wait look its tracepoint up once the name is judged, among those of vmlinux. */
export function refuseUnknownTracepoint({ place }: JudgedPlace, word: Word, kernel: Kernel): void {
  if (place.kind !== 'tracepoint' || kernel.dialect.manners.unknownTracepoint === 'waits') return;
  if (place.stub === undefined || isOfModule(`__tracepoint_${place.tracepoint}`, kernel))
    refuse('NO_TRACEPOINT', 1, 0, 'EINVAL', word.span);
}

function isOfModule(symbol: string, kernel: Kernel): boolean {
  const found = kernel.symbols.find(symbol);
  return found.length > 0 && found.every(({ module }) => module !== undefined);
}

/**
 * The function with a tracepoint's parameters behind a hidden first one. Kernels that know no `t` have no stub made for
 * it: there the tracepoint's iterator has them.
 */
function stubOf(tracepoint: string, { functions }: Kernel): string {
  const stub = `__probestub_${tracepoint}`;
  const iterator = `__traceiter_${tracepoint}`;
  return functions.has(iterator) && !functions.has(stub) ? iterator : stub;
}

/** Facts name tracepoints after symbols `__tracepoint_NAME`; a few of those are functions (`probe_module_cb`). */
function isTracepoint(name: string, kernel: Kernel): boolean {
  if (!kernel.hasTracepoint(name)) return false;
  if (kernel.functions.has(`__probestub_${name}`)) return true;
  return !kernel.symbols.find(`__tracepoint_${name}`).some(({ type }) => type === 't' || type === 'T');
}

/** Column of a `$retval` that ends its word or is followed by no name character; only a word's first one counts. */
function retvalColumn(text: string): number {
  const at = text.indexOf('$retval');
  return at >= 0 && !isWordCharacter(text.charCodeAt(at + 7)) ? at : -1;
}

function splitReturnSuffix(word: Word): { symbol: string; suffixed: boolean } {
  const percent = word.text.indexOf('%');
  if (percent < 0) return { symbol: word.text, suffixed: false };
  if (word.text.slice(percent) !== '%return') refuse('BAD_ADDR_SUFFIX', 1, percent, 'EINVAL', word.span);
  return { symbol: word.text.slice(0, percent), suffixed: true };
}

/**
 * Place of a kernel `p` or `r`; `undefined` when the line is a uprobe's (spec 01 section 3.1).
 */
export function judgeKprobePlace(word: Word, letter: 'p' | 'r', kernel: Kernel): JudgedPlace | undefined {
  const address = parseUnsigned(word.text);
  if (typeof address === 'bigint') {
    const place = { kind: 'address', address, site: probeSite(address, kernel) } as const;
    return {
      place,
      isReturn: letter === 'r',
      site: 'body',
      functionName: undefined,
    };
  }
  if (word.text.includes('/') && word.text.includes(':')) return undefined;
  const { symbol: text, suffixed } = splitReturnSuffix(word);
  const isReturn = letter === 'r' || suffixed;
  const { symbol, offset } = splitOffset(text, word);
  const { module, name, pending } = findProbedSymbol(symbol, word, kernel);
  const place = { kind: 'kprobe', module, symbol: name, offset, pending } as const;
  const atEntry = isFunctionEntry(symbol, offset, kernel);
  if (atEntry === false && isReturn) refuse('BAD_RETPROBE', 1, 0, 'EINVAL', word.span);
  return { place, isReturn, site: isReturn ? 'return' : atEntry ? 'entry' : 'body', functionName: symbol };
}

/** Where a probe by address goes: at a function's entry, behind its ENDBR. */
function probeSite(address: bigint, kernel: Kernel): bigint | undefined {
  const covering = kernel.symbols.resolve(address);
  if (covering === undefined) return undefined;
  return covering.offset === 0 && kernel.functions.siteOffsetAt(address) === 4 ? address + 4n : address;
}

function splitOffset(text: string, word: Word): { symbol: string; offset: number } {
  const at = text.search(/[+-]/);
  if (at < 0) return { symbol: text, offset: 0 };
  const offset = parseSigned(text.slice(at));
  if (typeof offset === 'string' || offset < 0n || offset > 0xffffffffn)
    refuse('BAD_PROBE_ADDR', 1, 0, 'EINVAL', word.span);
  return { symbol: text.slice(0, at), offset: Number(offset) };
}

interface ProbedSymbol {
  readonly module: string | undefined;
  readonly name: string;
  readonly pending: boolean;
}

function findProbedSymbol(text: string, word: Word, kernel: Kernel): ProbedSymbol {
  const colon = text.indexOf(':');
  const module = colon < 0 ? undefined : text.slice(0, colon);
  const name = text.slice(colon + 1);
  if (module !== undefined && !kernel.isModuleLoaded(module)) return { module, name, pending: true };
  const { unknownSymbolErrno, ambiguousSymbolErrno, findsSymbolsFirst } = kernel.dialect.manners;
  if (!findsSymbolsFirst) return { module, name, pending: false };
  const found = kernel.symbols.find(name, module).length;
  if (found === 0) refuse('BAD_PROBE_ADDR', 1, 0, unknownSymbolErrno, word.span);
  if (found > 1) refuse('NON_UNIQ_SYMBOL', 1, 0, ambiguousSymbolErrno, word.span);
  return { module, name, pending: false };
}

/** Does the place lie where a function begins? `undefined` when the symbol is not there yet. */
function isFunctionEntry(symbol: string, offset: number, kernel: Kernel): boolean | undefined {
  const start = symbolAddress(symbol, kernel);
  if (start === undefined) return undefined;
  if (isAddressHidden(symbol, kernel)) return offset === 0 ? true : undefined;
  const address = start + BigInt(offset);
  if (isBehindKernel(address, kernel)) return undefined;
  const covering = kernel.symbols.resolve(address);
  if (covering === undefined) return undefined;
  if (covering.offset === 0) return true;
  // Behind an ENDBR the function's entry is 4 bytes on.
  return covering.offset === 4 && kernel.functions.siteOffsetAt(address - 4n) === 4;
}

/** Is there nothing at that address any more? Symbols that mark the kernel's end name places behind it. */
export function isBehindKernel(address: bigint, kernel: Kernel): boolean {
  const end = kernel.symbols.first('_end');
  return end !== undefined && end.address !== 0n && address >= end.address && covers(end, address, kernel);
}

function covers({ address: start }: KernelSymbol, address: bigint, kernel: Kernel): boolean {
  const covering = kernel.symbols.resolve(address);
  return (
    covering?.module === undefined && (covering === undefined || address - BigInt(covering.offset) === start)
  );
}

/** Address of `[MODULE:]SYMBOL`, as the kernel looks it up. */
export function symbolAddress(symbol: string, kernel: Kernel): bigint | undefined {
  return findSymbol(symbol, kernel)?.address;
}

/** Is it a function whose address the kernel does not show to this user? Only data can lie at 0. */
export function isAddressHidden(symbol: string, kernel: Kernel): boolean {
  const found = findSymbol(symbol, kernel);
  return found !== undefined && found.address === 0n && isCode(found);
}

/** Does kallsyms show this user zeros alone? No kernel begins at 0. */
export function areAddressesHidden({ symbols }: Kernel): boolean {
  return symbols.first('_stext')?.address === 0n;
}

function findSymbol(symbol: string, kernel: Kernel): KernelSymbol | undefined {
  const colon = symbol.indexOf(':');
  return colon < 0
    ? kernel.symbols.first(symbol)
    : kernel.symbols.first(symbol.slice(colon + 1), symbol.slice(0, colon));
}
