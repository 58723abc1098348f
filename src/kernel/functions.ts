import { KernelError } from './error.js';
import { parseFilterPattern } from './glob.js';
import { findWithin, type LineShape, lineStarts, NameIndex } from './name-index.js';
import { kernelText } from './text.js';
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

const blank = 0x20;

/** Where a patch site can lie behind its symbol: at once, behind an ENDBR or BTI, behind BTI and a literal (arm64). */
const siteOffsets = [0, 4, 8] as const;

const byName: LineShape = {
  before: '\n',
  after: ['\n', ' '],
  key: (text, lineStart, lineEnd) => span(text, lineStart, lineEnd),
};

const bySiteName: LineShape = {
  before: ' ',
  after: ['\n', ' '],
  key: (text, lineStart, lineEnd) => {
    return span(text, findWithin(text, blank, lineStart, lineEnd) + 1, lineEnd);
  },
};

const bySiteAddress: LineShape = {
  before: '\n',
  after: [' '],
  key: (text, lineStart, lineEnd) => span(text, lineStart, lineEnd),
};

/** What ftrace can hook, from the texts of tracefs. Broken lines throw a `KernelError` with code `bad-line`. */
export function createTraceableFunctions(parts: FunctionParts): TraceableFunctions {
  const names = once(
    () => new NameIndex(kernelText(parts.names() ?? withoutAddresses(parts.sites())), byName),
  );
  const siteText = once(() => kernelText(parts.sites()));
  const sitesByName = once(() => new NameIndex(siteText(), bySiteName));
  const sitesByAddress = once(() => new NameIndex(siteText(), bySiteAddress));
  const starts = once(() => lineStarts(names().text));

  const isThere = (text: string, lineStart: number) => {
    const module = moduleOf(text, lineStart);
    return module === undefined || !parts.isUnloaded(module);
  };

  const nameAt = (lineStart: number) => {
    const index = names();
    const key = span(index.text, lineStart, index.lineEnd(lineStart));
    return key === undefined ? undefined : index.text.slice(key.start, key.end);
  };

  const namesMatching = (matches: (name: string) => boolean) => {
    const found = new Set<string>();
    for (const lineStart of starts()) {
      const name = nameAt(lineStart);
      if (name !== undefined && !found.has(name) && matches(name) && isThere(names().text, lineStart))
        found.add(name);
    }
    return Array.from(found);
  };

  const offsetAt = (address: bigint) =>
    siteOffsets.find(
      offset => sitesByAddress().first((address + BigInt(offset)).toString(16).padStart(16, '0')) >= 0,
    );

  return {
    has: name =>
      names()
        .lines(name)
        .some(lineStart => isThere(names().text, lineStart)),
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
        const symbols = parts.symbols.find(name, moduleOf(sitesByName().text, lineStart));
        const offset = siteOffsets.find(candidate =>
          symbols.some(({ address }) => address + BigInt(candidate) === site),
        );
        if (offset !== undefined) return offset;
      }
      return undefined;
    },
    siteOffsetAt: offsetAt,
  };
}

function siteAddress(index: NameIndex, lineStart: number): bigint {
  const text = index.text.slice(lineStart, index.text.indexOf(' ', lineStart));
  if (!/^[0-9a-f]{1,16}$/i.test(text)) {
    throw new KernelError(
      'bad-line',
      `available_filter_functions_addrs: ${JSON.stringify(text.slice(0, 40))} is no address`,
    );
  }
  return BigInt(`0x${text}`);
}

function withoutAddresses(sites: Uint8Array | undefined): Uint8Array | undefined {
  if (sites === undefined) return undefined;
  return new TextEncoder().encode(kernelText(sites).replace(/^\S+ /gm, ''));
}

/** The word that begins at `start`. */
function span(text: string, start: number, lineEnd: number) {
  if (start >= lineEnd) return undefined;
  return { start, end: findWithin(text, blank, start, lineEnd) };
}

function moduleOf(text: string, lineStart: number): string | undefined {
  const lineEnd = text.indexOf('\n', lineStart);
  if (text[lineEnd - 1] !== ']') return undefined;
  return text.slice(text.lastIndexOf('[', lineEnd) + 1, lineEnd - 1);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
