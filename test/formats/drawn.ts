import { decodeTrace, type Message } from './protoc.js';

/** What a Perfetto trace shows, with names in place of numbers. */
export interface Drawn {
  readonly clock: bigint | undefined;
  readonly tracks: ReadonlyMap<bigint, Message>;
  readonly events: readonly DrawnEvent[];
}

export interface DrawnEvent {
  readonly type: string;
  readonly time: bigint;
  readonly track: string;
  readonly name: string | undefined;
  readonly category: string | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  readonly counter: unknown;
}

/** Reads a trace as Perfetto does: numbers of names and tracks hold from the packet on that says them. */
export function drawnOf(bytes: Uint8Array): Drawn {
  const packets = decodeTrace(bytes);
  const names = { event_categories: new Map(), event_names: new Map(), debug_annotation_names: new Map() };
  const tracks = new Map<bigint, Message>();
  const events: DrawnEvent[] = [];
  let isCleared = false;
  let clock: bigint | undefined;
  for (const packet of packets) {
    const only = (message: Message, field: string) => {
      const values = message[field] ?? [];
      if (values.length > 1) throw new Error(`${field} is there ${values.length} times`);
      return values[0];
    };
    if (only(packet, 'trusted_packet_sequence_id') !== 1n) throw new Error('a packet of no sequence');
    const flags = only(packet, 'sequence_flags');
    if (flags === 1n) isCleared = true;
    else if (flags !== 2n || !isCleared) throw new Error(`flags ${flags} before the state was cleared`);
    const snapshot = only(packet, 'clock_snapshot') as Message | undefined;
    if (snapshot !== undefined) clock = only(snapshot, 'primary_trace_clock') as bigint;
    const interned = (only(packet, 'interned_data') ?? {}) as Message;
    for (const [table, known] of Object.entries(names)) {
      for (const entry of (interned[table] ?? []) as Message[]) {
        const number = only(entry, 'iid');
        if (known.has(number)) throw new Error(`the number ${number} of ${table} is said twice`);
        known.set(number, only(entry, 'name'));
      }
    }
    const described = only(packet, 'track_descriptor') as Message | undefined;
    if (described !== undefined) tracks.set(only(described, 'uuid') as bigint, described);
    const event = only(packet, 'track_event') as Message | undefined;
    if (event === undefined) continue;
    const track = tracks.get(only(event, 'track_uuid') as bigint);
    if (track === undefined) throw new Error('an event on a track that was not described');
    const args: Record<string, unknown> = {};
    for (const annotation of (event['debug_annotations'] ?? []) as Message[]) {
      args[names.debug_annotation_names.get(only(annotation, 'name_iid'))!] = valueOfAnnotation(annotation);
    }
    events.push({
      type: (only(event, 'type') as string).replace('TYPE_', ''),
      time: (only(packet, 'timestamp') ?? 0n) as bigint,
      track: trackName(track),
      name: names.event_names.get(only(event, 'name_iid')),
      category: names.event_categories.get(only(event, 'category_iids')),
      args,
      counter: only(event, 'counter_value') ?? only(event, 'double_counter_value'),
    });
  }
  return { clock, tracks, events };
}

/** `pid/tid`, or the track's own name. */
function trackName(track: Message): string {
  const [thread] = track['thread'] ?? [];
  if (typeof thread !== 'object') return String(track['name']?.[0]);
  return `${thread['pid']}/${thread['tid']}`;
}

/** Of a pointer `{ pointer }`. */
function valueOfAnnotation(annotation: Message): unknown {
  const { array_values: elements, pointer_value: pointer, name_iid: _, ...rest } = annotation;
  if (elements !== undefined) return (elements as Message[]).map(valueOfAnnotation);
  if (pointer !== undefined) return { pointer: pointer[0] };
  const values = Object.values(rest);
  return values.length === 0 ? [] : values[0]![0];
}

/** A slice, or something that has no duration. */
export interface Shown {
  readonly name: string;
  readonly track: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Slices by Perfetto's rule: in time order, at one time in that of the file, an END closes the innermost of its track. */
export function slicesOf({ events }: Drawn): readonly Shown[] {
  const open = new Map<string, DrawnEvent[]>();
  const slices: Shown[] = [];
  const inOrder = [...events].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  for (const event of inOrder) {
    const stack = open.get(event.track) ?? [];
    open.set(event.track, stack);
    if (event.type === 'SLICE_BEGIN') stack.push(event);
    if (event.type !== 'SLICE_END') continue;
    const begin = stack.pop();
    if (begin === undefined) throw new Error(`an end without a beginning on ${event.track}`);
    const args = { ...begin.args, ...event.args };
    slices.push({ name: begin.name!, track: event.track, start: begin.time, end: event.time, args });
  }
  for (const stack of open.values()) if (stack.length > 0) throw new Error('a slice without an end');
  return slices;
}
