import type { Mistake } from './mistake.js';
import { nearestNames } from './nearest.js';

// Hints about tracepoints, attached events and their fields.

/** `e` on an event that does not exist. */
export function adviseOnAttached({ kernel, syntax, advice }: Mistake): void {
  const { place } = syntax;
  if (place === undefined) return;
  const [group, name] = splitEvent(place.text);
  const names = kernel.events.names();
  if (kernel.events.has(group, name) && group === 'ftrace') {
    advice.say(
      'events of the group ftrace are written by the tracers themselves: no probe can be put on them',
    );
    return;
  }
  const inOtherGroup = names.filter(event => event.slice(event.indexOf('/') + 1) === name);
  const near = nearestNames(`${group}/${name}`, names);
  const offered =
    inOtherGroup.length > 0 ? inOtherGroup.slice(0, 3).map(event => ({ name: event, distance: 0 })) : near;
  advice.near(offered, place.span, event => event.replace('/', '.'));
  advice.say(
    `this kernel has no event ${group}.${name}; events of kprobes, uprobes and eprobes cannot be attached to`,
  );
}

/** `e` needs both names. */
export function adviseOnAttachedName({ kernel, syntax, advice }: Mistake): void {
  const { place } = syntax;
  if (place === undefined) return;
  const name = place.text.replace(/^.*[:./]/, '');
  const group = place.text.slice(0, Math.max(0, place.text.length - name.length - 1));
  const names = kernel.events.names();
  const found = names.filter(event => {
    const slash = event.indexOf('/');
    return event.slice(slash + 1) === name && (group === '' || group === event.slice(0, slash));
  });
  advice.near(
    found.slice(0, 3).map(event => ({ name: event, distance: 0 })),
    place.span,
    event => event.replace('/', '.'),
  );
  advice.say('the event to attach to is written GROUP.EVENT');
}

function splitEvent(text: string): [string, string] {
  const slash = text.indexOf('/');
  const at = slash < 0 ? text.indexOf('.') : slash;
  return [text.slice(0, at), text.slice(at + 1)];
}

/** A character that no tracepoint's name has. */
export function adviseOnTracepointName({ kernel, syntax, advice }: Mistake): void {
  const { place } = syntax;
  if (place === undefined) return;
  const name = place.text.replace(/^.*[:./]/, '');
  if (name !== place.text && kernel.hasTracepoint(name)) {
    advice.offer(`t takes the tracepoint's name without its group: ${name}`, name, place.span);
    return;
  }
  advice.near(nearestNames(name, kernel.tracepoints()), place.span);
  advice.say('names of tracepoints have letters, digits and _ only');
}

/** A field that a filter names and the attached event does not have. */
export function adviseOnFilter(mistake: Mistake): void {
  const { diagnostic, syntax, site, advice } = mistake;
  const words = syntax.command.words.map(({ text }) => text);
  const filter = words.slice(words.indexOf('if') + 1).join(' ');
  const fields = site.context.eventFields.map(({ name }) => name);
  if (diagnostic.code === 'FIELD_NOT_FOUND') {
    const at = (diagnostic.caret ?? 1) - 1;
    const before = /\w*$/.exec(filter.slice(0, at))?.[0] ?? '';
    const wanted = before + (/^\w*/.exec(filter.slice(at))?.[0] ?? '');
    const start = syntax.command.words.find(({ text }) => text.includes(wanted) && text !== 'if')?.span.start;
    const near = nearestNames(wanted, fields, { limit: Number.POSITIVE_INFINITY });
    if (start !== undefined) {
      const from =
        start + (syntax.command.words.find(({ span }) => span.start === start)?.text.indexOf(wanted) ?? 0);
      advice.near(near, { start: from, end: from + wanted.length });
    }
  }
  if (fields.length > 0) advice.say(`fields of ${syntax.place?.text}: ${fields.join(', ')}`);
}
