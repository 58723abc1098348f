import type { Diagnostic } from '../diagnostic.js';
import type { ProbeArgument, ProbeEvent } from '../event.js';
import { fetchText } from './fetch-text.js';
import type { LoweredArgument, LoweringRefusal } from './lowered.js';
import { argumentRegister, entryArgument, meaningOf } from './meaning.js';
import type { LoweredSite } from './site.js';
import { writtenType } from './value-type.js';

/** Says one argument in the newest words that the kernel takes there, or why there are none. */
export function lowerArgument(
  event: ProbeEvent,
  argument: ProbeArgument,
  site: LoweredSite,
): LoweredArgument | LoweringRefusal {
  const { name, body: original, program } = argument;
  const meaning = meaningOf(event, argument, site.arch);
  const verdicts: Diagnostic[] = [];
  const forms = [original, ...plainForms(event, argument, site)];
  for (const lowered of new Set(forms)) {
    const verdict = site.judge(`${name}=${lowered}`, meaning);
    if (verdict === true) return { name, original, lowered };
    if (verdict !== undefined) verdicts.push(verdict);
  }
  if (program.some(({ op }) => op === 'EDATA') && !site.keepsArguments) return returnArgument(name, original);
  return refusal(name, original, forms.slice(1), verdicts);
}

/** Offsets for members, the likeliest first: with the type, then shorter ones. */
function plainForms(event: ProbeEvent, argument: ProbeArgument, site: LoweredSite): string[] {
  const type = writtenType(argument);
  const fetches = rootsOf(event, site)
    .map(root => fetchText(argument.program, (operand, op) => root(parameterOf(event, operand, op))))
    .filter(text => text !== undefined);
  const forms = fetches.map(fetch => `${fetch}:${type}`);
  // A type left out is x64.
  if (type === 'x64') forms.push(...fetches.filter(fetch => /^[+-]/.test(fetch)));
  return forms;
}

/** A parameter's number, from 0, of an operand; a tracepoint's stub has a hidden one in front. */
function parameterOf(event: ProbeEvent, operand: number, op: 'ARG' | 'EDATA'): number | undefined {
  return op === 'ARG' ? operand : entryArgument(event, operand);
}

type Root = (parameter: number | undefined) => string | undefined;

/** The ways to write a parameter: its number, its name where that is shorter, its register. */
function rootsOf(
  { prototype }: ProbeEvent,
  { hidden, arch, takesNames, takesRegisters }: LoweredSite,
): Root[] {
  const numbered: Root = parameter => (parameter === undefined ? undefined : `$arg${parameter + 1 - hidden}`);
  const roots = [numbered];
  if (takesNames && prototype !== undefined) {
    const parameters = prototype.btf.parameters(prototype.proto);
    roots.push(parameter => (parameter === undefined ? undefined : parameters[parameter]?.name || undefined));
  }
  if (takesRegisters) {
    roots.push(parameter => {
      const register = parameter === undefined ? undefined : argumentRegister(arch, parameter);
      return register && `%${register}`;
    });
  }
  return roots;
}

function returnArgument(argument: string, original: string): LoweringRefusal {
  return {
    code: 'return-arguments',
    message: `${argument}=${original} is an argument at the function's return: this kernel keeps none from its entry (6.9 and newer do)`,
    argument,
    diagnostic: undefined,
  };
}

function refusal(
  argument: string,
  original: string,
  plain: readonly string[],
  verdicts: readonly Diagnostic[],
): LoweringRefusal {
  const shortest = plain.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY);
  const other = verdicts.findLast(({ code }) => code !== 'ARG_TOO_LONG');
  if (plain.length === 0) {
    const message = `${argument}=${original} has no plainer form`;
    return { code: 'no-form', message, argument, diagnostic: verdicts[0] };
  }
  if (other === undefined && verdicts.length > 0) {
    const message = `${argument}=${original} takes ${shortest} characters in its shortest form, more than the kernel's limit`;
    return { code: 'too-long', message, argument, diagnostic: verdicts[0] };
  }
  const reason = other === undefined ? 'the kernel would read something else' : other.message;
  return {
    code: 'refused',
    message: `${argument}=${original} as ${plain[0]}: ${reason}`,
    argument,
    diagnostic: other,
  };
}
