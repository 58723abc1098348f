import { isCode, isFilterPattern, type Kernel } from '../../kernel/index.js';
import type { Span } from '../diagnostic.js';
import { parseUnsigned } from '../numbers.js';
import { symbolAddress } from '../place.js';
import { type Advice, listed } from './advice.js';
import { innermost, type Mistake } from './mistake.js';
import { nearestNames } from './nearest.js';

// Hints about where a kernel probe goes: BAD_PROBE_ADDR, FAIL_REG_PROBE, NON_UNIQ_SYMBOL, NO_BTF_ENTRY.

/** The written place, cut into its parts. */
interface WrittenPlace {
  readonly text: string;
  readonly span: Span;
  readonly module: string | undefined;
  /** Without module, offset and `%return`. */
  readonly name: string;
  readonly nameSpan: Span;
  /** `+OFF` or `-OFF` as written, '' without. */
  readonly offset: string;
}

/** The second word of the line as `[MODULE:]NAME[+OFF][%return]`. */
function writtenPlace({ syntax }: Mistake): WrittenPlace | undefined {
  const { place } = syntax;
  if (place === undefined) return undefined;
  const { text, span } = place;
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const end = rest.search(syntax.kind === 'f' || syntax.kind === 't' ? /%/ : /[+\-%]/);
  const name = end < 0 ? rest : rest.slice(0, end);
  const start = span.start + colon + 1;
  const percent = text.indexOf('%');
  return {
    text,
    span,
    module: colon < 0 ? undefined : text.slice(0, colon),
    name,
    nameSpan: { start, end: start + name.length },
    offset: end < 0 ? '' : rest.slice(end, percent < 0 ? undefined : percent - colon - 1),
  };
}

/** The place of a kernel probe is not there, or nothing can be put there. */
export function adviseOnPlace(mistake: Mistake): void {
  const { kernel, advice, syntax } = mistake;
  if (adviseOnSymbols(mistake)) return;
  const place = writtenPlace(mistake);
  if (place === undefined) return;
  const { name, nameSpan } = place;
  if (syntax.kind === 't') {
    advice.say(`the tracepoint ${place.text} has no function that ftrace could hook in this kernel`);
    return;
  }
  const address = syntax.kind === 'f' ? 'EINVAL' : parseUnsigned(place.text);
  if (typeof address === 'bigint') return adviseOnAddress(mistake, address);
  if (place.offset !== '' && !/^[+-]?(0x[0-9a-fA-F]+|\d+)$/.test(place.offset)) {
    advice.say(`${place.offset} is no number of bytes: write NAME+16 or NAME+0x10`);
    return;
  }
  if (place.module !== undefined && adviseOnModule(mistake, place)) return;
  if (syntax.kind === 'f' && isFilterPattern(name)) {
    advice.say(`no function that can be traced matches the pattern ${name}`);
    return;
  }
  if (adviseOnVariants(kernel, name, nameSpan, advice)) return;
  const symbols = kernel.symbols.find(name);
  const [symbol] = symbols;
  if (symbol !== undefined && !isCode(symbol)) {
    advice.say(`${name} is data, not a function: as an argument @${name} reads it`);
  } else if (symbol !== undefined) {
    explainUntraceable(mistake, name, symbol.address, place.offset);
  } else {
    adviseOnUnknown(mistake, name, nameSpan);
  }
}

/** `@SYM` arguments are resolved when the probe is put in place, and the kernel blames the place. */
function adviseOnSymbols({ syntax, kernel, advice }: Mistake): boolean {
  let found = false;
  for (const argument of syntax.args) {
    const fetch = innermost(argument.fetch);
    if (fetch.node !== 'memory' || /^[0-9+]/.test(fetch.place.text)) continue;
    const { text, span } = fetch.place;
    const end = text.search(/[+-]/);
    const name = end < 0 ? text : text.slice(0, end);
    if ((symbolAddress(name, kernel) ?? 0n) !== 0n) continue;
    found = true;
    const near = nearestNames(name, kernel.symbols.names(), { most: 6 });
    const likely = [...near].sort(
      (a, b) => a.distance - b.distance || rankOfSymbol(a.name) - rankOfSymbol(b.name),
    );
    advice.say(
      `the kernel blames the place, but it is the symbol ${name || '(empty)'} of @${text} that does not exist`,
    );
    advice.near(likely.slice(0, 3), { start: span.start, end: span.start + name.length });
  }
  return found;
}

