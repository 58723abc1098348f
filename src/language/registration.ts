import { isCode, isFilterPattern, type Kernel, type ResolvedAddress } from '../kernel/index.js';
import type { ProbeArgument, ProbePlace } from './event.js';
import { qualifiedSymbol } from './listing.js';
import { parseSigned } from './numbers.js';
import { areAddressesHidden, isAddressHidden, isBehindKernel, symbolAddress } from './place.js';

// What the kernel checks when it puts a probe in place, after the line itself was found good (spec 05 section 5,
// "attach"). Answers with the errno of the registration; what can only be told from the kernel's code is not judged.

/** Registers an `f`. */
export function registerFunctionProbe(
  place: ProbePlace & { kind: 'function' },
  isReturn: boolean,
  maxactive: number,
  args: readonly ProbeArgument[],
  kernel: Kernel,
): string | undefined {
  const errno = resolveSymbols(args, kernel);
  if (errno !== undefined) return errno;
  const { functions } = kernel;
  // A pattern that takes functions away leaves none to count return instances for.
  if (isReturn && (place.symbol.startsWith('!') || maxactive < 0)) return 'EINVAL';
  if (mayBeTraced(place.symbol, kernel)) return undefined;
  const { symbol } = place;
  const matches = functions.namesKnown ? functions.match(symbol).length > 0 : isFilterPattern(symbol);
  return matches ? undefined : 'EINVAL';
}

/** Where ftrace's list is not known, every function there is. */
function mayBeTraced(name: string, kernel: Kernel): boolean {
  if (kernel.functions.namesKnown) return kernel.functions.has(name);
  // Types are at hand; to tell that a symbol is not there, all are read.
  if (kernel.types?.findFunction(name) !== undefined) return true;
  if (kernel.symbols.find(name).some(isCode)) return true;
  using found = kernel.findFunction(name);
  return found !== undefined;
}

/** Registers a `t` whose symbols were found; one on an unknown tracepoint waits for a module to bring it. */
export function registerTracepointProbe(
  place: ProbePlace & { kind: 'tracepoint' },
  kernel: Kernel,
): string | undefined {
  return place.stub === undefined || mayBeTraced(place.stub, kernel) ? undefined : 'EINVAL';
}

/** Registers a kernel `p` or `r`. ENOENT of a module that is not loaded is no failure: the probe waits. */
export function registerKprobe(
  place: ProbePlace & { kind: 'kprobe' | 'address' },
  isReturn: boolean,
  args: readonly ProbeArgument[],
  kernel: Kernel,
): string | undefined {
  const address = place.kind === 'address' ? place.address : symbolAddress(qualifiedSymbol(place), kernel);
  // Where no symbol is looked up before, one that is not there is found out here.
  const missing = place.kind === 'kprobe' && !place.pending && address === undefined;
  if (missing && !kernel.dialect.manners.findsSymbolsFirst) return resolveSymbols(args, kernel) ?? 'ENOENT';
  if (place.kind === 'kprobe' && (place.pending || missing)) {
    const errno = resolveSymbols(args, kernel);
    return errno === 'ENOENT' ? undefined : errno;
  }
  // Nothing else can be told of it.
  if (place.kind === 'kprobe' && isAddressHidden(qualifiedSymbol(place), kernel))
    return resolveSymbols(args, kernel);
  const target = (address ?? 0n) + (place.kind === 'kprobe' ? BigInt(place.offset) : 0n);
  if (place.kind === 'kprobe' && isBehindKernel(target, kernel))
    return resolveSymbols(args, kernel) ?? 'ENOENT';
  const covering = kernel.symbols.resolve(target);
  if (covering !== undefined && !isTraceable(target - BigInt(covering.offset), covering.name, kernel))
    return 'EINVAL';
  const errno = resolveSymbols(args, kernel);
  // A probe by address waits for whatever is not there yet.
  if (errno === 'ENOENT' && place.kind === 'address') return undefined;
  if (errno !== undefined) return errno;
  if (covering === undefined) return target === 0n ? 'EINVAL' : undefined;
  if (kernel.isBlacklisted(target)) return 'EINVAL';
  if (isReturn && !isEntry(covering.offset, target, kernel)) return 'EINVAL';
  return isInsideSite(covering, target, kernel) ? 'EILSEQ' : undefined;
}

/** Kprobes go only where ftrace has a site in the same function (or, for `name.suffix`, in `name`). */
function isTraceable(start: bigint, name: string, kernel: Kernel): boolean {
  if (kernel.functions.siteOffsetAt(start) !== undefined) return true;
  if (!kernel.functions.sitesKnown) return mayBeTraced(name, kernel) || mayBeTraced(baseName(name), kernel);
  const base = symbolAddress(baseName(name), kernel);
  return base !== undefined && kernel.functions.siteOffsetAt(base) !== undefined;
}

/** At the start of a function, or behind its ENDBR. */
function isEntry(offset: number, target: bigint, kernel: Kernel): boolean {
  return offset === 0 || (offset === 4 && kernel.functions.siteOffsetAt(target - 4n) === 4);
}

/** `name` of `name.suffix`. */
function baseName(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}

/** Inside the 5 bytes of an ftrace site no instruction begins. */
function isInsideSite({ name, offset }: ResolvedAddress, target: bigint, kernel: Kernel): boolean {
  const site = siteIn(name, target - BigInt(offset), kernel);
  return site !== undefined && ((offset > site && offset < site + 5) || (offset > 0 && offset < site));
}

/** Where sites are not told and nothing stands in front of them, they are where functions begin. */
function siteIn(name: string, start: bigint, { functions, endbr }: Kernel): number | undefined {
  if (functions.sitesKnown || endbr) return functions.siteOffsetAt(start);
  return functions.namesKnown && functions.has(name) ? 0 : undefined;
}

/** Looks `@SYM` arguments up; the errno of the first that fails. */
export function resolveSymbols(args: readonly ProbeArgument[], kernel: Kernel): string | undefined {
  for (const { program } of args) {
    for (const op of program) {
      if (op.op !== 'SYMBOL') continue;
      const at = op.symbol.search(/[+-]/);
      const malformed = at < 0 ? undefined : parseSigned(op.symbol.slice(at));
      if (typeof malformed === 'string') return malformed;
      const address = symbolAddress(op.symbol, kernel);
      if (address === undefined || (address === 0n && !areAddressesHidden(kernel))) return 'ENOENT';
    }
  }
  return undefined;
}
