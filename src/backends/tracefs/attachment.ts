import {
  type CpuStats,
  type ErrorLogEntry,
  isHostError,
  parseErrorLog,
  type RawPipe,
  type Tracefs,
  type TracefsInstance,
} from '../../host/index.js';

/** An event that exists in the kernel, by the names the kernel knows it by. */
export interface KernelEvent {
  readonly group: string;
  readonly name: string;
}

/** One CPU's raw pages. */
export interface CpuPipe {
  readonly cpu: number;
  readonly pipe: RawPipe;
}

/**
 * Everything of one run that exists in the kernel, and how it is taken down (spec 14, "Order of work"). What is made is
 * noted before the next thing is tried, so that `takeDown` undoes any part of a start. All synchronous: it also runs
 * while the process exits.
 */
export class Attachment {
  readonly tracefs: Tracefs;
  #instance: TracefsInstance | undefined;
  #pipes: CpuPipe[] = [];
  #defined: KernelEvent[] = [];
  #enabled: KernelEvent[] = [];
  #helpers: TracefsInstance[] = [];
  #stats: ReadonlyMap<number, CpuStats> = new Map();
  #missed: ReadonlyMap<string, number> = new Map();

  constructor(tracefs: Tracefs) {
    this.tracefs = tracefs;
  }

  /** The instance; throws before `makeInstance` and after `takeDown`. */
  get instance(): TracefsInstance {
    if (this.#instance === undefined) throw new Error('the instance does not exist');
    return this.#instance;
  }

  get pipes(): readonly CpuPipe[] {
    return this.#pipes;
  }

  /** True while anything of the run exists. */
  get exists(): boolean {
    return this.#instance !== undefined || this.#defined.length > 0 || this.#helpers.length > 0;
  }

  /** Makes the instance, not recording. `exists` when the name is taken. */
  makeInstance(name: string): TracefsInstance {
    this.#instance = this.tracefs.createInstance(name);
    this.#instance.setRecording(false);
    return this.#instance;
  }

  /** Opens every CPU's pages. While they are open nobody can remove the instance: that tells others that the run lives. */
  openPipes(): void {
    for (const cpu of this.instance.cpus()) this.#pipes.push({ cpu, pipe: this.instance.openRaw(cpu) });
  }

  /** Notes a definition that the kernel takes. Several may share one event: true for the first. */
  noteDefined(event: KernelEvent): boolean {
    if (this.#defined.some(one => isSameEvent(one, event))) return false;
    this.#defined.push(event);
    return true;
  }

  /** The kernel did not take it after all. */
  forgetDefined(event: KernelEvent): void {
    this.#defined = this.#defined.filter(one => !isSameEvent(one, event));
  }

  /** Lets only hits through that pass; the instance's filters go with it. */
  filter({ group, name }: KernelEvent, text: string): void {
    this.instance.write(`events/${group}/${name}/filter`, text);
  }

  /** What the kernel last said against a filter of this run; `undefined` where it logs nothing. */
  lastRefusal(): ErrorLogEntry | undefined {
    try {
      return parseErrorLog(this.instance.read('error_log')).at(-1);
    } catch (error) {
      if (isHostError(error, 'not-found')) return undefined;
      throw error;
    }
  }

  enable(event: KernelEvent): void {
    this.#enabled.push(event);
    this.instance.setEnabled(event.group, event.name, true);
  }

  /**
   * Enables the trace event of a tracepoint in instances of its own that record nothing: with two listeners there the
   * kernel calls the tracepoint's iterator for each hit (docs/lowering.md).
   */
  keepBusy(event: KernelEvent, instances: readonly string[]): void {
    for (const name of instances) {
      if (!this.#helpers.some(helper => helper.name === name)) this.#makeHelper(name);
    }
    for (const helper of this.#helpers) helper.setEnabled(event.group, event.name, true);
  }

  #makeHelper(name: string): void {
    const helper = this.tracefs.createInstance(name);
    this.#helpers.push(helper);
    helper.setRecording(false);
    // As little as the kernel gives.
    helper.write('buffer_size_kb', '1');
  }

  /** Stops recording; what was recorded stays readable. */
  stopRecording(): void {
    this.#instance?.setRecording(false);
  }

  /** What each CPU counted: now while it records, afterwards what it was at the end. Throws a `HostError`. */
  stats(): ReadonlyMap<number, CpuStats> {
    const instance = this.#instance;
    // The pipes go before the instance, which may refuse to go: then the counts of the end stay.
    if (instance !== undefined && this.#pipes.length > 0) {
      this.#stats = new Map(this.#pipes.map(({ cpu }) => [cpu, instance.stats(cpu)]));
    }
    return this.#stats;
  }

  /** Hits that events of ours missed, by `group/name` as the kernel knows them: now, or what it was at the end. */
  missed(): ReadonlyMap<string, number> {
    if (this.#defined.length > 0) this.#missed = this.tracefs.missedHits();
    return this.#missed;
  }

  /**
   * Undoes everything, going on after failures. Returns the failures: what they name is still there. May be called
   * again, then tries what is left.
   */
  takeDown(): Error[] {
    const failures: Error[] = [];
    const attempt = (work: () => void): boolean => {
      try {
        work();
        return true;
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
        return false;
      }
    };
    const instance = this.#instance;
    if (instance !== undefined) {
      attempt(() => instance.setRecording(false));
      for (const event of this.#enabled) attempt(() => disable(instance, event));
      this.#enabled = [];
      attempt(() => this.stats());
      attempt(() => this.missed());
    }
    // The kernel disables what is enabled in an instance that goes.
    this.#helpers = this.#helpers.filter(helper => !attempt(() => helper.remove()));
    for (const { pipe } of this.#pipes) attempt(() => pipe.close());
    this.#pipes = [];
    // Before the events: where one that goes was ever enabled, the kernel empties the buffers, and waits for its processors again and again.
    if (instance !== undefined && attempt(() => instance.remove())) this.#instance = undefined;
    this.#defined = this.#defined
      .reverse()
      .filter(event => !attempt(() => deleteEvent(this.tracefs, event)))
      .reverse();
    return failures;
  }
}

/**
 * Deletes an event of ours. Where somebody enabled it in an instance of his own the kernel refuses: it is then
 * disabled everywhere first (spec 14 R14-25).
 */
export function deleteEvent(tracefs: Tracefs, event: KernelEvent): void {
  try {
    tracefs.undefine(event.group, event.name);
  } catch (error) {
    if (!isHostError(error, 'busy')) throw error;
    for (const name of ['', ...tracefs.listInstances()]) disable(tracefs.instance(name), event);
    tracefs.undefine(event.group, event.name);
  }
}

/** Disables an event in an instance; one that is gone is as good as disabled. */
function disable(instance: TracefsInstance, event: KernelEvent): void {
  try {
    instance.setEnabled(event.group, event.name, false);
  } catch (error) {
    if (!isHostError(error, 'not-found')) throw error;
  }
}

function isSameEvent(left: KernelEvent, right: KernelEvent): boolean {
  return left.group === right.group && left.name === right.name;
}
