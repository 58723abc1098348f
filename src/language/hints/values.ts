import { registerNames } from '../registers.js';
import { missingFeature } from './features.js';
import { innermost, type Mistake } from './mistake.js';
import { nearestNames } from './nearest.js';
import { declarationOf } from './site.js';

// Hints about what is fetched: $variables, registers, memory, constants, dereferences.

const anyDistance = { limit: Number.POSITIVE_INFINITY };

/** A `$variable` that does not exist, or a register where there is none. */
export function adviseOnVariable(mistake: Mistake): void {
  const { argument, site, advice, kernel } = mistake;
  if (argument === undefined) return;
  const fetch = innermost(argument.fetch);
  if (fetch.node === 'register') return adviseOnRegisterHere(mistake);
  const { family } = site.context;
  if (family === 'eprobe') {
    const fields = site.context.eventFields.map(({ name }) => name);
    advice.near(
      nearestNames(fetch.text.slice(1), [...fields, 'comm'], anyDistance),
      fetch.span,
      name => `$${name}`,
    );
    if (fields.length > 0) advice.say(`fields of the event: ${fields.map(name => `$${name}`).join(', ')}`);
    return;
  }
  if (fetch.text.startsWith('$arg*')) {
    advice.say('$arg* must be a word of its own, without a name, a type or anything around it');
    return;
  }
  const missing = /^\$arg\d/.test(fetch.text)
    ? missingFeature(kernel, site.context.site === 'return' ? 'returnArgs' : 'functionArgs')
    : undefined;
  if (missing !== undefined) {
    advice.say(missing);
    return;
  }
  const names = site.prototype?.parameters.map(({ name }) => name) ?? [];
  const name = fetch.text.slice(1).split(/[.-]/)[0]!;
  if (names.includes(name)) {
    advice.offer(`${name} is a parameter: written without $`, name, {
      start: fetch.span.start,
      end: fetch.span.start + name.length + 1,
    });
    return;
  }
  const known = ['$comm', '$stack', '$stack1', ...(family === 'uprobe' ? [] : ['$arg1']), '$retval'];
  advice.near(nearestNames(fetch.text, known, { limit: Math.max(2, fetch.text.length / 2) }), fetch.span);
  advice.say(
    `there are $comm, $stack, $stackN${family === 'uprobe' ? '' : ', $argN, $arg*'} and, at return, $retval`,
  );
}

function adviseOnRegisterHere({ site, syntax, advice }: Mistake): void {
  const names = site.prototype?.parameters.map(({ name }) => name).filter(name => name !== '') ?? [];
  if (site.context.family === 'eprobe') {
    advice.say('an eprobe has no registers, only the fields of its event: $FIELD');
    return;
  }
  advice.say(
    names.length > 0
      ? `${syntax.kind} events have no registers; the parameters are ${names.join(', ')}`
      : `${syntax.kind} events have no registers: use $argN`,
  );
  const [first] = syntax.command.words;
  if (syntax.kind === 'f' && first !== undefined)
    advice.offer('p has registers', 'p', { start: first.span.start, end: first.span.start + 1 });
}

/** A register that this architecture has not. */
export function adviseOnRegister({ argument, kernel, advice }: Mistake): void {
  const fetch = argument && innermost(argument.fetch);
  if (fetch?.node !== 'register') return;
  const names = registerNames(kernel.arch);
  const { text, span } = fetch.register;
  const bare = text
    .toLowerCase()
    .replace(/^[re](?=..$)/, '')
    .replace(/^%/, '');
  if (names.includes(bare)) advice.offer(`did you mean %${bare}?`, bare, span);
  else advice.near(nearestNames(text, names, anyDistance), span);
  advice.say(`registers of ${kernel.arch}: ${names.join(' ')}`);
}

