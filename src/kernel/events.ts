import { KernelError } from './error.js';
import { parseFormat } from './format.js';
import { kernelText } from './text.js';
import type { EventFormats, RecordLayout } from './types.js';

/** Where the formats of a kernel's events are read from; each is called when first needed. */
export interface EventFormatParts {
  /** The bundle file `event-formats`: for each event a line `@@ group/name` and the text of its `format` file. */
  blocks(): Uint8Array | undefined;
  /** `available_events`: lines `group:name`. */
  list(): Uint8Array | undefined;
  /** One event's `format` file, where they can be read one by one. */
  single?: ((group: string, name: string) => Uint8Array | undefined) | undefined;
}

/** The formats of a kernel's events. Blocks are found by their heading and parsed one at a time; results are kept. */
export function createEventFormats(parts: EventFormatParts): EventFormats {
  let blocks: string | undefined;
  let listText: string | undefined;
  let names: readonly string[] | undefined;
  const known = new Map<string, RecordLayout | undefined>();

  const blockText = () => {
    blocks ??= `\n${kernelText(parts.blocks())}`;
    return blocks;
  };

  const load = (group: string, name: string): RecordLayout | undefined => {
    if (parts.single !== undefined) {
      const bytes = parts.single(group, name);
      return bytes === undefined ? undefined : parseFormat(kernelText(bytes), group);
    }
    const heading = `\n@@ ${group}/${name}\n`;
    const at = blockText().indexOf(heading);
    if (at < 0) return undefined;
    const end = blockText().indexOf('\n@@ ', at + heading.length - 1);
    const layout = parseFormat(blockText().slice(at + heading.length, end < 0 ? undefined : end + 1), group);
    if (layout.name !== name) {
      throw new KernelError(
        'bad-format',
        `event format: the block of ${group}/${name} is that of ${layout.name}`,
      );
    }
    return layout;
  };

  // Neither part holds a newline, a slash or a colon: such a text would match across names of a file.
  const canBe = (group: string, name: string) => !/[\n/:]/.test(group) && !/[\n/:]/.test(name);

  const find = (group: string, name: string) => {
    const key = `${group}/${name}`;
    if (!canBe(group, name)) return undefined;
    if (!known.has(key)) known.set(key, load(group, name));
    return known.get(key);
  };

  return {
    find,
    has(group, name) {
      // The list leaves out the tracer's own events.
      const list = group === 'ftrace' ? undefined : parts.list();
      if (list === undefined || list.length === 0) return find(group, name) !== undefined;
      listText ??= `\n${kernelText(list)}\n`;
      return canBe(group, name) && listText.includes(`\n${group}:${name}\n`);
    },
    names() {
      names ??= parts.single === undefined ? headings(blockText(), parts) : listed(parts);
      return names;
    },
  };
}

function headings(blocks: string, parts: EventFormatParts): readonly string[] {
  const found = Array.from(blocks.matchAll(/\n@@ ([^\n]+)/g), match => match[1]!);
  if (found.length > 0) return found;
  if (blocks.trim() !== '')
    throw new KernelError('bad-format', 'event-formats: there is no line @@ GROUP/NAME in it');
  return listed(parts);
}

function listed(parts: EventFormatParts): readonly string[] {
  const lines = kernelText(parts.list()).split('\n');
  return lines.filter(line => line.includes(':')).map(line => line.trim().replace(':', '/'));
}
