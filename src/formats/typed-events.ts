import { eventFieldTypes, type FieldType, type Kernel } from '../kernel/index.js';
import { argumentTypes, compileProbe } from '../language/index.js';
import type { TracedEvent } from '../records/index.js';

/**
 * The events of a recording with what is known of their fields. Definitions are judged again by the kernel that was
 * traced; events that are no probes are described by their `format`, and by the kernel's types when it is given.
 */
export function withTypes(
  events: readonly TracedEvent[],
  kernel: Kernel | undefined,
): readonly TracedEvent[] {
  return events.map(event => ({ ...event, types: event.types ?? typesOf(event, kernel) }));
}

function typesOf(event: TracedEvent, kernel: Kernel | undefined): ReadonlyMap<string, FieldType> | undefined {
  const { definition, layout } = event;
  if (definition === undefined) return eventFieldTypes(layout, kernel?.types);
  return kernel && probeTypes(definition, event, kernel);
}

/** Nothing when the kernel lays the records out otherwise: then it is not the one that made them. */
function probeTypes(
  definition: string,
  { layout }: TracedEvent,
  kernel: Kernel,
): ReadonlyMap<string, FieldType> | undefined {
  const judgement = compileProbe(kernel, definition);
  if (!judgement.accepted || judgement.event === undefined) return undefined;
  using probe = judgement.event;
  const isSame = probe.args.every(({ name, offset, size }) =>
    layout.fields.some(field => field.name === name && field.offset === offset && field.size === size),
  );
  return isSame ? argumentTypes(probe) : undefined;
}
