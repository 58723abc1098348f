import type { TraceTarget } from '../backends/index.js';
import { fromByteString } from '../language/index.js';
import { linesOfArgument } from './definitions.js';
import { CommandError } from './error.js';
import { shown } from './judgement-text.js';
import { whyNotJudged } from './not-judged.js';

const eventPattern = /^([A-Za-z_][\w-]*)[:/]([A-Za-z_]\w*)$/;

/** What each argument of `trace` asks for: `group:name` and `group/name` follow an event that exists. Throws a `CommandError`. */
export function traceTargets(given: readonly string[]): readonly TraceTarget[] {
  return given.flatMap((text): readonly TraceTarget[] => {
    const [, group, name] = eventPattern.exec(text.trim()) ?? [];
    if (group !== undefined && name !== undefined) return [{ event: { group, name } }];
    const definitions = linesOfArgument(text);
    if (definitions.length === 0) throw new CommandError('usage', 'an empty definition');
    return definitions.map(definition => ({ definition: checkDefinesProbe(definition) }));
  });
}

/** What defines no probe is told here, for the kernel would say EINVAL, or do it. */
function checkDefinesProbe(definition: string): string {
  if (/^[\s\xa0]*[-!]/.test(definition)) {
    throw new CommandError('usage', `a deletion is nothing to trace: ${shown(definition)}`);
  }
  if (whyNotJudged(definition) !== undefined) {
    throw new CommandError(
      'usage',
      `synthetic events (s:) are not traced by btfprobe: ${shown(definition)}`,
      ['one that you have defined yourself can be followed: btfprobe trace synthetic:NAME'],
    );
  }
  if (!/^[\s\xa0]*\S+[\s\xa0]*$/.test(definition)) return definition;
  const word = fromByteString(definition.trim());
  throw new CommandError('usage', `${JSON.stringify(word)} is neither a definition nor an event`, [
    `a function's entry: btfprobe trace 'f ${word}'`,
    'an event that exists: btfprobe trace sched:sched_switch',
  ]);
}
