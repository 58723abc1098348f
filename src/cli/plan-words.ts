import type { TraceTarget } from '../backends/index.js';
import type { WayId } from '../host/index.js';
import { fromByteString } from '../language/index.js';
import type { Choice, CostClass, Operation } from '../plan/index.js';

/** What is traced by, in a few words. */
export const wayNames: Readonly<Record<WayId, string>> = {
  native: "the kernel's own probe events",
  lowered: "the kernel's own probe events, lowered",
  bpf: 'eBPF',
};

/** What is to be expected of a hit on hardware (spec 15 section 15.11). */
export const costWords: Readonly<Record<CostClass, string>> = {
  trampoline: 'called by the function itself: about 20 to 100 ns a hit',
  ftrace: 'by ftrace: about 100 to 200 ns a hit',
  breakpoint: 'by a breakpoint: about 0.5 to 1 us a hit',
  return: 'by a changed return address: about 0.3 to 1 us a hit',
  user: 'by a breakpoint in a program: about 1 to 2 us a hit',
  event: 'by an event that is there: about 50 to 200 ns a hit',
};

/** A target as the user wrote it. */
export function targetText(target: TraceTarget): string {
  return 'event' in target ? `${target.event.group}:${target.event.name}` : fromByteString(target.definition);
}

/** One operation in words. */
export function operationText(operation: Operation): string {
  switch (operation.kind) {
    case 'define':
      return `write to dynamic_events: ${fromByteString(operation.line)}`;
    case 'filter':
      return `write to the filter of ${fromByteString(operation.group)}:${fromByteString(operation.event)}: ${fromByteString(operation.filter)}`;
    case 'enable':
      return `enable ${fromByteString(operation.group)}:${fromByteString(operation.event)} in an instance of its own`;
    case 'keep-busy':
      return `keep the tracepoint ${operation.tracepoint} busy: enable its event in two instances`;
    case 'load':
      return `load a BPF program of ${operation.instructions} instructions: ${operation.program}`;
    case 'attach':
      return `attach it: ${operation.place}`;
    default:
      return operation satisfies never;
  }
}

/** Why not a better way, one reason for each: `the kernel's own probe events: tracefs is mounted: missing: ...`. */
export function rejectedTexts({ rejected }: Choice): readonly string[] {
  return rejected.map(({ candidate }) => {
    const [first] = candidate.obstacles;
    return `${wayNames[candidate.way]}: ${fromByteString(first?.message ?? '')}`;
  });
}
