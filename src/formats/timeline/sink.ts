import type { TracedEvent } from '../../records/index.js';
import type { TimelineThread } from './thread.js';

/** A number that is read in hexadecimal, or an address with the symbol that covers it. */
export interface Pointer {
  readonly pointer: bigint;
  /** `name+0x...`. */
  readonly symbol: string | undefined;
}

/** `null` is a value that could not be read. */
export type TimelineValue = number | bigint | string | boolean | null | Pointer | readonly TimelineValue[];

/** An argument as it stands on a timeline. */
export interface TimelineArgument {
  readonly name: string;
  readonly value: TimelineValue;
}

/** What happened at one point in time. */
export interface Moment {
  readonly event: TracedEvent;
  readonly thread: TimelineThread;
  readonly cpu: number;
  /** As in `TraceRecord`. */
  readonly time: bigint;
  readonly args: readonly TimelineArgument[];
}

/** A call of a function: how it began, and its name. */
export interface Call extends Moment {
  readonly name: string;
}

/** How a call ended. */
export interface CallEnd {
  readonly time: bigint;
  /** The names differ from those of the call's own arguments. */
  readonly args: readonly TimelineArgument[];
}

/** A number that is drawn over time. */
export interface TimelineCounter {
  /** `event.argument`. */
  readonly name: string;
}

/** Draws a timeline. Calls of one thread nest; apart from the beginnings of calls all comes in time order. */
export interface TimelineSink {
  /** Called before anything else, with the time of the first record. */
  start(time: bigint): void;
  /** A thread that is new, or has another name now. */
  thread(thread: TimelineThread): void;
  /** A call begins. It may have begun earlier, where only its end tells that it was one. */
  begin(call: Call): void;
  /** The innermost call of its thread ends. */
  end(call: Call, end: CallEnd): void;
  /** Something without a duration. */
  instant(moment: Moment): void;
  counter(counter: TimelineCounter, time: bigint, value: number | bigint): void;
  /** A CPU lost events before this time; `undefined` count: nobody knows how many. */
  lost(cpu: number, count: number | undefined, time: bigint): void;
}
