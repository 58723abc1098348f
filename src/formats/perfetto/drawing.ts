import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { decodeByteString, type TracedEvent } from '../../records/index.js';
import type {
  Call,
  CallEnd,
  Moment,
  TimelineArgument,
  TimelineCounter,
  TimelineSink,
} from '../timeline/sink.js';
import type { TimelineThread } from '../timeline/thread.js';
import { writeAnnotation } from './annotation.js';
import {
  Clock,
  ClockSnapshot,
  EventType,
  PacketDefaults,
  ProcessDescriptor,
  SequenceFlag,
  ThreadDescriptor,
  Trace,
  TracePacket,
  TrackDescriptor,
  TrackEvent,
} from './fields.js';
import { InternedNames } from './interned.js';

/** All packets are of one sequence. */
const SEQUENCE = 1;
/** Clocks of the ring buffer that Perfetto knows, with its numbers for them. Times of others are handed on as they are. */
const CLOCKS = new Map([
  ['mono', 3],
  ['mono_raw', 5],
  ['boot', 6],
]);

interface Names {
  readonly event: string;
  readonly category: string;
}

/** Draws a timeline as packets of a Perfetto trace. */
export class PerfettoDrawing implements TimelineSink {
  readonly #out = new BinaryWriter();
  readonly #names = new InternedNames();
  readonly #clockName: string | undefined;
  readonly #threads = new Map<TimelineThread, number>();
  readonly #processes = new Map<number, number>();
  readonly #counters = new Map<TimelineCounter, number>();
  readonly #losing = new Map<number, number>();
  readonly #events = new Map<TracedEvent, Names>();
  #tracks = 0;

  constructor(clockName: string | undefined) {
    this.#clockName = clockName;
  }

  take(): Uint8Array {
    return this.#out.finish();
  }

