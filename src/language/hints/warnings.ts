import { BtfKind } from '../../btf/index.js';
import type { Kernel } from '../../kernel/index.js';
import type { Span, Warning } from '../diagnostic.js';
import type { ProbeArgument, ProbeEvent, ProbePlace } from '../event.js';
import { isText } from '../fetch-types.js';
import { type ArgumentSyntax, type ProbeSyntax, parseDefinition } from '../syntax.js';
import { Advice } from './advice.js';
import { nearestNames } from './nearest.js';
import { textKind } from './plain-form.js';

/** An argument of an event with what was written for it. */
interface Written {
  readonly argument: ProbeArgument;
  readonly syntax: ArgumentSyntax | undefined;
  readonly span: Span;
}

/**
 * What will go wrong with a definition that the kernel accepts: defects of the kernel that bite, names that nothing
 * stands behind (docs/kernel-behaviour.md). Not part of judging; deterministic.
 */
export function warningsFor(kernel: Kernel, definition: string, event: ProbeEvent): readonly Warning[] {
  const syntax = parseDefinition(definition);
  const args = event.args.map(argument => writtenFor(argument, syntax));
  return [
    ...placeWarnings(kernel, syntax, event),
    ...args.flatMap(argument => argumentWarnings(argument)),
    ...recordWarnings(args),
  ];
}

/** The word that made an argument: itself, or the `$arg*` that stood for it. */
function writtenFor(argument: ProbeArgument, { args, command }: ProbeSyntax): Written {
  const own =
    args.find(
      ({ name, body }) => body.text === argument.body && (name === undefined || name.text === argument.name),
    ) ?? args.find(({ name }) => name?.text === argument.name);
  const whole = { start: command.words[0]?.span.start ?? 0, end: command.words.at(-1)?.span.end ?? 0 };
  const generated = args.find(({ text }) => text.startsWith('$arg'));
  return { argument, syntax: own, span: own?.span ?? generated?.span ?? whole };
}

function warn(
  code: string,
  message: string,
  span: Span,
  advise: (advice: Advice) => void = () => {},
): Warning {
  const advice = new Advice();
  advise(advice);
  return { code, message, span, hints: advice.hints, suggestions: advice.suggestions };
}

function placeWarnings(kernel: Kernel, syntax: ProbeSyntax, { place }: ProbeEvent): readonly Warning[] {
  const span = syntax.place?.span ?? { start: 0, end: 0 };
  switch (place.kind) {
    case 'tracepoint': {
      if (place.stub !== undefined) return [];
      const message = `no tracepoint of the name ${place.tracepoint} is known; the kernel accepts it and waits for a module that brings it`;
      return [
        warn('UNKNOWN_TRACEPOINT', message, span, advice =>
          advice.near(nearestNames(place.tracepoint, kernel.tracepoints()), span),
        ),
      ];
    }
    case 'kprobe': {
      if (!place.pending) return outsideWarnings(kernel, place, span);
      const message = `the module ${place.module} is not loaded; the kernel accepts the probe, whatever the symbol, and waits for it`;
      const { start } = span;
      const end = start + (place.module?.length ?? 0);
      return [
        warn('MODULE_PENDING', message, span, advice => {
          const known = new Set([...kernel.symbols.modules(), ...kernel.moduleNames()]);
          advice.near(nearestNames(place.module ?? '', known), { start, end });
        }),
      ];
    }
    case 'function':
      return functionWarnings(kernel, place.symbol, span);
    default:
      return [];
  }
}

/** The kernel adds the offset to the address, and does not ask where the function ends. */
function outsideWarnings(
  { symbols }: Kernel,
  { symbol, module, offset }: ProbePlace & { kind: 'kprobe' },
  span: Span,
): readonly Warning[] {
  const start = symbols.first(symbol, module)?.address ?? 0n;
  const covering = start === 0n || offset === 0 ? undefined : symbols.resolve(start + BigInt(offset));
  if (covering === undefined || covering.offset === offset) return [];
  const { size } = symbols.resolve(start) ?? covering;
  const message = `${symbol} is ${size} bytes long: ${symbol}+${offset} is ${covering.name}+${covering.offset}`;
  return [warn('OUTSIDE_FUNCTION', message, span)];
}

function functionWarnings({ functions }: Kernel, symbol: string, span: Span): readonly Warning[] {
  if (functions.has(symbol)) {
    const several = functions.count(symbol);
    if (several < 2) return [];
    return [
      warn('SEVERAL_FUNCTIONS', `${several} functions are called ${symbol}; all of them are probed`, span),
    ];
  }
  // Without ftrace's list nothing is known of a pattern.
  if (!functions.namesKnown) return [];
  const matching = functions.match(symbol);
  const shown = matching.slice(0, 3).join(', ');
  const more = matching.length > 3 ? ` and ${matching.length - 3} more` : '';
  const what = /^!?\d/.test(symbol) ? `a position in the list of traceable functions` : 'a pattern';
  const message = `${symbol} is ${what}: the probe goes into ${shown}${more}; names of arguments are not known`;
  return [
    warn('PATTERN', message, span, advice => {
      if (matching.length === 1) advice.replace(matching[0]!, span);
    }),
  ];
}

