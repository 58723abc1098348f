import { isGoodName } from '../bytes.js';
import { longestEventName } from '../event-name.js';
import type { Mistake } from './mistake.js';

// Hints about names that the user gives: groups, events, arguments.

/** A name with a character that it may not have. */
export function adviseOnBadName({ diagnostic, advice, syntax }: Mistake): void {
  const written = textOf(syntax, diagnostic.span);
  const good = repaired(written);
  if (good !== '' && good !== written)
    advice.offer(`a name has letters, digits and _ only: ${good}`, good, diagnostic.span);
  else advice.say('a name has letters, digits and _ only, and begins with no digit');
}

/** A name that is too long. */
export function adviseOnLongName(
  { diagnostic, advice, syntax }: Mistake,
  most: number = longestEventName,
): void {
  const written = textOf(syntax, diagnostic.span);
  const short = written.slice(0, most);
  advice.offer(`${written.length} characters are written, ${most} are allowed`, short, diagnostic.span);
}

/** Two arguments of one name. */
export function adviseOnUsedName({ argument, advice, syntax }: Mistake): void {
  if (argument === undefined) return;
  const taken = new Set(syntax.args.map(({ name, fetch }) => name?.text ?? fetch.text));
  const base = argument.name?.text ?? (isGoodName(argument.fetch.text) ? argument.fetch.text : 'value');
  let number = 2;
  while (taken.has(`${base}${number}`)) number++;
  const name = `${base}${number}`;
  const reserved = base.startsWith('__probe_') || base.startsWith('common_');
  const why = reserved ? `${base} is a field that every record has` : `another argument is called ${base}`;
  const start = argument.span.start;
  const end = argument.name === undefined ? start : argument.name.span.end;
  advice.offer(
    `${why}: give it a name of its own, ${name}=${argument.body.text}`,
    argument.name === undefined ? `${name}=` : name,
    {
      start,
      end,
    },
  );
}

/** The event's name belongs to another event. */
export function adviseOnTakenEvent({ advice, diagnostic, syntax }: Mistake): void {
  const [first] = syntax.command.words;
  if (first === undefined) return;
  const written = syntax.name?.text;
  switch (diagnostic.code) {
    case 'EVENT_EXIST':
      advice.say('events of different kinds cannot share a name; give this one another');
      break;
    case 'DIFF_PROBE_TYPE':
      advice.say(
        'an event of that name exists for the other moment (entry or return) or the other kind (function or tracepoint); give this one another name',
      );
      break;
    case 'SAME_PROBE':
      advice.say('the event has this very probe already: nothing needs to be added');
      return;
  }
  if (written === undefined || written === '') {
    advice.say('without a name the kernel makes one of the place: write one of your own, f:GROUP/EVENT');
  } else {
    const end = first.span.end;
    advice.replace('_2', { start: end, end });
  }
}

function repaired(written: string): string {
  const name = written.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function textOf(syntax: Mistake['syntax'], span: Mistake['diagnostic']['span']): string {
  const word = syntax.command.words.find(({ span: own }) => own.start <= span.start && span.end <= own.end);
  return word === undefined ? '' : word.text.slice(span.start - word.span.start, span.end - word.span.start);
}
