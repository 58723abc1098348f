import type { Kernel } from '../../kernel/index.js';
import type { BpfPlace } from './ability.js';

/** Address of the place, 0n where it is hidden from this user or differs from hit to hit. */
export function placeAddress(place: BpfPlace, { symbols }: Kernel): bigint {
  switch (place.kind) {
    case 'fentry':
    case 'fexit':
      return symbols.first(place.symbol, place.module)?.address ?? 0n;
    case 'tracepoint':
      return (
        symbols.first(`__probestub_${place.tracepoint}`)?.address ??
        symbols.first(`__traceiter_${place.tracepoint}`)?.address ??
        0n
      );
    case 'kprobe': {
      if (place.symbol === '') return place.offset;
      const [name = '', module] = place.symbol.split(':').reverse();
      const start = symbols.first(name, module)?.address;
      return start === undefined || start === 0n ? 0n : start + place.offset;
    }
    case 'kprobes':
    case 'kprobe-multi':
      return 0n;
    default:
      return place satisfies never;
  }
}

/** Where a program goes, in words. */
export function describePlace(place: BpfPlace): string {
  switch (place.kind) {
    case 'fentry':
    case 'fexit':
      return `${place.kind} of ${place.symbol}`;
    case 'tracepoint':
      return `tracepoint ${place.tracepoint}`;
    case 'kprobe':
      return place.symbol === ''
        ? `kprobe at 0x${place.offset.toString(16)}`
        : `kprobe at ${place.symbol}+${place.offset}`;
    case 'kprobes':
    case 'kprobe-multi':
      return place.symbols.length === 1
        ? `${place.kind} of all functions ${place.symbols[0]}`
        : `${place.kind} of ${place.symbols.length} functions`;
    default:
      return place satisfies never;
  }
}
