import { latin1, type TracedEvent } from '../../records/index.js';
import { BytesWriter } from './bytes-writer.js';
import type { FileOption } from './contents.js';

/** An option of our own: other readers skip it. The number is far from those that trace-cmd gives out in order. */
export const DEFINITIONS_OPTION = 0x6270;
/** What the option begins with, as others may take the number for something else. */
const MARK = 'btfprobe definitions';

/** The option that keeps the definitions of probe events: the mark, then an event and its definition by turns, each with a NUL. */
export function definitionsOption(events: readonly TracedEvent[]): Uint8Array {
  const out = new BytesWriter().string(MARK);
  for (const { group, name, definition } of events) {
    if (definition !== undefined) out.string(`${group}/${name}`).string(definition);
  }
  return out.bytes();
}

/** Definitions by `group/name`, as byte strings. */
export function readDefinitions(options: readonly FileOption[]): ReadonlyMap<string, string> {
  const definitions = new Map<string, string>();
  for (const { id, data } of options) {
    if (id !== DEFINITIONS_OPTION) continue;
    const [mark, ...texts] = latin1(data).split('\0');
    if (mark !== MARK) continue;
    for (let index = 0; index + 1 < texts.length; index += 2) {
      definitions.set(texts[index]!, texts[index + 1]!);
    }
  }
  return definitions;
}
