import type { TypeId } from '../../btf/index.js';
import type { Kernel } from '../../kernel/index.js';
import type { ArgumentContext } from '../context.js';
import { EntryArguments } from '../entry-arguments.js';
import { parseEventName } from '../event-name.js';
import { kernelLimits } from '../limits.js';
import { type JudgedPlace, judgeFunctionPlace, judgeKprobePlace, judgeTracepointPlace } from '../place.js';
import { type Prototype, PrototypeQuery } from '../prototype.js';
import { Refusal } from '../refusal.js';
import type { ProbeSyntax } from '../syntax.js';

/** Where a line's arguments would be compiled, refused or not. Dispose to give the types back. */
export interface Site extends Disposable {
  readonly context: ArgumentContext;
  /** `undefined` where the function is not known or has no types. */
  readonly prototype: Prototype | undefined;
  /** Name of the probed function, as far as one is written. */
  readonly functionName: string | undefined;
}

/** Finds what names in the arguments of a line can mean. Never fails: a place that is wrong has no prototype. */
export function openSite({ kind, command }: ProbeSyntax, kernel: Kernel): Site {
  const [, place, ...args] = command.words;
  if (place === undefined) return site(kernel, 'uprobe', undefined, []);
  switch (kind) {
    case 'f':
      return site(
        kernel,
        'fprobe',
        attempt(() => judgeFunctionPlace(place, args)),
        [],
      );
    case 't':
      return site(
        kernel,
        'tracepoint',
        attempt(() => judgeTracepointPlace(place, args, kernel)),
        [],
      );
    case 'e': {
      const name = attempt(() => parseEventName(place, 1, 0, kernel));
      const fields = name?.group && name.event ? kernel.events.find(name.group, name.event)?.fields : [];
      return site(kernel, 'eprobe', undefined, fields ?? []);
    }
    default: {
      if (place.text.includes('/')) return site(kernel, 'uprobe', undefined, []);
      return site(
        kernel,
        'kprobe',
        attempt(() => judgeKprobePlace(place, kind === 'r' ? 'r' : 'p', kernel)),
        [],
      );
    }
  }
}

function site(
  kernel: Kernel,
  family: ArgumentContext['family'],
  place: JudgedPlace | undefined,
  eventFields: ArgumentContext['eventFields'],
): Site {
  const prototype = new PrototypeQuery(kernel, place?.functionName, family === 'tracepoint' ? 1 : 0);
  const entryArguments = new EntryArguments();
  return {
    context: {
      kernel,
      family,
      site: place?.site ?? 'body',
      prototype,
      entryArguments,
      eventFields,
      limits: kernelLimits,
    },
    get prototype() {
      return prototype.get();
    },
    functionName: place?.functionName,
    [Symbol.dispose]: () => prototype.release(),
  };
}

/** The result of a stage of the judge, or `undefined` where it refuses. */
export function attempt<T>(stage: () => T): T | undefined {
  try {
    return stage();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** `long vfs_read(struct file *file, ...)`, hidden parameters left out. */
export function declarationOf({ btf, returns, parameters }: Prototype, name: string): string {
  const list = parameters.map(({ name: parameter, type }) =>
    type === 0 && parameter === '' ? '...' : btf.declaration(type, parameter),
  );
  return btf.declaration(returns, `${name}(${list.join(', ') || 'void'})`);
}

/** The type of a root: a parameter's by name, or what the function returns. */
export function rootType(prototype: Prototype | undefined, root: string): TypeId | undefined {
  if (prototype === undefined) return undefined;
  if (root === '$retval') return prototype.returns;
  return prototype.parameters.find(({ name }) => name === root)?.type;
}
