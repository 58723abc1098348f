import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Btf, BtfKind, type TypeId } from '../src/btf/index.js';
import type { Kernel, RecordLayout } from '../src/kernel/index.js';

/** A parameter or a return value that chains may start from. */
export interface TypedName {
  readonly name: string;
  readonly type: TypeId;
}

/** A function or a tracepoint with what BTF says of it. */
export interface Probeable {
  readonly name: string;
  readonly btf: Btf;
  /** Hidden first parameters of tracepoints left out. */
  readonly parameters: readonly TypedName[];
  readonly returns: TypeId;
}

/** The names of one kernel that definitions are made of. */
export interface Vocabulary {
  readonly kernel: Kernel;
  /** Functions with BTF that one symbol names and that can be traced. */
  readonly functions: readonly Probeable[];
  /** Those of them whose parameters or return value point to structures. */
  readonly structFunctions: readonly Probeable[];
  /** Those that a module brought; empty where no module is loaded. */
  readonly moduleFunctions: readonly Probeable[];
  readonly moduleNames: readonly string[];
  /** Tracepoints whose stub can be traced. */
  readonly tracepoints: readonly Probeable[];
  /** The other ones: a failed attachment keeps these until the next boot. */
  readonly untraceableTracepoints: readonly string[];
  readonly events: readonly RecordLayout[];
  /** Variables of the kernel. */
  readonly data: readonly string[];
  /** Symbols that are special in one way or another: duplicate, not traceable, without BTF, blacklisted, with dots. */
  readonly special: readonly (readonly string[])[];
  /** Functions and their addresses as the kernel writes them. */
  readonly addresses: readonly (readonly [name: string, address: bigint])[];
  /** Addresses of symbols of any kind. */
  readonly symbolAddresses: readonly bigint[];
}

const odd =
  /^__(BTF_ID|kstrtab|ksymtab|ksym|param|tracepoint|tpstrtab|func__|SCK|UNIQUE|setup|initcall|compound|bpf)/;

/** Reads the names of a bundle (docs/bundles.md). */
export function readVocabulary(kernel: Kernel, folder: string): Vocabulary {
  const lines = (part: string): string[] =>
    gunzipSync(readFileSync(join(folder, `${part}.gz`)))
      .toString('latin1')
      .split('\n')
      .filter(line => line !== '');
  const symbols = countSymbols(lines('kallsyms'));
  const isOnce = (name: string): boolean => symbols.get(name)?.count === 1;
  const all = declaredFunctions(kernel);
  const functions = [...all.values()].filter(({ name }) => isOnce(name) && kernel.functions.has(name));
  const text = [...symbols].filter(([, { type }]) => /[tT]/.test(type)).map(([name]) => name);
  const plain = text.filter(name => !name.includes('.'));
  const duplicate = plain.filter(name => !isOnce(name));
  const tracepoints = lines('tracepoints').map(line => line.split(' ')[0]!);
  const blacklist = lines('kprobes-blacklist').map(line => line.split('\t')[1] ?? '');
  return {
    kernel,
    functions,
    structFunctions: functions.filter(hasStructPointer),
    moduleFunctions: functions.filter(({ name }) => symbols.get(name)!.module !== undefined),
    moduleNames: kernel.moduleNames(),
    tracepoints: tracepoints.flatMap(name => tracepointOf(name, all, kernel)),
    untraceableTracepoints: kernel.dialect.tprobe
      ? tracepoints.filter(name => !kernel.functions.has(`__probestub_${name}`))
      : [],
    events: kernel.events.names().flatMap(name => kernel.events.find(...splitName(name)) ?? []),
    data: [...symbols]
      .filter(([name, { type, count }]) => /[dDbBrR]/.test(type) && count === 1 && !odd.test(name))
      .map(([name]) => name)
      .filter(name => /^[A-Za-z_]\w+$/.test(name)),
    special: [
      duplicate,
      duplicate.filter(name => kernel.functions.has(name)),
      plain.filter(name => isOnce(name) && !kernel.functions.has(name) && !name.startsWith('__pfx_')),
      plain.filter(name => isOnce(name) && kernel.functions.has(name) && !all.has(name)),
      [...all.keys()].filter(name => !symbols.has(name)),
      blacklist.filter(name => symbols.has(name)),
      text.filter(name => name.includes('.')),
      plain.filter(name => name.startsWith('__pfx_')),
    ].filter(list => list.length > 0),
    symbolAddresses: [...symbols.values()].map(({ address }) => address),
    addresses: functions.map(({ name }) => [name, symbols.get(name)!.address] as const),
  };
}

