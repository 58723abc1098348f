import {
  findTracefs,
  HostError,
  isHostError,
  mountTracefsHint,
  ProcessNames,
  Tracefs,
  type TracefsInstance,
} from '../../host/index.js';
import { eventFieldTypes, type Kernel, parseFormat } from '../../kernel/index.js';
import type { LoweredForm } from '../../language/index.js';
import {
  bytesOf,
  checkHeaderEvent,
  type PageFormat,
  parseHeaderPage,
  parsePrintkFormats,
  type TracedEvent,
} from '../../records/index.js';
import { refuseAborted } from '../abort.js';
import { BackendError } from '../error.js';
import { filterFor } from '../filter.js';
import { checkRequest, defaultPollMs } from '../options.js';
import type { Backend, TraceOptions, TraceSession, TraceTarget } from '../session.js';
import { nextTurn } from '../turn.js';
import { Attachment, type KernelEvent } from './attachment.js';
import { CommandNames } from './command-names.js';
import { Definer, type Made } from './definer.js';
import { protectAtExit, unprotect } from './emergency.js';
import { cleanLeftovers } from './leftovers.js';
import { meanwhile } from './meanwhile.js';
import { instanceName, newRun } from './names.js';
import { TracefsSession } from './session.js';
import { ThreadProcesses } from './thread-processes.js';
import { filterRefused } from './verdict.js';

/** How to reach the kernel's tracefs. */
export interface TracefsBackendOptions {
  /** An open tracefs, or where one is mounted; default: where this machine has it. */
  readonly tracefs?: Tracefs | string;
  /**
   * Lines are lowered to what the kernel takes (docs/lowering.md): `newest` where they must be, `plain` all, to kprobes
   * and byte offsets. Records are read with the original's names, types and print format. Default: lines are written as
   * they are.
   */
  readonly lowered?: LoweredForm;
  /**
   * `false`: of what is refused no more is told than that, and a line that is refused here is not put to the kernel. For
   * whoever asks again then. Default `true`.
   */
  readonly explains?: boolean;
}

/** Times of this clock are those of eBPF and of `process.hrtime` (spec 11 R11-42). */
const CLOCK = 'mono';

/**
 * Traces with the kernel's own probe events: definitions are written to `dynamic_events` under a group of ours,
 * recorded in an instance of ours, read as raw pages (spec 14). A definition is judged by us and by the kernel; when
 * either refuses, `open` rejects with a `BackendError` that carries both verdicts, and nothing is left attached.
 *
 * What is attached is taken down when the session is disposed and when the process exits, by an uncaught exception too.
 * A signal that ends a process without its `exit` event does not: whoever wants that handles the signal, by aborting
 * `TraceOptions.signal` for instance. What a killed process left goes with the next `open` (spec 14 R14-28).
 */
export function tracefsBackend(options: TracefsBackendOptions = {}): Backend {
  return {
    name: backendName(options),
    async open(kernel, targets, traceOptions = {}) {
      const tracefs = openTracefs(options.tracefs);
      wrapped(() => cleanLeftovers(tracefs));
      return new Opening(tracefs, kernel, options, traceOptions).open(targets);
    },
  };
}

function backendName({ lowered }: TracefsBackendOptions): string {
  return lowered === undefined ? 'tracefs' : 'lowered';
}

function openTracefs(given: Tracefs | string | undefined): Tracefs {
  if (given instanceof Tracefs) return given;
  const mount = given ?? findTracefs();
  if (mount === undefined) {
    throw new BackendError('system', 'tracefs is not mounted', { hints: [mountTracefsHint] });
  }
  return wrapped(() => Tracefs.open(mount));
}

/** One start of a session: what it has made is taken down when a step fails. */
class Opening {
  readonly #tracefs: Tracefs;
  readonly #kernel: Kernel;
  readonly #backend: TracefsBackendOptions;
  readonly #options: TraceOptions;
  readonly #traced = new Map<string, Made>();
  readonly #attachment: Attachment;
  #run = newRun();

  constructor(tracefs: Tracefs, kernel: Kernel, backend: TracefsBackendOptions, options: TraceOptions) {
    this.#tracefs = tracefs;
    this.#kernel = kernel;
    this.#backend = backend;
    this.#options = options;
    this.#attachment = new Attachment(tracefs);
  }

