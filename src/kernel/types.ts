import type { Btf, TypeId } from '../btf/index.js';
import type { Manners } from './manners.js';

/** Machine architectures whose register and argument conventions are known (spec 02 section 2). */
export type Architecture = 'x86_64' | 'arm64' | 'riscv64';

/**
 * What a kernel's probe language understands. One row of facts per kernel, read from its tracefs README and
 * configuration and never from a version number (spec 06 section 1).
 */
export interface DialectFeatures {
  /** `f` events. */
  readonly fprobe: boolean;
  /** `t` events. */
  readonly tprobe: boolean;
  /** `e` events. */
  readonly eprobe: boolean;
  /** `if FILTER` on `e` lines. */
  readonly eprobeFilter: boolean;
  /** Parameter names, `$arg*`, names taken from argument text. */
  readonly btfArgs: boolean;
  /** `->` and `.` after a name, types from BTF. */
  readonly btfFields: boolean;
  /** `$argN`. */
  readonly functionArgs: boolean;
  /** Arguments in return events (entry data). */
  readonly returnArgs: boolean;
  /** `+u` dereferences. */
  readonly userDeref: boolean;
  /** `\IMM` and `\"text"`. */
  readonly immediates: boolean;
  readonly ustring: boolean;
  readonly symstr: boolean;
  /** The `char` type. */
  readonly charType: boolean;
  /** `%pd` and `%pD`. */
  readonly dentryPath: boolean;
  readonly arrays: boolean;
  /** More probes may be appended to an event. */
  readonly appendEvents: boolean;
}

/** A kernel's probe language: what it understands, and how it refuses. */
export interface Dialect extends DialectFeatures {
  /** Name of the row of `dialects` that the manners are taken from. */
  readonly name: string;
  /** True for the row itself, false for what a kernel's own facts tell. */
  readonly isRow: boolean;
  readonly manners: Manners;
  /** Texts of errors that differ from those of the newest kernel, by code; `null`: there is no such error, nothing is logged. */
  readonly messages: Readonly<Record<string, string | null>>;
}

/** A module's types, held by one user. Its bytes stay readable until the last holder disposes (spec 10 R10-40, R10-41). */
export interface ModuleTypes extends Disposable {
  readonly module: string;
  /** Throws a `KernelError` with code `released` once disposed. */
  readonly btf: Btf;
  /** True once the module was unloaded; the types stay readable. */
  readonly stale: boolean;
}

/** A function prototype found by name: in vmlinux (`handle` undefined) or in a module. Dispose when done with its types. */
export interface FunctionTypes extends Disposable {
  readonly btf: Btf;
  readonly func: TypeId;
  readonly proto: TypeId;
  readonly handle: ModuleTypes | undefined;
}

/** One line of kallsyms. Addresses are kernel virtual addresses. */
export interface KernelSymbol {
  readonly name: string;
  readonly address: bigint;
  /** The letter of nm(1): `t`, `T`, `d`, ... */
  readonly type: string;
  /** `undefined` for vmlinux. */
  readonly module: string | undefined;
}

/** The symbol that covers an address. */
export interface ResolvedAddress {
  readonly name: string;
  /** Bytes from the symbol's start. */
  readonly offset: number;
  /** Bytes to the next symbol (spec 12 R12-17). */
  readonly size: number;
  readonly module: string | undefined;
}

export interface SymbolTable {
  /** Every symbol of that exact name in kallsyms order; `module` narrows to that module's. */
  find(name: string, module?: string): readonly KernelSymbol[];
  /** The first of these. A running kernel's may be known long before all its symbols are read. */
  first(name: string, module?: string): KernelSymbol | undefined;
  /** The symbol at or below an address, as `%pS` prints it; `undefined` outside the kernel and its modules. */
  resolve(address: bigint): ResolvedAddress | undefined;
  /** No symbol covers an address below this one; absent or `undefined` where none is known. */
  lowest?(): bigint | undefined;
  /** Modules that own symbols, in load order. */
  modules(): readonly string[];
  /** The name of every symbol in kallsyms order, as often as it stands there; the same array while nothing changes. */
  names(): readonly string[];
}

