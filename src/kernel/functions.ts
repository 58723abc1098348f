import { KernelError } from './error.js';
import { parseFilterPattern } from './glob.js';
import { lineStarts, NameIndex } from './name-index.js';
import { createNameList, type OwnedName } from './name-list.js';
import { blank, findWithin, kernelText } from './text.js';
import type { SymbolTable, TraceableFunctions } from './types.js';

/** Where the lists of traceable functions are read from; each is called when first needed. */
export interface FunctionParts {
  /** `available_filter_functions`: lines `NAME` or `NAME [MODULE]`. */
  names(): Uint8Array | undefined;
  /** `available_filter_functions_addrs`: the same with the patch site's address in front. */
  sites(): Uint8Array | undefined;
  readonly symbols: SymbolTable;
  isUnloaded(module: string): boolean;
}

/** Where a patch site can lie behind its symbol: at once, behind an ENDBR or BTI, behind BTI and a literal (arm64). */
const siteOffsets = [0, 4, 8] as const;

const closingBracket = 0x5d;

/** What ftrace can hook, from the texts of tracefs. Broken lines throw a `KernelError` with code `bad-line`. */
export function createTraceableFunctions(parts: FunctionParts): TraceableFunctions {
  const sites = once(() => parts.sites() ?? new Uint8Array());
  const names = once(() => {
    const list = parts.names();
    return list === undefined ? new NameIndex(sites(), secondWord) : new NameIndex(list, firstWord);
  });
  const sitesByName = once(() => new NameIndex(sites(), secondWord));
  const sitesByAddress = once(() => new NameIndex(sites(), firstWord));
  const starts = once(() => lineStarts(names().bytes));

  const isThere = (lineStart: number) => {
    const module = moduleOf(names(), lineStart);
    return module === undefined || !parts.isUnloaded(module);
  };

  const nameAt = (lineStart: number) => {
    const { bytes, keyOf } = names();
    const key = keyOf(bytes, lineStart, names().lineEnd(lineStart));
    return key === undefined ? undefined : kernelText(bytes, key.start, key.end);
  };

  const namesMatching = (matches: (name: string) => boolean) => {
    const { bytes, keyOf } = names();
    const text = kernelText(bytes);
    // Of equal length, text and bytes have the same places: names are cut out of the one text.
    const cut = text.length === bytes.length ? text : undefined;
    const found = new Set<string>();
    for (const lineStart of starts()) {
      const key = keyOf(bytes, lineStart, names().lineEnd(lineStart));
      if (key === undefined) continue;
      const name = cut?.slice(key.start, key.end) ?? kernelText(bytes, key.start, key.end);
      if (matches(name) && isThere(lineStart)) found.add(name);
    }
    return Array.from(found);
  };

  const listed = function* (): Iterable<OwnedName> {
    for (const lineStart of starts()) {
      const name = nameAt(lineStart);
      if (name !== undefined) yield { name, module: moduleOf(names(), lineStart) };
    }
  };

  return {
    names: createNameList(listed, module => parts.isUnloaded(module)),
    get namesKnown() {
      return names().bytes.length > 0;
    },
    get sitesKnown() {
      return sites().length > 0;
    },
    count: name => names().lines(name).filter(isThere).length,
    has: name => names().lines(name).some(isThere),
    match(pattern) {
      const parsed = parseFilterPattern(pattern);
      if (parsed.kind === 'names') return namesMatching(parsed.matches);
      const lineStart = parsed.position === undefined ? undefined : starts()[parsed.position - 1];
      const name = lineStart === undefined ? undefined : nameAt(lineStart);
      return name === undefined ? [] : [name];
    },
    siteOffset(name) {
      for (const lineStart of sitesByName().lines(name)) {
        const site = siteAddress(sitesByName(), lineStart);
        const symbols = parts.symbols.find(name, moduleOf(sitesByName(), lineStart));
        const offset = siteOffsets.find(candidate =>
          symbols.some(({ address }) => address + BigInt(candidate) === site),
        );
        if (offset !== undefined) return offset;
      }
      return undefined;
    },
    siteOffsetAt: address =>
      siteOffsets.find(offset => sitesByAddress().first(hexadecimal(address + BigInt(offset))) >= 0),
  };
}

/** As the file writes addresses. */
function hexadecimal(address: bigint): string {
  return address.toString(16).padStart(16, '0');
}

function siteAddress({ bytes }: NameIndex, lineStart: number): bigint {
  const digits = kernelText(
    bytes,
    lineStart,
    findWithin(bytes, blank, lineStart, Math.min(lineStart + 20, bytes.length)),
  );
  if (!/^[0-9a-f]{1,16}$/i.test(digits)) {
    throw new KernelError(
      'bad-line',
      `available_filter_functions_addrs: ${JSON.stringify(digits)} is no address`,
    );
  }
  return BigInt(`0x${digits}`);
}

function firstWord(bytes: Uint8Array, lineStart: number, lineEnd: number) {
  if (lineStart >= lineEnd) return undefined;
  return { start: lineStart, end: findWithin(bytes, blank, lineStart, lineEnd) };
}

function secondWord(bytes: Uint8Array, lineStart: number, lineEnd: number) {
  return firstWord(bytes, findWithin(bytes, blank, lineStart, lineEnd) + 1, lineEnd);
}

/** A module's function has ` [MODULE]` at the end of its line. */
function moduleOf(index: NameIndex, lineStart: number): string | undefined {
  const end = index.lineEnd(lineStart);
  if (index.bytes[end - 1] !== closingBracket) return undefined;
  const line = kernelText(index.bytes, lineStart, end);
  return line.endsWith(']') ? line.slice(line.lastIndexOf('[') + 1, -1) : undefined;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
