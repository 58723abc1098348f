import { extendKernel, type FileFacts, type Kernel } from '../kernel/index.js';
import { ProbeEvents, parseDefinition, type Refused, userPlace } from '../language/index.js';
import { type Explanation, explainEvent } from './explanation.js';
import type { Outward } from './judgement-json.js';

/** A `p PATH:NAME` line as the kernel takes it. */
export interface RewrittenUprobe {
  /** Bytes, one per character. */
  readonly definition: string;
  /** `undefined` where the rewritten line is refused as well. */
  readonly explanation: Explanation | undefined;
}

/**
 * The line that the hints of a refusal offer for a uprobe by name, explained as if its file were on the kernel's
 * machine as it is here; `undefined` for other refusals.
 */
export function rewrittenUprobe(
  kernel: Kernel,
  definition: string,
  { diagnostics }: Refused,
  outward: Outward,
): RewrittenUprobe | undefined {
  const { place, kind } = parseDefinition(definition);
  const parts = place === undefined ? undefined : userPlace(place.text);
  const [change] = diagnostics[0]?.suggestions ?? [];
  const isWhole =
    change !== undefined && change.span.start === place?.span.start && change.span.end === place.span.end;
  if (parts === undefined || !isWhole || (kind !== 'p' && kind !== 'r')) return undefined;
  const rewritten =
    definition.slice(0, change.span.start) + change.replacement + definition.slice(change.span.end);
  using view = extendKernel(kernel);
  const fileFacts = withFile(kernel.fileFacts, parts.path);
  const machine: Kernel = Object.create(view, { fileFacts: { value: fileFacts } });
  using events = new ProbeEvents(machine);
  const judgement = events.write(rewritten);
  const event = judgement.accepted ? judgement.event : undefined;
  return {
    definition: rewritten,
    explanation: event === undefined ? undefined : explainEvent(machine, event, outward),
  };
}

function withFile(facts: FileFacts | undefined, path: string): FileFacts {
  const files = new Map(facts?.files ?? []);
  files.set(path, 'regular');
  return { cwd: facts?.cwd ?? '/', files, sameFile: facts?.sameFile ?? [] };
}
