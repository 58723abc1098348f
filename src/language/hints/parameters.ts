import type { Prototype } from '../prototype.js';
import { adviseOnComma } from './advice.js';
import { aggregateOf, pointedType } from './chain.js';
import { missingFeature } from './features.js';
import { innermost, type Mistake } from './mistake.js';
import { nearestNames, surelyNear } from './nearest.js';
import { declarationOf } from './site.js';

// Hints about parameters by name and by number, and about return values.

/** No parameter of that name or number. */
export function adviseOnParameter(mistake: Mistake): void {
  const { site, kernel, argument, advice, diagnostic } = mistake;
  const { prototype } = site;
  if (argument === undefined || prototype === undefined) return;
  const names = prototype.parameters.map(({ name }) => name).filter(name => name !== '');
  const fetch = innermost(argument.fetch);
  if (fetch.node === 'name') {
    const { text, span } = fetch.chain.root;
    const comma = text.indexOf(',');
    if (names.includes(text.slice(0, Math.max(0, comma))))
      return adviseOnComma(advice, fetch.chain.root, comma);
    const near = nearestNames(text, names, { limit: Math.max(1.2, text.length) });
    const owners = (near[0]?.distance ?? 9) > surelyNear ? ownersOf(prototype, text) : [];
    for (const owner of owners)
      advice.offer(`${text} is a member of ${owner}: ${owner}->${text}`, `${owner}->${text}`, span);
    if (owners.length === 0) advice.near(near, span);
    if (text.toLowerCase() === 'retval' || text === 'ret')
      advice.offer('what the function returns is $retval', '$retval', span);
  } else if (fetch.text.startsWith('$arg')) {
    advice.say(`${site.functionName} has ${names.length} ${names.length === 1 ? 'parameter' : 'parameters'}`);
  } else if (fetch.text.startsWith('$retval')) {
    advice.near(nearestNames(fetch.text.split(/[.-]/)[0]!, ['$retval'], { limit: 99 }), {
      start: diagnostic.span.start,
      end: diagnostic.span.start + fetch.text.split(/[.-]/)[0]!.length,
    });
  }
  const shown = site.functionName?.replace(/^__probestub_/, '') ?? '';
  const what = site.context.family === 'tracepoint' ? 'the tracepoint gives' : 'the function is';
  advice.say(`${what} ${declarationOf(prototype, shown)}`);
  if (site.context.site === 'return' && !kernel.dialect.returnArgs) {
    const missing = missingFeature(kernel, 'returnArgs');
    if (missing !== undefined) advice.say(missing);
  }
}

/** Parameters that point to a struct with a member of that name. */
function ownersOf({ btf, parameters }: Prototype, member: string): readonly string[] {
  return parameters
    .filter(({ type }) => {
      const pointed = pointedType(btf, type);
      const struct = pointed === undefined ? undefined : aggregateOf(btf, pointed);
      return struct !== undefined && btf.findMember(struct, member) !== undefined;
    })
    .map(({ name }) => name);
}

/** Names where the kernel knows none. */
export function adviseOnNoNames(mistake: Mistake): void {
  const { site, syntax, advice, argument, kernel } = mistake;
  const { family } = site.context;
  const missing = missingFeature(kernel, 'btfArgs');
  if (missing !== undefined) advice.say(missing);
  if (family === 'uprobe') {
    advice.say('arguments of programs have no names here: use registers (%di), $stackN or @+OFFSET');
    return;
  }
  if (family === 'eprobe') {
    const fetch = argument && innermost(argument.fetch);
    const fields = site.context.eventFields.map(({ name }) => name);
    if (fetch?.node === 'name' && fields.includes(fetch.text)) {
      advice.offer(`fields of the event are written with $: $${fetch.text}`, `$${fetch.text}`, fetch.span);
    } else if (fetch !== undefined) {
      advice.near(nearestNames(fetch.text, fields), fetch.span, name => `$${name}`);
    }
    if (fields.length > 0)
      advice.say(`fields of ${syntax.place?.text}: ${fields.map(name => `$${name}`).join(', ')}`);
    return;
  }
  const place = syntax.place?.text ?? '';
  if (argument?.text.startsWith('$arg*')) {
    advice.say(
      site.prototype === undefined
        ? `the kernel's types do not know ${site.functionName ?? place}: $arg1, $arg2 ... work without them`
        : `${site.functionName} has no parameters`,
    );
  } else {
    advice.say(`names are known at the entry and the return of a function only, not at ${place}`);
  }
}

/** `$arg...` away from a function's entry. */
export function adviseOnElsewhere({ site, syntax, advice }: Mistake): void {
  if (site.context.family === 'uprobe') {
    advice.say(
      'in programs use registers: on x86-64 the arguments are in %di, %si, %dx, %cx, %r8, %r9 at entry',
    );
    return;
  }
  const { place } = syntax;
  const offset = place?.text.search(/\+/) ?? -1;
  if (place !== undefined && offset > 0) {
    const start = place.span.start + offset;
    advice.offer(
      `arguments are known at the function's entry: ${place.text.slice(0, offset)} without ${place.text.slice(offset)}`,
      '',
      { start, end: place.span.end },
    );
  }
  advice.say('elsewhere in a function use registers and $stackN');
}

/** `$retval` where nothing returns. */
export function adviseOnReturn({ syntax, site, advice, argument }: Mistake): void {
  const { place, kind } = syntax;
  const [first] = syntax.command.words;
  if (place === undefined || first === undefined) return;
  if (kind === 't') {
    advice.say('a tracepoint returns nothing; probe the return of a function: f NAME%return');
    return;
  }
  const text = argument && innermost(argument.fetch).text;
  if (text !== undefined && /^\$retval\w/.test(text)) {
    advice.offer('only $retval itself makes a return probe', '$retval', innermost(argument!.fetch).span);
    return;
  }
  if (kind === 'p') {
    const start = first.span.start;
    advice.offer('r probes the return of a function', 'r', { start, end: start + 1 });
  } else if (kind === 'f') {
    advice.offer('%return behind the function probes its return', '%return', {
      start: place.span.end,
      end: place.span.end,
    });
  } else if (site.context.family === 'eprobe') {
    advice.say('an event has fields, but no return value');
  }
}

/** `$retval` of a void function. */
export function adviseOnVoid({ site, advice }: Mistake): void {
  if (site.prototype !== undefined && site.functionName !== undefined)
    advice.say(`the function is ${declarationOf(site.prototype, site.functionName)}`);
}

/** The generated names of `$arg*` are too long together. */
export function adviseOnManyNames({ site, advice, argument }: Mistake): void {
  const names = site.prototype?.parameters.map(({ name }) => name) ?? [];
  advice.say(
    `the names that $arg* and $argN stand for may take 128 bytes together; write those you need: ${names.join(' ')}`,
  );
  if (argument?.text === '$arg*') advice.replace(names.slice(0, 3).join(' '), argument.span);
}

/** `$arg*` of a function with `...` ends in an empty word. */
export function adviseOnVariadic({ site, advice, argument }: Mistake): void {
  if (argument?.text !== '$arg*') {
    advice.say('behind = something to fetch is missing');
    return;
  }
  const names = site.prototype?.parameters.map(({ name }) => name).filter(name => name !== '') ?? [];
  advice.offer(
    `${site.functionName} takes ..., which has no name: write the others, ${names.join(' ')}`,
    names.join(' '),
    argument.span,
  );
}