/** Names that compilers and macros make come after those that people wrote. */
function rankOfSymbol(name: string): number {
  return /^(__|\.)|\.\d*$/.test(name) ? 1 : 0;
}

function adviseOnAddress({ kernel, advice }: Mistake, address: bigint): void {
  const covering = kernel.symbols.resolve(address);
  if (covering === undefined) {
    advice.say(
      'no function covers this address; addresses differ between boots unless nokaslr is set: use NAME+OFFSET',
    );
  } else {
    advice.say(`the address lies in ${covering.name}+${covering.offset}, where the kernel puts no probe`);
  }
}

/** True when the module is what is wrong. */
function adviseOnModule(
  { kernel, advice, syntax }: Mistake,
  { module, name, nameSpan, span }: WrittenPlace,
): boolean {
  if (syntax.kind === 'f') {
    const qualified: Span = { start: span.start, end: nameSpan.end };
    if (kernel.functions.has(name))
      advice.offer(`f takes the function's name alone: ${name}`, name, qualified);
    else {
      advice.say('f takes no MODULE: before the name of a function');
      advice.near(nearestNames(name, kernel.functions.names()), qualified);
    }
    return true;
  }
  const everywhere = kernel.symbols.find(name);
  if (everywhere.length === 0) return false;
  const owners = [...new Set(everywhere.map(symbol => symbol.module ?? 'the kernel itself'))];
  advice.say(
    `the module ${module} has no symbol ${name}; ${listed(owners, 'and')} ${owners.length > 1 ? 'have' : 'has'}`,
  );
  return true;
}

/** The compiler changed the function and gave what it made another name. */
function adviseOnVariants(kernel: Kernel, name: string, span: Span, advice: Advice): boolean {
  if (name === '' || kernel.symbols.find(name).length > 0) return false;
  const variants = kernel.functions.names().filter(candidate => candidate.startsWith(`${name}.`));
  if (variants.length === 0) return false;
  const shown = variants.slice(0, 3);
  advice.say(`the compiler changed ${name}; what is left of it is called ${listed(shown, 'and')}`);
  for (const variant of shown) advice.replace(variant, span);
  advice.say(
    'such a function has no argument names, and its arguments may be others: use $argN or registers with care',
  );
  return true;
}

function explainUntraceable(
  { kernel, advice, syntax }: Mistake,
  name: string,
  address: bigint,
  offset: string,
): void {
  if (kernel.isBlacklisted(address)) {
    advice.say(`${name} is on the kernel's blacklist of functions that must not be probed (NOKPROBE_SYMBOL)`);
  } else if (!kernel.functions.has(name)) {
    advice.say(
      `${name} exists but cannot be traced: it is marked notrace or noinstr, or written in assembler`,
    );
  } else if (offset !== '') {
    advice.say(
      `${name}${offset} is no place for a probe: it must be the start of an instruction within ${name}`,
    );
    return;
  } else if (syntax.kind !== 'f') {
    advice.say(`the kernel puts no kprobe at the start of ${name}`);
    return;
  }
  advice.say('probe a function that calls it, or one that it calls');
}

