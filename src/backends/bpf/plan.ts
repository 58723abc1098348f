import type { FilterExpression, ProbeEvent } from '../../language/index.js';
import type { BpfPlace } from './ability.js';
import { registersContext, tracingContext } from './context.js';
import { type GeneratedProgram, generateProgram } from './generate.js';

/**
 * The program of an event for the place it goes to. `index` is its number in the session. Throws a `BackendError` for a filter
 * that is not made of eBPF, and where the program would be too long.
 */
export function planProgram(
  event: ProbeEvent,
  index: number,
  place: BpfPlace,
  filter?: FilterExpression,
): GeneratedProgram {
  const typed = place.kind === 'fentry' || place.kind === 'fexit' || place.kind === 'tracepoint';
  const context = typed
    ? tracingContext(place, place.kind === 'tracepoint' ? 1 : 0, event.entryProgram)
    : registersContext;
  return generateProgram({
    event,
    index,
    context,
    needs: {
      address: place.kind === 'kprobe-multi' || place.kind === 'kprobes',
      frame: event.isReturn,
    },
    slots: typed ? place.slots : undefined,
    filter,
  });
}
