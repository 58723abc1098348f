import type { Kernel } from '../kernel/index.js';
import {
  type LoweredEvent,
  type NotLowered,
  type ProbeEvent,
  type ProbePlace,
  piecesOf,
} from '../language/index.js';
import type { GivenDefinition } from './definitions.js';
import { shown } from './judgement-text.js';
import type { Paint } from './paint.js';

// Lowered definitions for people: lines that a kernel takes, comments included.

/** The lines alone, with what must be done besides as comments. */
export function linesText(_event: ProbeEvent, { lines, tracepoint }: LoweredEvent): string {
  const need =
    tracepoint === undefined
      ? ''
      : `# is hit while ${tracepoint.event.group}/${tracepoint.event.name} is enabled in two instances\n`;
  return `${need}${lines.map(line => `${shown(line)}\n`).join('')}`;
}

/** The lines, then what each piece stands for. */
export function explainedText(
  event: ProbeEvent,
  lowered: LoweredEvent,
  kernel: Kernel,
  paint: Paint,
): string {
  const { lines, changed, args } = lowered;
  const most = 5;
  const shownLines = lines.slice(0, most).map(line => `${paint.strong(shown(line))}\n`);
  if (lines.length > most) shownLines.push(`... ${lines.length - most} more lines, one for each function\n`);
  if (!changed) return `${shownLines.join('')}  ${kernel.release} takes the line as it was written\n`;
  const facts = [`  ${placeText(event, lowered)}\n`];
  for (const [index, argument] of args.entries()) {
    const pieces = piecesOf(event, event.args[index]!, argument);
    const width = Math.max(...pieces.map(({ text }) => text.length));
    facts.push(`  ${shown(argument.name)} = ${shown(argument.original)}\n`);
    for (const { text, meaning } of pieces)
      facts.push(`      ${shown(text).padEnd(width)}  ${shown(meaning)}\n`);
  }
  return `${shownLines.join('')}${facts.join('')}`;
}

function placeText({ place, isReturn }: ProbeEvent, { lines, tracepoint }: LoweredEvent): string {
  const letter = lines[0]?.[0] ?? '';
  if (tracepoint !== undefined) {
    const { group, name } = tracepoint.event;
    return `a kprobe on the iterator of the tracepoint ${tracepoint.tracepoint}; the kernel calls it while two listeners are on it: enable ${group}/${name} in two instances`;
  }
  if (letter === 'p' || letter === 'r')
    return `${letter === 'r' || isReturn ? 'a kretprobe' : 'a kprobe'} ${where(place)}`;
  return `${letter === 't' ? 'a tracepoint probe' : 'a function probe'} ${where(place)}`;
}

function where(place: ProbePlace): string {
  switch (place.kind) {
    case 'function':
      return `on ${place.symbol}`;
    case 'tracepoint':
      return `on ${place.tracepoint}`;
    case 'kprobe':
      return `on ${place.symbol}${place.offset === 0 ? '' : `+${place.offset}`}`;
    case 'address':
      return `at 0x${place.address.toString(16)}`;
    case 'uprobe':
      return `in ${place.path}`;
    case 'event':
      return `on ${place.group}/${place.name}`;
    default:
      return place satisfies never;
  }
}

/** Why a definition cannot be said to the kernel. */
export function notLoweredText(
  { text, origin }: GivenDefinition,
  { refusals }: NotLowered,
  { name, release }: Kernel,
  paint: Paint,
): string {
  const place = origin === undefined ? '' : ` (${origin})`;
  const head = `btfprobe: ${paint.bad('cannot be said')} to ${name}, ${release}${place}\n    ${shown(text)}\n`;
  return `${head}${refusals.map(({ message }) => `  ${shown(message)}\n`).join('')}`;
}
