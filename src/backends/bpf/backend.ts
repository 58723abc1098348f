import {
  AttachType,
  createMap,
  type Descriptor,
  MapType,
  ProgramType,
  possibleProcessors,
  requireSystemCalls,
  SysError,
} from '../../host/sys/index.js';
import type { Kernel } from '../../kernel/index.js';
import { argumentTypes, looseLimits, type ProbeEvent, ProbeEvents, withHints } from '../../language/index.js';
import { linkSymbols, symbolText } from '../../program/index.js';
import type { TracedEvent } from '../../records/index.js';
import { refuseAborted } from '../abort.js';
import { BackendError } from '../error.js';
import { filterFor } from '../filter.js';
import { checkRequest, defaultBufferKb, defaultPollMs } from '../options.js';
import type { Backend, TraceOptions, TraceSession, TraceTarget } from '../session.js';
import { nextTurn } from '../turn.js';
import { type BpfPlace, bpfAbility } from './ability.js';
import { BpfAttachment } from './attachment.js';
import { bpfFacts } from './facts.js';
import { RecordFinisher } from './finisher.js';
import type { GeneratedProgram } from './generate.js';
import { load, permissionError } from './load.js';
import { lossBytes } from './own-memory.js';
import { describePlace, placeAddress } from './place.js';
import { planProgram } from './plan.js';
import { RingBuffer, ringSize } from './ring.js';
import { BpfSession, type RunningProgram } from './session.js';
import { bpfView } from './view.js';

/** How eBPF sessions are made. */
export interface BpfBackendOptions {
  /** Bytes of the ring buffer, rounded up to a power of two; default: `bufferSizeKb` for each processor, 64 MiB at most. */
  readonly ringBytes?: number;
}

const LARGEST_RING = 64 << 20;
/** A record made apart gets its time before its place in the ring buffer: a program may be kept waiting in between. */
const APART_DELAY_NS = 10_000_000n;

/** Events are numbered as where no event of the kernel's own is, so that a recording can tell them apart. */
const firstId = 1 << 15;

/** One definition on its way. */
interface Prepared {
  readonly definition: string;
  readonly event: ProbeEvent;
  readonly traced: TracedEvent;
  readonly place: BpfPlace;
  readonly made: GeneratedProgram;
}

/**
 * Traces with eBPF: each definition, in the newest dialect on whatever kernel, becomes a program that we assemble
 * ourselves; records come through one ring buffer. Everything is held by descriptors of this process, so that nothing
 * is left whatever ends it. When `open` rejects, nothing is attached.
 */
export function bpfBackend(options: BpfBackendOptions = {}): Backend {
  return {
    name: 'bpf',
    async open(kernel, targets, traceOptions = {}) {
      return new Opening(kernel, options, traceOptions).open(targets);
    },
  };
}

class Opening {
  readonly #kernel: Kernel;
  readonly #view: Kernel;
  readonly #options: BpfBackendOptions;
  readonly #traceOptions: TraceOptions;
  readonly #judge: ProbeEvents;
  readonly #attachment = new BpfAttachment();
  readonly #traced = new Map<string, TracedEvent>();
  #ring: RingBuffer | undefined;

  constructor(kernel: Kernel, options: BpfBackendOptions, traceOptions: TraceOptions) {
    this.#kernel = kernel;
    this.#view = bpfView(kernel);
    this.#options = options;
    this.#traceOptions = traceOptions;
    this.#judge = new ProbeEvents(this.#view, looseLimits);
  }