/** Nothing that the kernel knows how to fetch. */
export function adviseOnFetch(mistake: Mistake): void {
  const { argument, advice, kernel, site } = mistake;
  if (argument === undefined) return;
  const fetch = innermost(argument.fetch);
  if (fetch.node === 'register') return;
  if (fetch.node === 'name') {
    const missing = missingFeature(kernel, 'btfArgs');
    if (missing === undefined) return;
    advice.say(missing);
    using types = site.functionName === undefined ? undefined : kernel.findFunction(site.functionName);
    const parameters = types?.btf.parameters(types.proto) ?? [];
    const index = parameters.findIndex(({ name }) => name === fetch.chain.root.text);
    if (types !== undefined && index >= 0) {
      const declared = types.btf.declaration(parameters[index]!.type, fetch.chain.root.text);
      advice.say(`${declared} is argument ${index + 1}: $arg${index + 1}`);
    }
    return;
  }
  if (/^\d|^-?0x/.test(fetch.text)) {
    advice.offer(
      `a constant is written \\${fetch.text}, memory at an address @${fetch.text}`,
      `\\${fetch.text}`,
      fetch.span,
    );
  } else if (fetch.text.startsWith('&') || fetch.text.startsWith('*')) {
    const name = fetch.text.slice(1);
    advice.say('addresses and dereferences are not written as in C: +OFFSET(...) reads memory');
    if (fetch.text.startsWith('*')) advice.replace(`+0(${name})`, fetch.span);
  } else if (fetch.text.startsWith('"')) {
    advice.offer('text is written \\"text"', `\\${fetch.text}`, fetch.span);
  } else if (fetch.text.startsWith('(')) {
    advice.say('there are no casts and no arithmetic: +OFFSET(...) reads memory');
  } else if (fetch.text === '') {
    advice.say('there is nothing to fetch: write a parameter, $argN, %REGISTER, @SYMBOL or a constant \\1');
  } else {
    advice.say('a fetch begins with a name, $, %, @, +, - or \\');
  }
}

/** Numbers in the wrong form. */
export function adviseOnNumber({ diagnostic, advice, argument, kernel }: Mistake): void {
  switch (diagnostic.code) {
    case 'BAD_STACK_NUM':
      advice.say('$stack0 to $stack2048 exist');
      return;
    case 'BAD_MEM_ADDR':
      advice.say('behind @ stands a number (0x...) or the name of a symbol');
      return;
    case 'BAD_IMM':
      advice.say('behind \\ stands a number, decimal or 0x..., up to 64 bits; text is written \\"text"');
      return;
    case 'BAD_FILE_OFFS':
      advice.say('behind @+ stands an offset in the file, decimal or 0x...');
      return;
    case 'BAD_DEREF_OFFS': {
      const fetch = argument?.fetch;
      const missing =
        fetch?.node === 'dereference' && fetch.user ? missingFeature(kernel, 'userDeref') : undefined;
      advice.say(missing ?? 'between the sign and ( stands a number of bytes: +8(...), -0x10(...), +u8(...)');
    }
  }
}

/** `$arg0`, `$arg9999`. */
export function adviseOnArgumentNumber({ site, advice }: Mistake): void {
  advice.say('arguments are counted from 1');
  if (site.prototype !== undefined && site.functionName !== undefined)
    advice.say(`the function is ${declarationOf(site.prototype, site.functionName)}`);
}

/** Braces and quotes that are not there. */
export function adviseOnForm({ diagnostic, argument, advice, syntax }: Mistake): void {
  switch (diagnostic.code) {
    case 'DEREF_NEED_BRACE':
      advice.say('a dereference is written +OFFSET(WHAT): +8(%di)');
      return;
    case 'DEREF_OPEN_BRACE': {
      if (argument === undefined) return;
      const open = argument.fetch.text.split('(').length - argument.fetch.text.split(')').length;
      const at = argument.fetch.span.end;
      if (open > 0)
        advice.offer(`${open === 1 ? 'a ) is' : `${open} ) are`} missing`, ')'.repeat(open), {
          start: at,
          end: at,
        });
      else advice.say('the ) stands before its (');
      return;
    }
    case 'COMM_CANT_DEREF':
      advice.say('$comm and \\"text" are text already: write them without +OFFSET()');
      return;
    case 'IMMSTR_NO_CLOSE': {
      const last = argument !== undefined && syntax.args.at(-1) !== argument;
      advice.say(
        last
          ? 'text may hold no blanks, # or :, they end it; write it without'
          : 'the closing " is missing; text may hold no blanks, # or :',
      );
      return;
    }
    case 'FILE_ON_KPROBE':
      advice.say('@+OFFSET is for files of programs; in the kernel write @SYMBOL or @0xADDRESS');
      return;
    case 'SYM_ON_UPROBE':
      advice.say('@SYMBOL is for the kernel; in programs write @+FILEOFFSET or @0xADDRESS');
      return;
    case 'TOO_MANY_OPS':
      advice.say('an argument is a program of 16 steps: about 13 dereferences fit');
      return;
    case 'DOUBLE_ARGS':
      if (argument !== undefined) advice.offer('leave the second $arg* out', '', argument.span);
  }
}