  start(time: bigint): void {
    const out = this.#out;
    const clock = CLOCKS.get(this.#clockName ?? '');
    this.#packet(undefined, SequenceFlag.stateCleared, () => {
      if (clock === undefined) return;
      out.uint32(TracePacket.clockSnapshot).fork();
      out.uint32(ClockSnapshot.clocks).fork();
      out.uint32(Clock.id).uint32(clock).uint32(Clock.timestamp).uint64(time);
      out.join();
      out.uint32(ClockSnapshot.primaryTraceClock).uint32(clock);
      out.join();
      out.uint32(TracePacket.defaults).fork();
      out.uint32(PacketDefaults.timestampClockId).uint32(clock);
      out.join();
    });
    const about = this.#namedTrack('btfprobe');
    this.#event(EventType.instant, about, time, () => {
      out.uint32(TrackEvent.nameIid).uint32(this.#names.events.of('trace'));
      this.#annotations([{ name: 'clock', value: this.#clockName ?? 'unknown' }]);
    });
  }

  thread(thread: TimelineThread): void {
    const known = this.#threads.get(thread);
    const uuid = known ?? ++this.#tracks;
    this.#threads.set(thread, uuid);
    const { pid, tid, name, idleCpu } = thread;
    if (idleCpu !== undefined) {
      this.#describe(uuid, out => out.uint32(TrackDescriptor.name).string(name));
      return;
    }
    const process = this.#process(pid, pid === tid ? name : '');
    this.#describe(uuid, out => {
      out.uint32(TrackDescriptor.parentUuid).uint32(process);
      out.uint32(TrackDescriptor.thread).fork();
      out.uint32(ThreadDescriptor.pid).int32(pid).uint32(ThreadDescriptor.tid).int32(tid);
      if (name !== '') out.uint32(ThreadDescriptor.name).string(name);
      out.join();
    });
  }

  begin({ event, name, thread, time, args }: Call): void {
    this.#event(EventType.sliceBegin, this.#trackOf(thread), time, () => {
      this.#name(name, this.#namesOf(event).category);
      this.#annotations(args);
    });
  }

  end({ thread }: Call, { time, args }: CallEnd): void {
    this.#event(EventType.sliceEnd, this.#trackOf(thread), time, () => this.#annotations(args));
  }

  instant({ event, thread, time, args }: Moment): void {
    this.#event(EventType.instant, this.#trackOf(thread), time, () => {
      const names = this.#namesOf(event);
      this.#name(names.event, names.category);
      this.#annotations(args);
    });
  }

  counter(counter: TimelineCounter, time: bigint, value: number | bigint): void {
    let track = this.#counters.get(counter);
    if (track === undefined) {
      track = ++this.#tracks;
      this.#counters.set(counter, track);
      this.#describe(track, out => {
        out.uint32(TrackDescriptor.name).string(counter.name);
        out.uint32(TrackDescriptor.counter).fork().join();
      });
    }
    this.#event(EventType.counter, track, time, () => {
      const number = BigInt(value);
      // The exact field is signed.
      if (BigInt.asIntN(64, number) === number) this.#out.uint32(TrackEvent.counterValue).int64(number);
      else this.#out.uint32(TrackEvent.doubleCounterValue).double(Number(value));
    });
  }

  lost(cpu: number, count: number | undefined, time: bigint): void {
    let track = this.#losing.get(cpu);
    if (track === undefined) {
      track = this.#namedTrack(`lost events, CPU ${cpu}`);
      this.#losing.set(cpu, track);
    }
    this.#event(EventType.instant, track, time, () => {
      this.#out.uint32(TrackEvent.nameIid).uint32(this.#names.events.of('lost events'));
      this.#annotations([{ name: 'count', value: count ?? 'unknown' }]);
    });
  }

  /** The track of a process, named when the name of its first thread is known. */
  #process(pid: number, name: string): number {
    const known = this.#processes.get(pid);
    if (known !== undefined && name === '') return known;
    const uuid = known ?? ++this.#tracks;
    this.#processes.set(pid, uuid);
    this.#describe(uuid, out => {
      out.uint32(TrackDescriptor.process).fork();
      out.uint32(ProcessDescriptor.pid).int32(pid);
      if (name !== '') out.uint32(ProcessDescriptor.name).string(name);
      out.join();
    });
    return uuid;
  }

  #namedTrack(name: string): number {
    const uuid = ++this.#tracks;
    this.#describe(uuid, out => out.uint32(TrackDescriptor.name).string(name));
    return uuid;
  }

  #describe(uuid: number, write: (out: BinaryWriter) => void): void {
    const out = this.#out;
    this.#packet(undefined, SequenceFlag.needsState, () => {
      out.uint32(TracePacket.trackDescriptor).fork();
      out.uint32(TrackDescriptor.uuid).uint32(uuid);
      write(out);
      out.join();
    });
  }

  #event(type: number, track: number, time: bigint, write: () => void): void {
    const out = this.#out;
    this.#packet(time, SequenceFlag.needsState, () => {
      out.uint32(TracePacket.trackEvent).fork();
      out.uint32(TrackEvent.type).uint32(type);
      out.uint32(TrackEvent.trackUuid).uint32(track);
      write();
      out.join();
      this.#names.write(out);
    });
  }

  #packet(time: bigint | undefined, flags: number, write: () => void): void {
    const out = this.#out;
    out.uint32(Trace.packet).fork();
    if (time !== undefined) out.uint32(TracePacket.timestamp).uint64(time);
    out.uint32(TracePacket.sequenceId).uint32(SEQUENCE);
    out.uint32(TracePacket.sequenceFlags).uint32(flags);
    write();
    out.join();
  }

  #name(name: string, category: string): void {
    this.#out.uint32(TrackEvent.nameIid).uint32(this.#names.events.of(name));
    this.#out.uint32(TrackEvent.categoryIid).uint32(this.#names.categories.of(category));
  }

  #annotations(args: readonly TimelineArgument[]): void {
    for (const { name, value } of args) {
      // Perfetto has no such value; `NAME.state` says why there is none.
      if (value === null) continue;
      this.#out.uint32(TrackEvent.annotation).fork();
      writeAnnotation(this.#out, this.#names.annotations.of(name), value);
      this.#out.join();
    }
  }

  #trackOf(thread: TimelineThread): number {
    return this.#threads.get(thread) ?? 0;
  }

  #namesOf(event: TracedEvent): Names {
    let names = this.#events.get(event);
    if (names === undefined) {
      names = { event: decodeByteString(event.name).text, category: decodeByteString(event.group).text };
      this.#events.set(event, names);
    }
    return names;
  }
}
