import { type Btf, BtfKind } from '../../btf/index.js';
import { isFilterPattern, type Kernel } from '../../kernel/index.js';
import { entryArgument, type FetchOp, type FetchProgram, type ProbeEvent } from '../../language/index.js';
import type { BpfFacts } from './facts.js';
import { fetchSteps } from './fetch-steps.js';
import { isSharedName } from './functions.js';
import { findTracepoint } from './view.js';

/**
 * Slots that the verifier lets no program load: pointers to what is no struct, number or void, such as other pointers.
 * Read as memory they can be had all the same. The slot behind the arguments is the return value.
 */
export type OpaqueSlots = readonly number[];

/** Where and as what a program would be attached. */
export type BpfPlace =
  /** A function's entry or exit by its types. */
  | {
      readonly kind: 'fentry' | 'fexit';
      readonly symbol: string;
      /** `undefined`: vmlinux. */
      readonly module: string | undefined;
      /** BTF id of the function. */
      readonly id: number;
      /** Words of its arguments. */
      readonly slots: number;
      readonly opaque: OpaqueSlots;
    }
  /** A tracepoint by its types. */
  | {
      readonly kind: 'tracepoint';
      readonly tracepoint: string;
      readonly module: string | undefined;
      /** BTF id of the typedef. */
      readonly id: number;
      readonly slots: number;
      readonly opaque: OpaqueSlots;
    }
  /** A kprobe of perf: any instruction, all registers. */
  | {
      readonly kind: 'kprobe';
      /** `[module:]function`; '' for an address. */
      readonly symbol: string;
      readonly offset: bigint;
      readonly isReturn: boolean;
    }
  /** Functions together: registers at their entry or exit. */
  | { readonly kind: 'kprobe-multi'; readonly symbols: readonly string[]; readonly isReturn: boolean }
  /** The same on a kernel without that: a kprobe of perf for each. */
  | { readonly kind: 'kprobes'; readonly symbols: readonly string[]; readonly isReturn: boolean };

/** Whether an event can be traced by eBPF on a kernel, and how; or why not. */
export type BpfAbility =
  | {
      readonly can: true;
      readonly place: BpfPlace;
      /** Why not the cheapest kind. */
      readonly because?: string;
    }
  | { readonly can: false; readonly reason: string };

/** Kprobes of perf that one definition may make. */
const mostKprobes = 256;

/**
 * How a compiled event would run as eBPF. Pure: nothing is tried, so that what the kernel or the user's rights forbid
 * shows only when it is attached. `event` must be compiled for the kernel's `bpfView`.
 */
export function bpfAbility(event: ProbeEvent, kernel: Kernel, facts: BpfFacts): BpfAbility {
  const missing = missingFact(kernel, facts);
  if (missing !== undefined) return cannot(missing);
  for (const { name, program } of event.args) {
    const steps = fetchSteps(program);
    if (steps === undefined) return cannot(`argument ${name} is for probes in programs or on events alone`);
    const isText = steps.store.op === 'ST_STRING' || steps.store.op === 'ST_USTRING';
    if (isText && steps.count > 0 && steps.dereferences.length === 0)
      return cannot(`argument ${name} is an array of texts that nothing points to`);
  }
  const { place } = event;
  switch (place.kind) {
    case 'function':
      return functionAbility(event, place.symbol, undefined, kernel, facts);
    case 'tracepoint':
      return tracepointAbility(event, place.tracepoint, kernel);
    case 'kprobe': {
      if (place.pending) return cannot(`module ${place.module} is not loaded: eBPF does not wait for it`);
      if (place.offset === 0) return functionAbility(event, place.symbol, place.module, kernel, facts);
      const symbol = place.module === undefined ? place.symbol : `${place.module}:${place.symbol}`;
      return kprobe(event, symbol, BigInt(place.offset), 'the place is inside the function');
    }
    case 'address':
      if (place.site === undefined) return cannot('no function is known at that address');
      return kprobe(event, '', place.site, 'the place is an address');
    case 'uprobe':
      return cannot('probes in programs (uprobes) are not traced by eBPF here');
    case 'event':
      return cannot('probes on events (e) are not traced by eBPF here');
    default:
      return place satisfies never;
  }
}

