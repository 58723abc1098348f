import { Attribute, cString } from './attribute.js';
import { Descriptor } from './descriptor.js';
import { addressOf, systemCall } from './ffi.js';

/** A kprobe to be made by perf_event_open(2): at a symbol's offset, or at an address. */
export interface KprobeEvent {
  /** Number of the kernel's `kprobe` event source (`/sys/bus/event_source/devices/kprobe/type`). */
  readonly source: number;
  readonly isReturn: boolean;
  /** Name of the function; '' for a probe by address. */
  readonly symbol: string;
  /** Bytes from the symbol's start; the address itself without a symbol. */
  readonly offset: bigint;
}

const ATTRIBUTE_SIZE = 136;
const CLOSE_ON_EXEC = 8;
const IOC_ENABLE = 0x2400;
const IOC_SET_BPF = 0x40042408;

/** The attribute of perf_event_open(2) for a kprobe (spec 15.4). */
export function kprobeAttribute(event: KprobeEvent, address: (bytes: Uint8Array) => bigint): Attribute {
  const attribute = new Attribute(ATTRIBUTE_SIZE, address)
    .u32(0, event.source)
    .u32(4, ATTRIBUTE_SIZE)
    .u64(8, event.isReturn ? 1n : 0n)
    .u64(64, event.offset);
  return event.symbol === '' ? attribute : attribute.pointer(56, cString(event.symbol));
}

/** Makes a kprobe that lives as long as the descriptor. Throws a `SysError`. */
export function openKprobe(event: KprobeEvent): Descriptor {
  const attribute = kprobeAttribute(event, addressOf);
  const every = [-1, 0, -1, CLOSE_ON_EXEC] as const;
  const number = systemCall('perf_event_open', 'perf_event_open', addressOf(attribute.bytes), ...every);
  return new Descriptor(Number(number));
}

/** Runs a program at every hit of a kprobe, from now on. Throws a `SysError`. */
export function runAtPerfEvent(event: Descriptor, program: Descriptor): void {
  systemCall('ioctl', 'ioctl(PERF_EVENT_IOC_SET_BPF)', event.number, IOC_SET_BPF, program.number);
  systemCall('ioctl', 'ioctl(PERF_EVENT_IOC_ENABLE)', event.number, IOC_ENABLE, 0);
}