  async open(targets: readonly TraceTarget[]): Promise<TraceSession> {
    checkRequest(targets, this.#options);
    protectAtExit(this.#attachment);
    try {
      return await this.#attach(targets);
    } catch (error) {
      const left = this.#attachment.takeDown();
      if (!this.#attachment.exists) unprotect(this.#attachment);
      const told = asBackendError(error);
      throw told instanceof BackendError && left.length > 0 ? told.withHints(leftHints(left), true) : told;
    }
  }

  /** The order is that of spec 14; only the pipes are opened first, as they mark the instance as in use. */
  async #attach(targets: readonly TraceTarget[]): Promise<TraceSession> {
    const instance = this.#makeInstance();
    using definer = new Definer(this.#kernel, this.#attachment, this.#run, this.#backend);
    await this.#setUp(instance, () => this.#foresee(definer, targets));
    this.#attachment.openPipes();
    const pageFormat = this.#readPageFormat(instance);
    for (const target of targets) {
      await this.#turn();
      const { kernelEvent, event } =
        'event' in target ? this.#follow(target.event) : await definer.define(target.definition);
      const key = `${kernelEvent.group}/${kernelEvent.name}`;
      // A second definition of one event appends a place to it: the records are the same event's.
      if (!this.#traced.has(key)) this.#traced.set(key, { kernelEvent, event });
    }
    for (const { event } of this.#traced.values()) filterFor(this.#options.filter, event, this.#kernel);
    for (const { kernelEvent, event } of this.#traced.values()) {
      await this.#turn();
      this.#enable(kernelEvent, event);
    }
    instance.setRecording(true);
    return new TracefsSession({
      backend: backendName(this.#backend),
      kernel: this.#kernel,
      attachment: this.#attachment,
      events: [...this.#traced.values()],
      stringAt: kernelStrings(this.#tracefs),
      pageFormat,
      names: new CommandNames(this.#tracefs, new ProcessNames()),
      processes: this.#options.processes === true ? new ThreadProcesses(this.#tracefs) : undefined,
      pollInterval: this.#options.pollIntervalMs ?? defaultPollMs,
      signal: this.#options.signal,
    });
  }

  /** Each step may take the kernel a while: others get their turn between them. */
  async #turn(): Promise<void> {
    await nextTurn();
    refuseAborted(this.#options.signal);
  }

  /** A run of another thread of this process may have taken the number: then the next one is tried. */
  #makeInstance(): TracefsInstance {
    for (;;) {
      try {
        return this.#attachment.makeInstance(instanceName(this.#run));
      } catch (error) {
        if (!isHostError(error, 'exists')) throw error;
        this.#run = newRun();
      }
    }
  }

  /** `prepare` is called while the kernel is at work. */
  async #setUp(instance: TracefsInstance, prepare: () => void): Promise<void> {
    if (!instance.clocks().includes(CLOCK)) {
      throw new BackendError('unsupported', `this kernel's trace buffers lack the clock ${CLOCK}`);
    }
    // The kernel waits for its own processors before it is done with that.
    await meanwhile(instance.writeMeanwhile('trace_clock', CLOCK), prepare);
    writeIfThere(instance, 'buffer_percent', '0');
    writeIfThere(instance, 'options/record-cmd', '1');
    const { bufferSizeKb, processes } = this.#options;
    if (processes === true) writeIfThere(instance, 'options/record-tgid', '1');
    if (bufferSizeKb !== undefined) instance.write('buffer_size_kb', `${bufferSizeKb}`);
  }

  /** Types are read in any case, and the first line is judged before anything else is asked of the kernel. */
  #foresee(definer: Definer, [first]: readonly TraceTarget[]): void {
    if (this.#kernel.types === undefined || first === undefined || !('definition' in first)) return;
    definer.foresee(first.definition);
  }

  #readPageFormat(instance: TracefsInstance): PageFormat {
    checkHeaderEvent(this.#tracefs.files.read('events/header_event'));
    return parseHeaderPage(instance.read('events/header_page'), this.#kernel.types?.littleEndian);
  }

  /** An event that exists: followed in our instance, never deleted. */
  #follow({ group, name }: KernelEvent): Made {
    const label = `${group}:${name}`;
    const format = isFileName(group) && isFileName(name) ? this.#tracefs.readFormat(group, name) : undefined;
    if (format === undefined) {
      throw new BackendError('event', `there is no event ${label}`, {
        definition: label,
        hints: [`events that exist: ${this.#tracefs.files.mount}/available_events`],
      });
    }
    const layout = parseFormat(format, group);
    const types = eventFieldTypes(layout, this.#kernel.types);
    return { kernelEvent: { group, name }, event: { group, name, definition: undefined, layout, types } };
  }

  #enable(kernelEvent: KernelEvent, event: TracedEvent): void {
    const { filter } = this.#options;
    if (filter !== undefined) this.#setFilter(kernelEvent, event, filter);
    try {
      this.#attachment.enable(kernelEvent);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      throw new BackendError(
        'attach',
        `the kernel cannot enable ${event.group}:${event.name}: ${error.errno ?? error.message}`,
        { definition: event.definition ?? `${event.group}:${event.name}`, cause: error, hints: error.hints },
      );
    }
  }

  /** We accept it, the kernel need not. */
  #setFilter(kernelEvent: KernelEvent, event: TracedEvent, filter: string): void {
    try {
      this.#attachment.filter(kernelEvent, filter);
    } catch (error) {
      if (!isHostError(error, 'refused') || error.errno === undefined) throw error;
      throw filterRefused(event, filter, error.errno, this.#attachment.lastRefusal());
    }
  }
}

function writeIfThere(instance: TracefsInstance, file: string, text: string): void {
  try {
    instance.write(file, text);
  } catch (error) {
    if (!isHostError(error, 'not-found')) throw error;
  }
}

function isFileName(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && !text.includes('/') && !text.includes('\0');
}

/** What stays behind a failed start, for the hints of its error. */
function leftHints(failures: readonly Error[]): string[] {
  return [
    ...failures.map(({ message }) => `could not be undone: ${message}`),
    'it is tried again when this process ends, and by the next run or btfprobe clean',
  ];
}

function wrapped<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asBackendError(error);
  }
}

/** Failures of the system in the terms of a backend; others as they are. */
function asBackendError(error: unknown): unknown {
  if (!(error instanceof HostError)) return error;
  return new BackendError('system', error.message, { cause: error, hints: error.hints });
}

/** Texts that the kernel lists with their addresses, read when first asked for. */
function kernelStrings(tracefs: Tracefs): (address: bigint) => string | undefined {
  let strings: ReadonlyMap<bigint, string> | undefined;
  return address => {
    strings ??= readStrings(tracefs);
    return strings.get(address);
  };
}

/** Where they cannot be read, addresses stay addresses. */
function readStrings(tracefs: Tracefs): ReadonlyMap<bigint, string> {
  try {
    return parsePrintkFormats(bytesOf(tracefs.files.read('printk_formats')));
  } catch (error) {
    if (error instanceof HostError) return new Map();
    throw error;
  }
}
