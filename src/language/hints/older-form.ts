import { type Kernel, newestDialect, withDialect } from '../../kernel/index.js';
import type { ProbeArgument, ProbeEvent } from '../event.js';
import { ProbeEvents } from '../probe-events.js';
import { fittingType, plainFetch, plainType } from './plain-form.js';

/**
 * An `f` line as kernels without function events understand it: a kprobe with numbered arguments and offsets.
 * `undefined` where newer kernels would not take the line either, or it cannot be said so.
 */
export function olderForm(kernel: Kernel, definition: string): string | undefined {
  using newer = withDialect(kernel, newestDialect);
  using events = new ProbeEvents(newer);
  const judgement = events.define(definition);
  const event = judgement.accepted ? judgement.event : undefined;
  if (event === undefined || event.place.kind !== 'function') return undefined;
  const args = event.args.map(argument => olderArgument(argument, event));
  if (args.includes(undefined)) return undefined;
  const name = event.group === 'fprobes' ? '' : `:${event.group}/${event.name}`;
  return [`${event.isReturn ? 'r' : 'p'}${name} ${event.place.symbol}`, ...args].join(' ');
}

function olderArgument(
  { name, body, type, count, program, btf }: ProbeArgument,
  event: ProbeEvent,
): string | undefined {
  if (!program.some(({ op }) => op === 'ARG' || op === 'RETVAL' || op === 'EDATA')) return `${name}=${body}`;
  const parameters = event.prototype;
  const fetch = plainFetch(program, undefined, { numbered: true, hidden: 0 });
  if (
    fetch === undefined ||
    parameters === undefined ||
    (count > 0 && type.size === 4 && type.kind !== 'unsigned')
  )
    return undefined;
  const last = btf?.steps.at(-1);
  const isBitfield = btf !== undefined && last !== undefined && last.bitfieldWidth > 0 && !body.includes(':');
  const written = isBitfield
    ? plainType(
        { btf: btf.btf, type: btf.type, bitRemainder: last.bitOffset % 8, bitfieldWidth: last.bitfieldWidth },
        fittingType(btf.btf, btf.type),
      )
    : (/:([^[]+)/.exec(body)?.[1] ?? type.name);
  const array = count > 0 ? `[${count}]` : '';
  return `${name}=${fetch}:${written}${array}`;
}
