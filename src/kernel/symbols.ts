import { AddressTable } from './address-table.js';
import { KernelError } from './error.js';
import { findWithin, type KeySpan, type LineShape, NameIndex } from './name-index.js';
import { kernelText } from './text.js';
import type { KernelSymbol, ResolvedAddress, SymbolTable } from './types.js';

/** Owners that kallsyms shows in brackets although they are no modules: generated code of BPF, ftrace and kprobes. */
const isPseudoModule = (owner: string) => owner === 'bpf' || owner.startsWith('__builtin__');

const tab = 0x09;
const blank = 0x20;

/** Lines of kallsyms: `ADDRESS TYPE NAME`, and for a module's symbol a tab and `[MODULE]`. */
const shape: LineShape = {
  before: ' ',
  after: ['\n', '\t'],
  key(text, lineStart, lineEnd) {
    if (lineStart === lineEnd) return undefined;
    const start = nameStart(text, lineStart, lineEnd);
    return { start, end: findWithin(text, tab, start, lineEnd) } satisfies KeySpan;
  },
};

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
  const index = new NameIndex([kallsyms, ...moreText].map(kernelText).map(endLine).join(''), shape);
  let addresses: AddressTable | undefined;
  let owners: readonly string[] | undefined;

  const symbolAt = (lineStart: number): KernelSymbol => {
    const line = index.text.slice(lineStart, index.lineEnd(lineStart));
    const parts = /^([0-9a-f]{1,16}) (\S) (\S+)(?:\t\[([^\]]+)\])?\s*$/i.exec(line);
    if (parts === null) throw brokenLine(line);
    return { name: parts[3]!, address: BigInt(`0x${parts[1]}`), type: parts[2]!, module: parts[4] };
  };

  return {
    find(name, module) {
      const all = index.lines(name).map(symbolAt);
      return all.filter(
        symbol =>
          (module === undefined || symbol.module === module) &&
          (symbol.module === undefined || !isUnloaded(symbol.module)),
      );
    },
    resolve(address) {
      addresses ??= new AddressTable(index.text);
      const entry = addresses.at(address);
      if (entry === undefined) return undefined;
      const { name, module } = symbolAt(entry.lineStart);
      if (module !== undefined && isUnloaded(module)) return undefined;
      return { name, offset: entry.offset, size: entry.size, module } satisfies ResolvedAddress;
    },
    modules() {
      owners ??= moduleNames(index.text);
      return owners.filter(module => !isUnloaded(module));
    },
  };
}

/** kallsyms shows the module that was loaded last first. */
function moduleNames(text: string): readonly string[] {
  const found = new Set<string>();
  for (let at = text.indexOf('\t['); at >= 0; at = text.indexOf('\t[', at + 1)) {
    const end = text.indexOf(']', at);
    if (end < 0) break;
    const module = text.slice(at + 2, end);
    if (!module.includes('\n') && !isPseudoModule(module)) found.add(module);
  }
  return Array.from(found).reverse();
}

function nameStart(text: string, lineStart: number, lineEnd: number): number {
  const firstBlank = findWithin(text, blank, lineStart, lineEnd);
  const start = firstBlank + 3;
  if (start >= lineEnd || firstBlank - lineStart > 16 || text.charCodeAt(firstBlank + 2) !== blank) {
    throw brokenLine(text.slice(lineStart, lineEnd));
  }
  return start;
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function brokenLine(line: string): KernelError {
  return new KernelError('bad-line', `kallsyms: the line ${JSON.stringify(line.slice(0, 120))} is no symbol`);
}
