import { fromByteString } from '../../language/index.js';
import {
  type LostEvents,
  PageRecord,
  type RecordBatch,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
} from '../../records/index.js';
import type { ValuesStyle } from '../json-lines.js';
import { ArgumentReader } from './arguments.js';
import { CallSites } from './call-sites.js';
import { Calls } from './calls.js';
import type { Moment, TimelineArgument, TimelineCounter, TimelineSink } from './sink.js';
import { Threads } from './thread.js';

/** What a timeline needs beside the records. */
export interface TimelineOptions {
  readonly symbols: SymbolNames;
  /** The events whose records may come. */
  readonly events: Iterable<TracedEvent>;
  /** Byte order of the traced machine, default little endian. */
  readonly littleEndian?: boolean;
  /** `rich` (default): an argument `NAME.typed` says what a value means that has a type, and numbers are right. */
  readonly values?: ValuesStyle;
  /** Fields whose numbers are drawn over time, by event. */
  readonly counters?: ReadonlyMap<TracedEvent, readonly string[]>;
  /** The process of a thread; without it each thread is a process of its own. */
  readonly processOf?: (tid: number) => number | undefined;
  /** The clock that times are of, as tracefs names it: `mono`, `boot`, `mono_raw`, `local`. `undefined`: not known. */
  readonly clockName?: string;
}

/**
 * Makes a timeline of records: an entry and a return of one function in one thread become a call, all else stands alone.
 * What it holds grows with the threads, functions and open calls, not with the records.
 */
export class Timeline {
  readonly #sink: TimelineSink;
  readonly #args: ArgumentReader;
  readonly #sites: CallSites;
  readonly #calls: Calls;
  readonly #threads: Threads;
  readonly #counters: ReadonlyMap<TracedEvent, ReadonlyMap<string, TimelineCounter>>;
  /** What was lost before the next record. */
  readonly #lost: LostEvents[] = [];
  #last: bigint | undefined;

  constructor(options: TimelineOptions, sink: TimelineSink) {
    const { symbols, littleEndian = true, values = 'rich', processOf = () => undefined } = options;
    this.#sink = sink;
    this.#args = new ArgumentReader({ symbols, littleEndian, rich: values === 'rich' });
    this.#sites = new CallSites(options.events, symbols, littleEndian);
    this.#calls = new Calls(sink);
    this.#threads = new Threads(processOf, thread => sink.thread(thread));
    this.#counters = new Map(
      [...(options.counters ?? [])].map(([event, fields]) => [
        event,
        new Map(fields.map(field => [fromByteString(field), counterOf(event, field)])),
      ]),
    );
  }

  batch({ records, lost }: RecordBatch): void {
    for (const one of lost) this.lost(one);
    for (const record of records) this.record(record);
  }

  /** Tells that a CPU lost events: before the next record. */
  lost(lost: LostEvents): void {
    this.#lost.push(lost);
  }

  record(traceRecord: TraceRecord): void {
    const record = PageRecord.of(traceRecord);
    const { event, cpu, time } = record;
    this.#start(time);
    if (this.#lost.length > 0) this.#drawLost(time);
    const thread = this.#threads.of(record.pid, record.comm, cpu);
    const args = this.#args.read(record);
    const moment: Moment = { event, thread, cpu, time, args };
    const counters = this.#counters.get(event);
    if (counters !== undefined) this.#count(counters, args, time);
    const site = this.#sites.of(record);
    if (site === undefined) this.#sink.instant(moment);
    else if (site.kind === 'entry') this.#calls.enter(thread, site, moment);
    else this.#calls.leave(thread, site, moment);
    this.#last = time;
  }

  /** Ends the calls that are still open. */
  finish(): void {
    const end = this.#last ?? this.#start(0n);
    this.#drawLost(end);
    this.#calls.finish(this.#threads, end);
  }

  #start(time: bigint): bigint {
    if (this.#last === undefined) this.#sink.start(time);
    this.#last ??= time;
    return this.#last;
  }

  #drawLost(time: bigint): void {
    for (const { cpu, count } of this.#lost) {
      this.#sink.lost(cpu, count, time);
      this.#calls.lose();
    }
    this.#lost.length = 0;
  }

  #count(
    counters: ReadonlyMap<string, TimelineCounter>,
    args: readonly TimelineArgument[],
    time: bigint,
  ): void {
    for (const { name, value } of args) {
      const counter = counters.get(name);
      const number =
        typeof value === 'object' && value !== null && 'pointer' in value ? value.pointer : value;
      if (counter !== undefined && (typeof number === 'number' || typeof number === 'bigint')) {
        this.#sink.counter(counter, time, number);
      }
    }
  }
}

function counterOf(event: TracedEvent, field: string): TimelineCounter {
  return { name: fromByteString(`${event.name}.${field}`) };
}