function missingFact(kernel: Kernel, facts: BpfFacts): string | undefined {
  if (kernel.arch !== 'x86_64') return `eBPF is made for x86-64 here, not for ${kernel.arch}`;
  if (!facts.types) return 'the kernel has no types of its own (CONFIG_DEBUG_INFO_BTF)';
  if (!facts.ringBuffer) return 'the kernel has no BPF ring buffer (5.8)';
  return undefined;
}

function functionAbility(
  event: ProbeEvent,
  symbol: string,
  module: string | undefined,
  kernel: Kernel,
  facts: BpfFacts,
): BpfAbility {
  const qualified = module === undefined ? symbol : `${module}:${symbol}`;
  // A kprobe goes to one function, or is refused.
  if (event.place.kind === 'function') {
    if (isFilterPattern(symbol)) return patternAbility(event, symbol, kernel, facts);
    if (isSharedName(symbol, kernel))
      return many(event, [symbol], facts, `${symbol} is the name of several functions`);
  }
  const traced = tracedFunction(event, symbol, module, kernel, facts);
  if ('place' in traced) return { can: true, place: traced.place };
  return kprobe(event, qualified, 0n, traced.reason);
}

/** The function as a trampoline's, or why it cannot be. */
function tracedFunction(
  event: ProbeEvent,
  symbol: string,
  module: string | undefined,
  kernel: Kernel,
  facts: BpfFacts,
): { readonly place: BpfPlace } | { readonly reason: string } {
  if (!facts.trampolines) return { reason: 'the kernel has no BPF trampolines' };
  using found = kernel.findFunction(symbol);
  if (found === undefined) return { reason: `${symbol} has no type` };
  const home = found.handle?.module;
  if (module !== undefined && home !== module) return { reason: `${symbol} has no type in ${module}` };
  const { btf, proto } = found;
  const shape = argumentSlots(btf, proto, facts);
  if (typeof shape === 'string') return { reason: `${symbol} ${shape}` };
  const register = event.args.find(({ program }) => program.some(needsRegisters));
  if (register !== undefined) return { reason: `argument ${register.name} asks for registers or the stack` };
  const { slots, narrow, opaque } = shape;
  for (const { name, program } of event.args) {
    const slot = argumentSlot(event, program);
    if (slot === undefined) continue;
    if (slot >= slots) return { reason: `argument ${name} is behind the last of ${symbol}` };
    const size = narrow.get(slot);
    if (size !== undefined && !facts.wideArguments && !readsAtMost(program, size))
      return { reason: `argument ${name} asks for more of the register than its type has` };
  }
  const returns = btf.skipModifiers(btf.referenced(proto));
  if (event.isReturn && returns !== 0 && (btf.sizeOf(returns) ?? 0) > 8)
    return { reason: `${symbol} returns a structure` };
  if (event.isReturn && returns === 0 && event.args.some(({ program }) => program.some(isReturnValue)))
    return { reason: `${symbol} returns nothing` };
  const kind = event.isReturn ? 'fexit' : 'fentry';
  const unloadable = event.isReturn && isOpaque(btf, returns) ? [...opaque, slots] : opaque;
  return { place: { kind, symbol, module: home, id: found.func, slots, opaque: unloadable } };
}

function needsRegisters({ op }: FetchOp): boolean {
  return op === 'REG' || op === 'STACK' || op === 'STACKP';
}

/** The function's argument that a program begins with, also where a return event has it from the entry. */
function argumentSlot(event: ProbeEvent, program: FetchProgram): number | undefined {
  const load = program.find(({ op }) => op === 'ARG' || op === 'EDATA');
  if (load?.op === 'ARG') return load.index;
  return load?.op === 'EDATA' ? entryArgument(event, load.offset) : undefined;
}

function isReturnValue({ op }: FetchOp): boolean {
  return op === 'RETVAL';
}

/** Does a program store no more than so many bytes of the argument itself? */
function readsAtMost(program: readonly FetchOp[], size: number): boolean {
  const store = program.find(({ op }) => op.startsWith('ST_'));
  return store?.op === 'ST_RAW' && store.size <= size;
}

interface Slots {
  readonly slots: number;
  /** Arguments that do not fill their register, by index, with their bytes. */
  readonly narrow: ReadonlyMap<number, number>;
  readonly opaque: OpaqueSlots;
}

