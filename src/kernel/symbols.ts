import { type AddressEntry, AddressTable } from './address-table.js';
import { EarlySymbols } from './early-symbols.js';
import { KernelError } from './error.js';
import type { GrowingText } from './growing-text.js';
import { NameIndex } from './name-index.js';
import { createNameList, type OwnedName } from './name-list.js';
import { RememberedSymbols, type SymbolMemory } from './symbol-memory.js';
import { blank, findWithin, kernelText, newline, tab } from './text.js';
import type { KernelSymbol, ResolvedAddress, SymbolTable } from './types.js';

/** Owners that kallsyms shows in brackets although they are no modules: generated code of BPF, ftrace and kprobes. */
const isPseudoModule = (owner: string) => owner === 'bpf' || owner.startsWith('__builtin__');

/**
 * A symbol table over the text of `/proc/kallsyms`. Further texts of the same form (`moreText`) stand for lines that
 * came later: probe trampolines, BPF programs. `isUnloaded` hides a module's symbols.
 * Broken lines throw a `KernelError` with code `bad-line` when a look-up meets them.
 */
export function createSymbolTable(
  kallsyms: Uint8Array | undefined,
  moreText: readonly Uint8Array[] = [],
  isUnloaded: (module: string) => boolean = () => false,
): SymbolTable {
  const bytes = joinLines([kallsyms ?? new Uint8Array(), ...moreText]);
  const index = new NameIndex(bytes, nameSpan);
  let addresses: AddressTable | undefined;
  let owners: readonly string[] | undefined;

  const find = (name: string, module?: string): readonly KernelSymbol[] => {
    const all = index.lines(name).map(lineStart => symbolAt(bytes, lineStart));
    return all.filter(
      symbol =>
        (module === undefined || symbol.module === module) &&
        (symbol.module === undefined || !isUnloaded(symbol.module)),
    );
  };

  return {
    find,
    first: (name, module) => find(name, module)[0],
    resolve(address) {
      addresses ??= new AddressTable(bytes);
      const entry = addresses.at(address);
      const found = entry && resolved(bytes, entry);
      return found?.module !== undefined && isUnloaded(found.module) ? undefined : found;
    },
    lowest() {
      addresses ??= new AddressTable(bytes);
      return addresses.lowest;
    },
    modules() {
      owners ??= moduleNames(bytes);
      return owners.filter(module => !isUnloaded(module));
    },
    names: createNameList(() => symbolNames(bytes), isUnloaded),
  };
}

/** The same over a text that is read no further than look-ups need it; what `memory` knows of it is not looked up. */
export function createGrowingSymbolTable(
  kallsyms: GrowingText,
  isUnloaded: (module: string) => boolean,
  memory?: SymbolMemory,
): SymbolTable {
  const early = new EarlySymbols(kallsyms, nameSpan);
  const remembered = memory && new RememberedSymbols(memory, kallsyms);
  let table: SymbolTable | undefined;
  const whole = (): SymbolTable => {
    table ??= createSymbolTable(kallsyms.whole(), [], isUnloaded);
    return table;
  };
  const findEarly = (name: string): KernelSymbol | undefined => {
    const start = early.first(name);
    const found = start === undefined ? undefined : symbolAt(kallsyms.lines, start);
    if (start === undefined || found === undefined || found.module !== undefined) return undefined;
    const entry = remembered && early.at(found.address);
    if (entry?.lineStart === start) remembered?.keep(found, entry);
    return found;
  };
  return {
    find: (name, module) => whole().find(name, module),
    first(name, module) {
      const found =
        table === undefined && module === undefined
          ? (remembered?.first(name) ?? findEarly(name))
          : undefined;
      return found ?? whole().first(name, module);
    },
    resolve(address) {
      const known = remembered?.resolve(address);
      if (known !== undefined) return known;
      const entry = table === undefined ? early.at(address) : undefined;
      return entry === undefined ? whole().resolve(address) : resolved(kallsyms.lines, entry);
    },
    modules: () => whole().modules(),
    names: () => whole().names(),
  };
}

function symbolAt(bytes: Uint8Array, lineStart: number): KernelSymbol {
  const line = kernelText(bytes, lineStart, findWithin(bytes, newline, lineStart, bytes.length));
  const parts = /^([0-9a-f]{1,16}) (\S) (\S+)(?:\t\[([^\]]+)\])?\s*$/i.exec(line);
  if (parts === null) throw brokenLine(line);
  return { name: parts[3]!, address: BigInt(`0x${parts[1]}`), type: parts[2]!, module: parts[4] };
}

function resolved(bytes: Uint8Array, { lineStart, offset, size }: AddressEntry): ResolvedAddress {
  const { name, module } = symbolAt(bytes, lineStart);
  return { name, offset, size, module };
}

/** Lines of kallsyms: `ADDRESS TYPE NAME`, and for a module's symbol a tab and `[MODULE]`. */
function nameSpan(bytes: Uint8Array, lineStart: number, lineEnd: number) {
  if (lineStart === lineEnd) return undefined;
  const firstBlank = findWithin(bytes, blank, lineStart, lineEnd);
  const start = firstBlank + 3;
  if (start >= lineEnd || firstBlank - lineStart > 16 || bytes[firstBlank + 2] !== blank) {
    throw brokenLine(kernelText(bytes, lineStart, lineEnd));
  }
  return { start, end: findWithin(bytes, tab, start, lineEnd) };
}

/** kallsyms shows the module that was loaded last first. */
function moduleNames(bytes: Uint8Array): readonly string[] {
  const found = new Set<string>();
  for (let at = bytes.indexOf(tab); at >= 0; at = bytes.indexOf(tab, at + 1)) {
    const owner = kernelText(bytes, at + 1, findWithin(bytes, newline, at, bytes.length)).trimEnd();
    if (!/^\[[^\]]+\]$/.test(owner)) throw brokenLine(owner);
    const module = owner.slice(1, -1);
    if (!isPseudoModule(module)) found.add(module);
  }
  return Array.from(found).reverse();
}

function* symbolNames(bytes: Uint8Array): Iterable<OwnedName> {
  for (const line of kernelText(bytes).split('\n')) {
    const start = line.indexOf(' ') + 3;
    if (start < 3) continue;
    const end = line.indexOf('\t', start);
    if (end < 0) yield { name: line.slice(start), module: undefined };
    else yield { name: line.slice(start, end), module: line.slice(end + 2, -1) };
  }
}

/** Texts of lines one after another; the usual single one is not copied. */
function joinLines(texts: readonly Uint8Array[]): Uint8Array {
  if (texts.length === 1) return texts[0]!;
  const joined = new Uint8Array(texts.reduce((length, text) => length + text.length + 1, 0));
  let at = 0;
  for (const text of texts) {
    joined.set(text, at);
    at += text.length;
    joined[at++] = newline;
  }
  return joined;
}

function brokenLine(line: string): KernelError {
  return new KernelError('bad-line', `kallsyms: the line ${JSON.stringify(line.slice(0, 120))} is no symbol`);
}