function adviseOnUnknown({ kernel, advice }: Mistake, name: string, span: Span): void {
  const all = kernel.functions.names();
  const near = nearestNames(name, all, { rank: rankOfFunction });
  advice.near(near, span);
  if (near.length === 0 && name.length > 2) {
    const longer = all.filter(candidate => candidate.startsWith(name)).slice(0, 3);
    if (longer.length > 0)
      advice.near(
        longer.map(candidate => ({ name: candidate, distance: 0 })),
        span,
      );
  }
  using types = kernel.findFunction(name);
  if (types !== undefined) {
    advice.say(
      `the kernel's types know ${name}, but it is no longer there: it runs only at boot (__init) or was inlined`,
    );
  } else if (kernel.hasTracepoint(name)) {
    advice.say(`${name} is a tracepoint: t ${name}`);
  } else if (near.length === 0) {
    advice.say(
      `${kernel.release} has no function ${name}: it may be inlined, a macro, or in a module that is not loaded`,
    );
  }
}

/** Names that the compiler made come after those that people wrote. */
function rankOfFunction(name: string): number {
  return name.includes('.') ? 1 : 0;
}

/** Several functions have that name. */
export function adviseOnSeveral(mistake: Mistake): void {
  const { kernel, advice, syntax } = mistake;
  const place = writtenPlace(mistake);
  const letter = syntax.command.words[0];
  if (place === undefined || letter === undefined) return;
  const symbols = kernel.symbols.find(place.name, place.module);
  advice.say(`${symbols.length} functions are called ${place.name}`);
  const modules = [...new Set(symbols.map(({ module }) => module).filter(module => module !== undefined))];
  for (const module of modules) {
    if (symbols.filter(symbol => symbol.module === module).length > 1) continue;
    advice.offer(`${module}:${place.name} is one of them`, `${module}:${place.name}`, {
      start: place.span.start,
      end: place.nameSpan.end,
    });
  }
  if (kernel.dialect.fprobe && place.offset === '') {
    const percent = place.text.indexOf('%');
    const suffix = percent >= 0 ? place.text.slice(percent) : syntax.kind === 'r' ? '%return' : '';
    const start = letter.span.start;
    const name = syntax.name === undefined ? '' : `:${syntax.name.text}`;
    advice.offer(`f ${place.name}${suffix} probes them all`, `f${name} ${place.name}${suffix}`, {
      start,
      end: place.span.end,
    });
  }
  const addresses = symbols.slice(0, 4).map(({ address }) => `0x${address.toString(16)}`);
  if (symbols.every(({ address }) => address !== 0n))
    advice.say(`one of them can be named by its address, until the next boot: ${listed(addresses)}`);
}

/** Names need the types of the function, and there are none. */
export function adviseOnNoTypes(mistake: Mistake): void {
  const { kernel, advice, syntax } = mistake;
  const place = writtenPlace(mistake);
  if (place === undefined) return;
  const { name, nameSpan } = place;
  if (syntax.kind === 't' && !kernel.hasTracepoint(name)) {
    advice.near(nearestNames(name, kernel.tracepoints()), nameSpan);
    advice.say(`no tracepoint is called ${name}, so nothing is known of its arguments`);
    return;
  }
  if (place.module !== undefined) {
    using types = kernel.findFunction(name);
    if (types === undefined) {
      advice.say('names of arguments are not found behind MODULE:');
      return;
    }
    advice.offer(`the kernel finds no names of arguments behind MODULE: write ${name} alone`, name, {
      start: place.span.start,
      end: nameSpan.end,
    });
    return;
  }
  if (syntax.kind === 'f' && isFilterPattern(name)) {
    advice.say(`${name} is a pattern: names of arguments are known of a single function only; use $argN`);
    return;
  }
  using types = kernel.findFunction(name);
  if (types !== undefined) {
    advice.say(`${name} has no parameters`);
    return;
  }
  if (name.includes('.')) {
    advice.say(`the compiler changed this function: its types are left out; $argN and registers still work`);
    return;
  }
  if (kernel.symbols.find(name).length > 0) {
    advice.say(`the kernel's types do not know ${name}; $argN and registers still work`);
    return;
  }
  if (adviseOnVariants(kernel, name, nameSpan, advice)) return;
  adviseOnUnknown(mistake, name, nameSpan);
}
