import type { CallSite, Pairing } from './call-sites.js';
import type { CallEnd, Moment, TimelineArgument, TimelineSink } from './sink.js';
import type { ThreadState } from './thread.js';

/** A call that has not ended. */
export interface OpenCall extends Moment {
  readonly name: string;
  readonly thread: ThreadState;
  readonly function: FunctionState;
  /** Has the sink been told? Not before it is sure that it is a call. */
  begun: boolean;
  /** How often events had been lost when it began. */
  readonly losses: number;
}

interface FunctionState {
  pairing: Pairing;
  /** The first event that entered it: others stand alone. */
  entry: string | undefined;
  exit: string | undefined;
  /** Entries of which it is not known whether they have a return. */
  waiting: OpenCall[];
}

/** So many entries without a return, and a function is taken for one whose returns are not recorded. */
const MOST_WAITING = 64;
/** A kernel stack has no room for more calls: the ends of the others were lost. */
const MOST_OPEN = 512;

/** Pairs entries with returns, thread by thread. */
export class Calls {
  readonly #sink: TimelineSink;
  readonly #functions = new Map<string, FunctionState>();
  #losses = 0;

  constructor(sink: TimelineSink) {
    this.#sink = sink;
  }

  enter(thread: ThreadState, site: CallSite, moment: Moment): void {
    const state = this.#stateOf(site);
    const id = eventId(moment);
    state.entry ??= id;
    if (state.pairing === 'never' || state.entry !== id) {
      this.#sink.instant(moment);
      return;
    }
    const { event, cpu, time, args } = moment;
    // Written out: what V8 makes of a spread moment stays until the next full collection, tens of megabytes.
    const call: OpenCall = {
      event,
      thread,
      cpu,
      time,
      args,
      name: site.name,
      function: state,
      begun: false,
      losses: this.#losses,
    };
    if (thread.calls.length >= MOST_OPEN) this.#abandon(thread, 0, moment.time);
    thread.calls.push(call);
    if (state.pairing === 'paired') {
      this.#begin(call);
      return;
    }
    state.waiting.push(call);
    if (state.waiting.length <= MOST_WAITING) return;
    state.pairing = 'never';
    for (const waiting of state.waiting.splice(0)) {
      this.#sink.instant(waiting);
      const { calls } = waiting.thread;
      calls.splice(calls.lastIndexOf(waiting), 1);
    }
  }

  leave(thread: ThreadState, site: CallSite, moment: Moment): void {
    const state = this.#stateOf(site);
    const event = eventId(moment);
    state.exit ??= event;
    if (state.exit !== event) {
      this.#sink.instant(moment);
      return;
    }
    state.pairing = 'paired';
    for (const waiting of state.waiting.splice(0)) this.#begin(waiting);
    const index = thread.calls.findLastIndex(call => call.function === state);
    const call = thread.calls[index];
    if (call === undefined) {
      this.#sink.instant({ ...moment, args: [...moment.args, { name: 'return only', value: true }] });
      return;
    }
    this.#abandon(thread, index + 1, moment.time);
    thread.calls.length = index;
    this.#end(call, moment.time, moment.args);
  }

  /** Marks the calls that are open: events were lost. */
  lose(): void {
    this.#losses++;
  }

  /** Ends all calls. */
  finish(threads: Iterable<ThreadState>, time: bigint): void {
    for (const thread of threads) this.#abandon(thread, 0, time);
  }

  /** Ends the calls from `index` on, the innermost first: how they ended is not known. */
  #abandon(thread: ThreadState, index: number, time: bigint): void {
    while (thread.calls.length > index) {
      const call = thread.calls.pop()!;
      if (call.begun) {
        this.#end(call, time, [{ name: 'unfinished', value: true }]);
      } else {
        call.function.waiting = call.function.waiting.filter(other => other !== call);
        this.#sink.instant(call);
      }
    }
  }

  #begin(call: OpenCall): void {
    call.begun = true;
    this.#sink.begin(call);
  }

  #end(call: OpenCall, time: bigint, args: readonly TimelineArgument[]): void {
    const taken = new Set(call.args.map(({ name }) => name));
    const end: CallEnd = {
      time,
      args: [...args, ...(call.losses < this.#losses ? [{ name: 'lost', value: true }] : [])].map(argument =>
        taken.has(argument.name) ? { ...argument, name: `${argument.name} (return)` } : argument,
      ),
    };
    this.#sink.end(call, end);
  }

  #stateOf({ key, pairing }: CallSite): FunctionState {
    let state = this.#functions.get(key);
    if (state === undefined) {
      state = { pairing, entry: undefined, exit: undefined, waiting: [] };
      this.#functions.set(key, state);
    }
    return state;
  }
}

function eventId({ event: { group, name } }: Moment): string {
  return `${group}/${name}`;
}
