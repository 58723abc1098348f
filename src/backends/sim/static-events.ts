import type { RecordLayout } from '../../kernel/index.js';
import { type RecordHead, storeCommonFields } from '../../program/index.js';
import type { SimHit } from './sim-kernel.js';
import type { SimWorld } from './world.js';

/** What a static event stores in a field: an integer, or a text for a `char` array. */
type FieldReader = (args: readonly bigint[], world: SimWorld) => bigint | string;

interface StaticEvent {
  readonly tracepoint: string;
  /** By field name; arguments are counted as the tracepoint declares them. A field without a reader stays zero. */
  readonly fields: Readonly<Record<string, FieldReader>>;
}

/** What `prev_state` shows for a task that was still runnable when it was switched out. */
const preemptedState = 0x100n;

const taskText =
  (index: number): FieldReader =>
  (args, world) =>
    world.objects.at(args[index] ?? 0n, 'task_struct').text('comm');
const taskField =
  (index: number, path: string): FieldReader =>
  (args, world) =>
    world.objects.at(args[index] ?? 0n, 'task_struct').get(path);
const argument =
  (index: number): FieldReader =>
  args =>
    args[index] ?? 0n;

const staticEvents: Readonly<Record<string, StaticEvent>> = {
  'sched/sched_switch': {
    tracepoint: 'sched_switch',
    fields: {
      prev_comm: taskText(1),
      prev_pid: taskField(1, 'pid'),
      prev_prio: taskField(1, 'prio'),
      prev_state: args => (args[0] === 1n ? preemptedState : (args[3] ?? 0n)),
      next_comm: taskText(2),
      next_pid: taskField(2, 'pid'),
      next_prio: taskField(2, 'prio'),
    },
  },
  'sched/sched_wakeup': {
    tracepoint: 'sched_wakeup',
    fields: {
      comm: taskText(0),
      pid: taskField(0, 'pid'),
      prio: taskField(0, 'prio'),
      target_cpu: taskField(0, 'thread_info.cpu'),
    },
  },
  'kmem/kmem_cache_alloc': {
    tracepoint: 'kmem_cache_alloc',
    fields: {
      call_site: argument(0),
      ptr: argument(1),
      bytes_req: (args, world) => world.objects.at(args[2] ?? 0n, 'kmem_cache').get('object_size'),
      bytes_alloc: (args, world) => world.objects.at(args[2] ?? 0n, 'kmem_cache').get('size'),
      gfp_flags: argument(3),
      node: argument(4),
    },
  },
  'kmem/kfree': { tracepoint: 'kfree', fields: { call_site: argument(0), ptr: argument(1) } },
};

/** `group/name` of the events that the simulated kernel records. */
export const simulatedEvents: readonly string[] = Object.keys(staticEvents);

/** The tracepoint behind a static event; `undefined` when it is not simulated. */
export function tracepointOf(group: string, name: string): string | undefined {
  const key = `${group}/${name}`;
  return Object.hasOwn(staticEvents, key) ? staticEvents[key]?.tracepoint : undefined;
}

/** Encodes a hit of a static event by its own layout. */
export function encodeStaticEvent(
  layout: RecordLayout,
  hit: SimHit,
  head: RecordHead,
  world: SimWorld,
): Uint8Array {
  const ends = [...layout.common, ...layout.fields].map(field => field.offset + field.size);
  const bytes = new Uint8Array(Math.max(8, ...ends));
  const view = new DataView(bytes.buffer);
  storeCommonFields(view, layout.common, head);
  const readers = staticEvents[`${layout.group}/${layout.name}`]?.fields ?? {};
  const args = hit.machine.args.slice(1);
  for (const field of layout.fields) {
    const value = Object.hasOwn(readers, field.name) ? readers[field.name]?.(args, world) : undefined;
    if (value === undefined) continue;
    const stored = bytes.subarray(field.offset, field.offset + field.size);
    if (typeof value === 'string') {
      for (let i = 0; i < Math.min(value.length, field.size - 1); i++) stored[i] = value.charCodeAt(i);
    } else {
      for (let i = 0; i < Math.min(8, field.size); i++) stored[i] = Number((value >> BigInt(8 * i)) & 0xffn);
    }
  }
  return bytes;
}