/** Words of a function's arguments, or why a trampoline cannot save them (spec 15 R15-5, R15-10). */
function argumentSlots(btf: Btf, proto: number, facts: BpfFacts): Slots | string {
  const parameters = btf.parameters(proto);
  if (parameters.at(-1)?.type === 0 && parameters.length > 0) return 'takes any number of arguments';
  let slots = 0;
  const narrow = new Map<number, number>();
  const opaque: number[] = [];
  for (const { type } of parameters) {
    const id = btf.skipModifiers(type);
    const size = btf.kind(id) === BtfKind.Ptr ? 8 : (btf.sizeOf(id) ?? 8);
    if (size > 16) return 'takes a structure of more than two words';
    if (size < 8) narrow.set(slots, size);
    if (isOpaque(btf, id)) opaque.push(slots);
    slots += Math.max(1, Math.ceil(size / 8));
  }
  const most = facts.wideArguments ? 12 : 6;
  return slots > most ? `has more than ${most} words of arguments` : { slots, narrow, opaque };
}

/** What the verifier makes of a pointer's target (spec 15.7). */
function isOpaque(btf: Btf, type: number): boolean {
  if (type === 0 || btf.kind(type) !== BtfKind.Ptr) return false;
  const target = btf.skipModifiers(btf.referenced(type));
  return (
    target !== 0 && ![BtfKind.Int, BtfKind.Struct, BtfKind.Union].some(kind => kind === btf.kind(target))
  );
}

function tracepointAbility(event: ProbeEvent, tracepoint: string, kernel: Kernel): BpfAbility {
  const register = event.args.find(({ program }) => program.some(needsRegisters));
  if (register !== undefined)
    return cannot(
      `argument ${register.name} asks for the stack, which a program at a tracepoint does not see`,
    );
  const found = findTracepoint(kernel, tracepoint);
  if (found === undefined)
    return cannot(`no tracepoint ${tracepoint} is there: eBPF does not wait for its module`);
  using held = found.module === undefined ? undefined : kernel.acquireModuleTypes(found.module);
  const btf = held?.btf ?? kernel.types!;
  const pointer = btf.skipModifiers(btf.referenced(found.id));
  const parameters = btf.parameters(btf.referenced(pointer)).slice(1);
  const slots = parameters.length;
  const opaque = parameters.flatMap(({ type }, slot) =>
    isOpaque(btf, btf.skipModifiers(type)) ? [slot] : [],
  );
  const beyond = event.args.find(({ program }) => program.some(op => op.op === 'ARG' && op.index > slots));
  if (beyond !== undefined) return cannot(`argument ${beyond.name} is behind the last of ${tracepoint}`);
  return { can: true, place: { kind: 'tracepoint', tracepoint, ...found, slots, opaque } };
}

function patternAbility(event: ProbeEvent, pattern: string, kernel: Kernel, facts: BpfFacts): BpfAbility {
  if (!kernel.functions.names().length)
    return cannot(
      "a pattern needs ftrace's list of functions (available_filter_functions), which root may read",
    );
  const symbols = [...new Set(kernel.functions.match(pattern))];
  if (symbols.length === 0) return cannot(`${pattern} matches no function that can be traced`);
  return many(event, symbols, facts, 'the place is a pattern');
}

function many(event: ProbeEvent, symbols: readonly string[], facts: BpfFacts, because: string): BpfAbility {
  const lost = lostArgument(event, because);
  if (lost !== undefined) return lost;
  const { isReturn } = event;
  if (facts.multi) return { can: true, place: { kind: 'kprobe-multi', symbols, isReturn }, because };
  if (symbols.length > mostKprobes)
    return cannot(
      `${symbols.length} functions: this kernel attaches to them one by one, ${mostKprobes} at most`,
    );
  return { can: true, place: { kind: 'kprobes', symbols, isReturn }, because };
}

function kprobe(event: ProbeEvent, symbol: string, offset: bigint, because: string): BpfAbility {
  return (
    lostArgument(event, because) ?? {
      can: true,
      place: { kind: 'kprobe', symbol, offset, isReturn: event.isReturn },
      because,
    }
  );
}

/** Registers at a return: an argument that is wanted from the entry is no longer there. */
function lostArgument({ args }: ProbeEvent, because: string): BpfAbility | undefined {
  const saved = args.find(({ program }) => program.some(({ op }) => op === 'EDATA'));
  if (saved === undefined) return undefined;
  return cannot(`${because}, and at a return registers no longer hold argument ${saved.name}`);
}

function cannot(reason: string): BpfAbility {
  return { can: false, reason };
}