function argumentWarnings(written: Written): readonly Warning[] {
  const { argument, span, syntax } = written;
  return [
    ...textWarnings(written),
    ...bitfieldWarnings(written),
    ...(argument.type.kind === 'symstr'
      ? [
          warn(
            'SYMSTR_WRITES_BEHIND',
            'symstr clears a byte 511 bytes behind its text: several in one event can crash the kernel',
            span,
            advice => {
              const type = syntax?.type?.span;
              if (type !== undefined)
                advice.offer(':symbol prints the same without writing text', 'symbol', type);
            },
          ),
        ]
      : []),
    ...droppedText(syntax),
  ];
}

function textWarnings({ argument, span, syntax }: Written): readonly Warning[] {
  const { btf, type, count, body } = argument;
  if (btf === undefined || (type.kind !== 'string' && type.kind !== 'ustring')) return [];
  const shape = textKind(btf.btf, btf.type);
  const declared = btf.btf.typeName(btf.type);
  if (shape === undefined) {
    const message = `${body} is ${declared}, no text: the kernel takes the type's size for a type number, and reads text at the value as an address`;
    return [
      warn('TEXT_OF_NUMBER', message, span, advice => {
        const written = syntax?.type;
        if (written !== undefined)
          advice.offer('leave the type out', '', { start: written.span.start - 1, end: span.end });
      }),
    ];
  }
  if (shape !== 'pointer' || count === 0) return [];
  const message = `${body}: of ${declared} an array of text reads one pointer too many, always a fault`;
  return [warn('TEXT_ARRAY_FAULTS', message, span, advice => advice.say('leave the [N] out'))];
}

function bitfieldWarnings({ argument, span }: Written): readonly Warning[] {
  const { btf, type, program, body } = argument;
  const last = btf?.steps.at(-1);
  if (btf === undefined || last === undefined || body.includes(':')) return [];
  const warnings: Warning[] = [];
  const id = btf.btf.skipModifiers(btf.type);
  const { bitfieldWidth: width } = last;
  const shifted = program.some(({ op }) => op === 'MOD_BF');
  if (width > 0 && !shifted && width !== type.size * 8) {
    const message = `${body} has ${width} bits, but is read with its neighbours as ${type.size * 8} bits: the kernel cuts nothing out where a field begins and ends at a byte`;
    warnings.push(
      warn('BITFIELD_WITH_NEIGHBOURS', message, span, advice =>
        advice.say(`read it by its offset with the type b${width}@0/${type.size * 8}`),
      ),
    );
  }
  if (shifted && btf.btf.kind(id) === BtfKind.Int && btf.btf.int(id).signed)
    warnings.push(
      warn('BITFIELD_UNSIGNED', `${body} is a signed bit field, but its sign is not extended`, span),
    );
  const size = btf.btf.sizeOf(id);
  if (width === 0 && btf.btf.kind(id) === BtfKind.Enum && size !== undefined && size < type.size) {
    const message = `${body} is an enum of ${size} ${size === 1 ? 'byte' : 'bytes'}, but ${type.size} are read: what lies behind it is read along`;
    warnings.push(
      warn('ENUM_WITH_NEIGHBOURS', message, span, advice =>
        advice.offer(`with :u${size * 8} it is read alone`, `:u${size * 8}`, {
          start: span.end,
          end: span.end,
        }),
      ),
    );
  }
  return warnings;
}

function droppedText(syntax: ArgumentSyntax | undefined): readonly Warning[] {
  const fetch = syntax?.fetch;
  if (fetch?.node !== 'dereference' || fetch.trailing === undefined) return [];
  const { text, span } = fetch.trailing;
  return [
    warn('TEXT_DROPPED', `the kernel drops ${text} behind the last ) without a word`, span, advice =>
      advice.replace('', span),
    ),
  ];
}

/** Bytes that a bit field is written back with, whatever its size. */
const bitfieldStore = 8;

function recordWarnings(args: readonly Written[]): readonly Warning[] {
  const warnings: Warning[] = [];
  const end = Math.max(0, ...args.map(({ argument }) => argument.offset + argument.size));
  args.forEach(({ argument, span, syntax }, position) => {
    const reaches = argument.offset + bitfieldStore > end;
    const shifted = argument.program.some(op => op.op === 'MOD_BF' && op.base > argument.type.size);
    const text = args.slice(0, position).find(({ argument: other }) => isText(other.type));
    if (reaches && shifted && text !== undefined) {
      const message = `${argument.name} is a bit field and is written back as 8 bytes: it clears the beginning of the text ${text.argument.name}, which prints as ""`;
      warnings.push(
        warn('BITFIELD_CLEARS_TEXT', message, span, advice => {
          advice.say('put it before the text, or a plain 8-byte value behind it');
          if (syntax !== undefined && text.syntax !== undefined) {
            advice.replace(`${syntax.text} ${text.syntax.text}`, text.span);
          }
        }),
      );
    }
    const next = args.slice(position + 1).find(({ argument: other }) => isText(other.type));
    if (argument.type.kind === 'symstr' && next !== undefined) {
      const message = `the length of the symstr ${argument.name} leaves its end out: in the kernel's own text it runs together with ${next.argument.name}`;
      warnings.push(
        warn('SYMSTR_RUNS_ON', message, span, advice => advice.say('put it behind all other text')),
      );
    }
  });
  return warnings;
}
