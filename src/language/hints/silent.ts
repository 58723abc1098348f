import type { TextNode } from '../syntax.js';
import { missingFeature } from './features.js';
import type { Mistake } from './mistake.js';
import { nearestNames } from './nearest.js';
import { olderForm } from './older-form.js';

// Hints about refusals that the kernel gives no reason for.

const kinds = 'f (functions), t (tracepoints), p and r (kernel and user code), e (events)';

/** Finds the reason in the line itself. */
export function adviseOnSilence(mistake: Mistake): void {
  const { syntax, advice, diagnostic, kernel } = mistake;
  const { words } = syntax.command;
  const [first, place] = words;
  const { errno } = diagnostic;
  if (first === undefined) return;
  if (first.text.startsWith('-') || first.text.startsWith('!')) return adviseOnDeletion(mistake);
  if (errno === 'EEXIST' && syntax.kind === 't') {
    advice.say(
      'this kernel takes one t event per tracepoint: put more arguments into the one that exists, or attach an eprobe to it',
    );
    return;
  }
  if (errno === 'E2BIG') return advice.say('an event has 128 arguments at most');
  if (errno === 'ENOMEM')
    return advice.say('what %pd and %pD stand for may take 256 bytes in one line: use fewer of them');
  if (diagnostic.command.length > 4000) return advice.say('a line may be 4095 bytes long');
  if (place === undefined) return adviseOnOneWord(mistake, first);
  const { kind } = syntax;
  const feature = kind === 'f' ? 'fprobe' : kind === 't' ? 'tprobe' : kind === 'e' ? 'eprobe' : undefined;
  const missing = feature && missingFeature(kernel, feature);
  if (missing !== undefined) {
    advice.say(missing);
    if (kind === 'f') adviseOlderForm(mistake);
    if (kind === 't') adviseEvent(mistake);
    return;
  }
  if (feature !== undefined) return;
  if (kind !== 'p' && kind !== 'r') {
    advice.say(`a definition begins with its kind: ${kinds}`);
    return;
  }
  adviseOnUserPlace(mistake);
}

/** A kind or a place alone. */
function adviseOnOneWord({ kernel, advice }: Mistake, { text, span }: TextNode): void {
  const kind = kernel.functions.has(text) ? (kernel.dialect.fprobe ? 'f' : 'p') : 't';
  if (kind !== 't' || (kernel.hasTracepoint(text) && kernel.dialect.tprobe)) {
    advice.offer(`did you mean ${kind} ${text}?`, `${kind} `, { start: span.start, end: span.start });
  } else {
    advice.say('a definition has a kind and a place at least: f FUNCTION, t TRACEPOINT, e GROUP.EVENT');
  }
}

function adviseOlderForm({ kernel, advice, syntax }: Mistake): void {
  const { words } = syntax.command;
  const older = olderForm(kernel, words.map(({ text }) => text).join(' '));
  if (older === undefined) return;
  advice.offer(`the same for ${kernel.release}: ${older}`, older, {
    start: words[0]!.span.start,
    end: words.at(-1)!.span.end,
  });
}

function adviseEvent({ kernel, advice, syntax }: Mistake): void {
  const event = kernel.events.names().find(name => name.endsWith(`/${syntax.place?.text}`));
  if (event !== undefined && kernel.dialect.eprobe)
    advice.say(`the event of that tracepoint can be probed: e ${event.replace('/', '.')}`);
}

function adviseOnDeletion({ advice, diagnostic }: Mistake): void {
  switch (diagnostic.errno) {
    case 'ENOENT':
      advice.say('no event of that name, place and arguments exists; they are compared as they are listed');
      break;
    case 'EBUSY':
      advice.say('the event is in use: disable it, and delete the eprobes on it first');
      break;
    default:
      advice.say('an event is deleted with -:GROUP/EVENT');
  }
}

/** `p PATH:NAME`: the kernel takes offsets only. */
function adviseOnUserPlace({ syntax, advice, findUserSymbol }: Mistake): void {
  const { place } = syntax;
  const parts = place && userPlace(place.text);
  if (place === undefined || parts === undefined) return;
  const { path, symbol, added, rest } = parts;
  advice.say('the kernel takes an offset in the file here, not a name');
  const found = findUserSymbol?.(path, symbol);
  if (found === undefined) return;
  if (found.problem !== undefined)
    return advice.say(`${path} was not searched for ${symbol}: ${found.problem}`);
  const [offset, ...others] = found.offsets;
  const nameSpan = {
    start: place.span.start + path.length + 1,
    end: place.span.start + path.length + 1 + symbol.length,
  };
  if (offset === undefined) {
    const near = nearestNames(symbol, found.names?.() ?? []);
    advice.near(near, nameSpan);
    advice.say(`${path} has no function ${symbol} in its symbol tables`);
    return;
  }
  const rewritten = (at: bigint): string => `${path}:0x${(at + added).toString(16)}${rest}`;
  const line = syntax.command.words.map(word => (word === place ? rewritten(offset) : word.text)).join(' ');
  advice.offer(
    `${symbol} is at 0x${(offset + added).toString(16)} of ${path}: ${line}`,
    rewritten(offset),
    place.span,
  );
  if (others.length > 0)
    advice.say(
      `${others.length + 1} functions are called ${symbol}; the others: ${others.map(rewritten).join(', ')}`,
    );
  for (const other of others) advice.replace(rewritten(other), place.span);
}

/** `PATH:NAME[+OFF][%return][(COUNTER)]` cut into its parts; `undefined` for other texts. */
export function userPlace(
  text: string,
): { path: string; symbol: string; added: bigint; rest: string } | undefined {
  const parts =
    /^(.*\/[^:]*):([A-Za-z_.$][\w.$@]*)(?:\+(0x[0-9a-fA-F]{1,16}|\d{1,19}))?((?:%return)?(?:\(.*\))?)$/.exec(
      text,
    );
  if (parts === null) return undefined;
  return { path: parts[1]!, symbol: parts[2]!, added: BigInt(parts[3] ?? 0), rest: parts[4]! };
}