interface SymbolCount {
  readonly type: string;
  readonly address: bigint;
  readonly module: string | undefined;
  count: number;
}

function countSymbols(lines: readonly string[]): Map<string, SymbolCount> {
  const symbols = new Map<string, SymbolCount>();
  for (const line of lines) {
    const [, address = '0', type = '', name = '', module] =
      /^(\S+) (\S) (\S+)(?:\t\[(\S+)\])?/.exec(line) ?? [];
    const known = symbols.get(name);
    if (known !== undefined) known.count++;
    else symbols.set(name, { type, address: BigInt(`0x${address}`), module, count: 1 });
  }
  return symbols;
}

/** Every function that the kernel's BTF and that of its modules declares, the first of a name. */
function declaredFunctions(kernel: Kernel): Map<string, Probeable> {
  const functions = new Map<string, Probeable>();
  const modules = kernel.moduleNames().flatMap(name => kernel.acquireModuleTypes(name)?.btf ?? []);
  for (const btf of [...(kernel.types === undefined ? [] : [kernel.types]), ...modules]) {
    for (let id = btf.firstId; id < btf.typeCount; id++) {
      if (btf.kind(id) !== BtfKind.Func) continue;
      const name = btf.nameOf(id);
      const prototype = btf.referenced(id);
      if (functions.has(name) || btf.kind(prototype) !== BtfKind.FuncProto) continue;
      const parameters = btf.parameters(prototype).map(({ name, type }) => ({ name, type }));
      functions.set(name, { name, btf, parameters, returns: btf.referenced(prototype) });
    }
  }
  return functions;
}

function tracepointOf(name: string, all: ReadonlyMap<string, Probeable>, kernel: Kernel): Probeable[] {
  // Kernels without t events have no stubs: their answer does not depend on what the tracepoint gives.
  if (!kernel.dialect.tprobe) return noProbeable(name, kernel);
  const stub = all.get(`__probestub_${name}`);
  if (stub === undefined || !kernel.functions.has(`__probestub_${name}`)) return [];
  return [{ ...stub, name, parameters: stub.parameters.slice(1) }];
}

function noProbeable(name: string, { types }: Kernel): Probeable[] {
  return types === undefined ? [] : [{ name, btf: types, parameters: [], returns: 0 }];
}

function splitName(name: string): [group: string, event: string] {
  const slash = name.indexOf('/');
  return [name.slice(0, slash), name.slice(slash + 1)];
}

function hasStructPointer({ btf, parameters, returns }: Probeable): boolean {
  return [...parameters.map(({ type }) => type), returns].some(type => structBehind(btf, type) !== undefined);
}

/** The structure or union that a pointer points to, modifiers skipped. */
export function structBehind(btf: Btf, type: TypeId): TypeId | undefined {
  const pointer = btf.skipModifiers(type);
  if (btf.kind(pointer) !== BtfKind.Ptr) return undefined;
  const target = btf.skipModifiers(btf.referenced(pointer));
  return isStructure(btf, target) ? target : undefined;
}

/** True for a structure or union, not for one behind modifiers. */
export function isStructure(btf: Btf, type: TypeId): boolean {
  const kind = btf.kind(type);
  return kind === BtfKind.Struct || kind === BtfKind.Union;
}