  async open(targets: readonly TraceTarget[]): Promise<TraceSession> {
    checkRequest(targets, this.#traceOptions);
    try {
      const prepared = targets.map((target, index) => this.#prepare(target, index));
      requireSystemCalls();
      return await this.#attach(prepared);
    } catch (error) {
      this.#ring?.[Symbol.dispose]();
      this.#attachment[Symbol.dispose]();
      throw asBackendError(error);
    } finally {
      this.#judge[Symbol.dispose]();
    }
  }

  /** Judges a definition and makes its program; touches nothing of the system. */
  #prepare(target: TraceTarget, index: number): Prepared {
    if ('event' in target) {
      const label = `${target.event.group}:${target.event.name}`;
      throw new BackendError('unsupported', `eBPF here traces definitions, not events that exist: ${label}`, {
        definition: label,
        hints: [`a tracepoint by its arguments: 't ${target.event.name}'; or --backend tracefs`],
      });
    }
    const { definition } = target;
    const judgement = this.#judge.define(definition);
    if (!judgement.accepted) {
      const { diagnostics } = withHints(this.#view, definition, judgement);
      throw new BackendError('definition', diagnostics[0]?.message ?? judgement.errno, {
        definition,
        diagnostics,
        hints: diagnostics[0]?.hints ?? [],
      });
    }
    const event = judgement.event;
    if (event === undefined)
      throw new BackendError('unsupported', 'this line defines no event', { definition });
    const linked = this.#linked(event);
    const ability = bpfAbility(linked, this.#view, bpfFacts(this.#kernel));
    if (!ability.can) {
      throw new BackendError('unsupported', `eBPF cannot trace this: ${ability.reason}`, { definition });
    }
    const { place } = ability;
    const traced = this.#tracedEvent(event, definition);
    const filter = filterFor(this.#traceOptions.filter, traced, this.#view);
    return { definition, event: linked, traced, place, made: planProgram(linked, index, place, filter) };
  }

  /** Definitions of one event share its records. */
  #tracedEvent(event: ProbeEvent, definition: string): TracedEvent {
    const { group, name } = event;
    const key = `${group}/${name}`;
    const known = this.#traced.get(key);
    if (known !== undefined) return known;
    const layout = { ...event.layout, id: firstId + this.#traced.size };
    const traced = { group, name, definition, layout, types: argumentTypes(event) };
    this.#traced.set(key, traced);
    return traced;
  }

  #linked(event: ProbeEvent): ProbeEvent {
    const addressOf = (symbol: string) => {
      const address = this.#view.symbols.first(symbol)?.address;
      if (address !== 0n) return address;
      throw new BackendError('unsupported', `the address of ${symbol} is hidden from this process`, {
        hints: ['run it as root, or with CAP_SYSLOG'],
      });
    };
    const args = event.args.map(argument => ({
      ...argument,
      program: linkSymbols(argument.program, addressOf),
    }));
    return { ...event, args };
  }

  async #attach(prepared: readonly Prepared[]): Promise<TraceSession> {
    const maps = this.#createMaps(prepared);
    const numbers = { ring: maps.ring.map.number, own: maps.own.map.number };
    const loaded: { one: Prepared; program: Descriptor }[] = [];
    for (const one of prepared) {
      await this.#turn();
      loaded.push({ one, program: this.#attachment.keep(this.#load(one, numbers)) });
    }
    for (const { one, program } of loaded) {
      await this.#turn();
      this.#put(one, program);
    }
    const programs = loaded.map(
      ({ one, program }): RunningProgram => ({
        program,
        event: one.traced,
        lossesAt: one.made.lossesAt,
        finisher: this.#finisher(one),
      }),
    );
    return new BpfSession({
      kernel: this.#kernel,
      events: [...this.#traced.values()],
      attachment: this.#attachment,
      ring: maps.ring,
      own: maps.own,
      programs,
      delay: prepared.some(({ made }) => made.apart) ? APART_DELAY_NS : 0n,
      pollInterval: this.#traceOptions.pollIntervalMs ?? defaultPollMs,
      signal: this.#traceOptions.signal,
    });
  }

  async #turn(): Promise<void> {
    await nextTurn();
    refuseAborted(this.#traceOptions.signal);
  }

  #createMaps(prepared: readonly Prepared[]) {
    const cpus = knownProcessors();
    try {
      this.#ring = new RingBuffer(this.#ringBytes());
      const ring = this.#ring;
      const valueSize = Math.max(...prepared.map(({ made }) => made.lossesAt)) + lossBytes;
      const map = this.#attachment.keep(
        createMap({
          type: MapType.perCpuArray,
          keySize: 4,
          valueSize,
          entries: prepared.length,
          name: 'btfprobe_own',
        }),
      );
      return { ring, own: { map, valueSize, cpus } };
    } catch (error) {
      if (error instanceof SysError && error.errno === 'EPERM')
        throw permissionError('create BPF maps', error);
      throw error;
    }
  }

  #ringBytes(): number {
    const { ringBytes } = this.#options;
    if (ringBytes !== undefined) return ringSize(ringBytes);
    const kb = this.#traceOptions.bufferSizeKb ?? defaultBufferKb;
    return Math.min(ringSize(kb * 1024 * this.#kernel.possibleCpus), LARGEST_RING);
  }

  #load({ definition, event, place, made }: Prepared, maps: { ring: number; own: number }) {
    const typed = place.kind === 'fentry' || place.kind === 'fexit' || place.kind === 'tracepoint';
    return load(
      {
        made: made.instructions,
        definition,
        what: describePlace(place),
        name: event.name.replace(/\W/g, '_'),
        type: typed ? ProgramType.tracing : ProgramType.kprobe,
        attachType: attachTypes[place.kind],
        attachTo: typed ? place.id : 0,
        attachIn: typed ? this.#attachment.typesOf(place.module, definition) : 0,
      },
      maps,
    );
  }

  #put({ definition, place }: Prepared, program: Descriptor): void {
    try {
      this.#attachment.attach(program, place, this.#view);
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== 'call') throw error;
      if (error.errno === 'EPERM' || error.errno === 'EACCES')
        throw permissionError(`attach to ${describePlace(place)}`, error, definition);
      throw new BackendError(
        'attach',
        `the kernel refuses ${describePlace(place)}: ${error.message}${attachReason(error)}`,
        {
          definition,
          cause: error,
        },
      );
    }
  }

  #finisher({ traced, event, place, made }: Prepared): RecordFinisher {
    return new RecordFinisher(traced, event, made, {
      findAddress: () => placeAddress(place, this.#view),
      framed: place.kind === 'fexit',
      symbolText: address => symbolText(this.#kernel.symbols, address),
    });
  }
}

const attachTypes: Readonly<Record<BpfPlace['kind'], number>> = {
  fentry: AttachType.functionEntry,
  fexit: AttachType.functionExit,
  tracepoint: AttachType.rawTracepoint,
  kprobe: AttachType.none,
  kprobes: AttachType.none,
  'kprobe-multi': AttachType.kprobeMulti,
};

/** Not those of the facts, which may be another machine's. */
function knownProcessors(): number {
  const cpus = possibleProcessors();
  if (cpus !== undefined) return cpus;
  throw new BackendError('system', 'how many processors this machine may have is not told', {
    hints: ['/sys/devices/system/cpu/possible must be readable: mount sysfs on /sys'],
  });
}

/** What an errno of attaching means (spec 15 R15-43). */
function attachReason({ errno }: SysError): string {
  switch (errno) {
    case 'EBUSY':
      return ' (the function is held by another direct call, a live patch for instance)';
    case 'E2BIG':
      return ' (a function takes 38 such programs)';
    case 'EILSEQ':
      return ' (no instruction begins there)';
    case 'EINVAL':
      return ' (the kernel lets nobody trace it)';
    default:
      return '';
  }
}

function asBackendError(error: unknown): unknown {
  if (!(error instanceof SysError)) return error;
  const hints = error.code === 'no-ffi' ? ['npm install koffi; or --backend tracefs'] : [];
  return new BackendError(error.code === 'call' ? 'system' : 'unsupported', error.message, {
    hints,
    cause: error,
  });
}