/** What ftrace can hook: the place of `f` events. */
export interface TraceableFunctions {
  has(name: string): boolean;
  /** How many functions have that name; an `f` event on it goes into all of them. */
  count(name: string): number;
  /** Every name, as often as it stands there; the same array while nothing changes. */
  names(): readonly string[];
  /** Names that an ftrace filter pattern matches (spec 01 section 3.2), duplicates included once. */
  match(pattern: string): readonly string[];
  /** Distance of the patch site from the symbol (0, or 4 behind an ENDBR); `undefined` when not known. */
  siteOffset(name: string): number | undefined;
  /** Is the list known? tracefs shows it to root; without it nothing says what cannot be traced. */
  readonly namesKnown: boolean;
  /** Are patch sites known? Kernels before 6.5 tell names only. */
  readonly sitesKnown: boolean;
  /** As `siteOffset`, for the symbol at an address. */
  siteOffsetAt(address: bigint): number | undefined;
}

/** A field of a trace event record (spec 11 section 4). */
export interface EventField {
  readonly name: string;
  /** C type text as the format file shows it, array suffix removed: `unsigned long`, `__data_loc char[]`. */
  readonly type: string;
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** Bytes; 0 = the rest of the record. */
  readonly size: number;
  readonly signed: boolean;
  /** Text inside the brackets after the name (`u8 a[];` has '', `char comm[16]` has '16'); `undefined` for a scalar. */
  readonly array: string | undefined;
}

/** Shape of one event's records: what a `format` file says (spec 11 section 4). */
export interface RecordLayout {
  readonly group: string;
  readonly name: string;
  /** The event's number, `common_type` in its records; `undefined` while the event does not exist in a kernel. */
  readonly id: number | undefined;
  readonly common: readonly EventField[];
  readonly fields: readonly EventField[];
  /** The text after `print fmt: `. */
  readonly printFmt: string;
}

export interface EventFormats {
  /** Is there an event of that name? Costs less than its format. */
  has(group: string, name: string): boolean;
  find(group: string, name: string): RecordLayout | undefined;
  /** `group/name` of every event. */
  names(): readonly string[];
}

/** What uprobe paths are in the traced machine's file system. */
export interface FileFacts {
  readonly cwd: string;
  readonly files: ReadonlyMap<string, 'regular' | 'directory' | 'device' | string>;
  /** Names of one and the same file. */
  readonly sameFile: readonly string[];
}

/**
 * Everything known of one kernel. Pure facts: nothing here touches a running system. Parts are read when first asked for.
 */
export interface Kernel extends Disposable {
  /** How the user named it: `live`, a bundle's folder name, `6.12-cloud`. */
  readonly name: string;
  /** `uname -r`. */
  readonly release: string;
  readonly arch: Architecture;
  readonly dialect: Dialect;
  readonly possibleCpus: number;
  /** vmlinux types; `undefined` when the source has none. */
  readonly types: Btf | undefined;
  readonly symbols: SymbolTable;
  readonly functions: TraceableFunctions;
  readonly events: EventFormats;
  /** Configuration facts, `CONFIG_X` to `y`, `m`, `n`, number or text. */
  readonly config: ReadonlyMap<string, string | number>;
  readonly fileFacts: FileFacts | undefined;
  /** True where `f`/`p` treat symbol+4 as function entry (ENDBR; CONFIG_X86_KERNEL_IBT). */
  readonly endbr: boolean;
  hasTracepoint(name: string): boolean;
  /** Names of all tracepoints, of those too that no event belongs to. */
  tracepoints(): readonly string[];
  /** True when the address lies in a range of the kprobe blacklist. */
  isBlacklisted(address: bigint): boolean;
  isModuleLoaded(module: string): boolean;
  /** Loaded modules that carry types, in BTF id order. */
  moduleNames(): readonly string[];
  /** A counted handle on a loaded module's types, or `undefined`. */
  acquireModuleTypes(module: string): ModuleTypes | undefined;
  /** First FUNC of that name: vmlinux, then each module in BTF id order (spec 10 R10-37). */
  findFunction(name: string): FunctionTypes | undefined;
}
